/// A set of MariaDB's GTIDs: of each domain and server, ranges of sequence numbers.
///
///     let set = try MariaDBGTIDSet(parsing: "0-1-42,1-2-10:20")
///     set.contains(try MariaDBGTID(parsing: "1-2-15"))  // true
///
/// It is no position: `0-1-42` is this one group and none before it. See ``MariaDBGTIDPosition``.
public struct MariaDBGTIDSet: Hashable, Sendable {
    private struct Origin: Hashable, Comparable {
        var domain: UInt32
        var server: UInt32

        init(_ gtid: MariaDBGTID) { (domain, server) = (gtid.domain, gtid.server) }

        static func < (left: Origin, right: Origin) -> Bool { (left.domain, left.server) < (right.domain, right.server) }
    }

    private var ranges: [Origin: GTIDRanges] = [:]

    public init() {}

    public var isEmpty: Bool { ranges.isEmpty }

    /// Reads GTIDs, and ranges as `domain-server-first:last`, with commas between them; the empty text is the empty set.
    ///
    /// - Throws: `CodecError` with the offset of the part that does not fit; `invalid` for a range that ends before it begins.
    public init(parsing text: some StringProtocol) throws(CodecError) {
        let bytes = Array(text.utf8)
        var reader = GTIDTextReader(bytes.span.bytes)
        reader.skipWhitespace()
        if reader.isAtEnd { return }
        while true {
            let first = try MariaDBGTID(from: &reader)
            let last = reader.consume(":") ? try reader.number(in: GTID.validNumbers) : first.sequence
            guard GTID.validNumbers.contains(first.sequence), first.sequence <= last else {
                throw reader.invalid("\(first.sequence) to \(last) is no range of sequence numbers")
            }
            _ = ranges[Origin(first), default: GTIDRanges()].insert(first.sequence...last)
            reader.skipWhitespace()
            if reader.isAtEnd { return }
            guard reader.consume(",") else { throw reader.invalid("expected ',' or the end") }
            reader.skipWhitespace()
        }
    }

    public func contains(_ gtid: MariaDBGTID) -> Bool { ranges[Origin(gtid)]?.contains(gtid.sequence) ?? false }

    /// Adds a GTID; returns whether it was not there. A sequence number that no server gives out is not kept.
    @discardableResult
    public mutating func insert(_ gtid: MariaDBGTID) -> Bool {
        guard GTID.validNumbers.contains(gtid.sequence) else { return true }
        return ranges[Origin(gtid), default: GTIDRanges()].insert(gtid.sequence...gtid.sequence)
    }
}

extension MariaDBGTIDSet: CustomStringConvertible {
    /// By domain and server, as it is read.
    public var description: String {
        ranges.sorted { $0.key < $1.key }.flatMap { origin, ranges in
            ranges.map { range in
                let name = "\(origin.domain)-\(origin.server)-\(range.lowerBound)"
                return range.count == 1 ? name : "\(name):\(range.upperBound)"
            }
        }.joined(separator: ",")
    }
}
