/// `GET /v1/segments`: a list, oldest file first.
struct SegmentsAnswer: Codable, Hashable, Sendable {
    var segments: [SegmentAnswer]

    init(segments: [SegmentAnswer]) {
        self.segments = segments
    }

    init(from decoder: any Decoder) throws {
        segments = try decoder.singleValueContainer().decode([SegmentAnswer].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(segments)
    }
}
