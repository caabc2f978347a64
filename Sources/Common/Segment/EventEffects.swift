/// What the events of one entry change in the ``LogState``: gathered event by event, so that a large payload need not be in memory,
/// and applied once the payload's checksum is known to be right.
public struct EventEffects: Sendable {
    /// How the events end.
    let checksum: ChecksumAlgorithm
    /// Events taken so far.
    public private(set) var eventCount = 0
    private(set) var firstOpensGroup = false
    private(set) var gtids: [GTID] = []
    private(set) var formatDescription: [UInt8]?
    /// The file that the last ROTATE names, and where in it the next event stands.
    private(set) var file: [UInt8]?
    private(set) var position: UInt64 = 0

    public init(checksum: ChecksumAlgorithm) { self.checksum = checksum }

    /// Whether ``take(_:event:)`` needs the bytes behind the header.
    public static func needsBody(of type: EventType) -> Bool { type.opensGroup || type == .formatDescription || type == .rotate }

    /// How much of an entry's payload bears on the state.
    public enum Reach: Sendable {
        case all, firstEvent, nothing

        public init(_ header: EntryHeader) {
            self =
                switch (header.kind, header.chunk) {
                case (.events, .whole): .all
                case (.events, .begin): .firstEvent
                default: .nothing
                }
        }
    }

    /// Takes the next event: whole where ``needsBody(of:)`` says so, otherwise at least its header.
    public mutating func take(_ header: EventHeader, event: RawSpan) throws(CodecError) {
        if eventCount == 0 { firstOpensGroup = header.type.opensGroup }
        eventCount += 1
        position &+= UInt64(header.eventLength)
        switch header.type {
        case .gtid, .gtidTagged:
            if let gtid = try GTIDEvent(decoding: event, checksum: checksum).gtid { gtids.append(gtid) }
        case .formatDescription:
            guard (try FormatDescriptionEvent(decoding: event).checksum ?? .none) == checksum else {
                throw CodecError(.invalid, at: 0, "a FORMAT_DESCRIPTION changes the checksum algorithm inside a segment")
            }
            formatDescription = event.array
        case .rotate:
            let rotate = try RotateEvent(decoding: event, checksum: checksum)
            guard rotate.fileName.byteCount <= EntryHeader.maxFileNameBytes else {
                throw CodecError(.invalid, at: 0, "the upstream's file name is too long")
            }
            file = rotate.fileName.array
            position = rotate.position
        default: break
        }
    }

    /// Takes all of a payload that is in memory.
    public mutating func take(payload: RawSpan, reach: Reach) throws(CodecError) {
        guard reach != .nothing else { return }
        var cursor = EventCursor(payload)
        while let header = try cursor.next() {
            try take(header, event: cursor.event)
            if reach == .firstEvent { break }
        }
    }
}
