/// A transaction source identifier, in MySQL's words: what one sequence of GTID numbers belongs to, a source and a tag.
public struct TSID: Hashable, Sendable {
    public var source: SourceID
    /// Empty for the source's untagged sequence.
    public var tag: GTIDTag

    public init(source: SourceID, tag: GTIDTag = .none) {
        self.source = source
        self.tag = tag
    }

    /// Appends `source` or `source:tag`.
    public func appendText(to bytes: inout [UInt8]) {
        source.appendText(to: &bytes)
        guard !tag.isEmpty else { return }
        bytes.append(UInt8(ascii: ":"))
        tag.appendText(to: &bytes)
    }
}

extension TSID: Comparable {
    /// By source, then by tag with the empty one first: the order of GTID sets in text and in bytes.
    public static func < (left: TSID, right: TSID) -> Bool {
        left.source != right.source ? left.source < right.source : left.tag < right.tag
    }
}

extension TSID: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
