/// How far MariaDB's groups have come: the last GTID of each domain, as in `gtid_slave_pos` and `gtid_binlog_pos`.
///
///     var position = try MariaDBGTIDPosition(parsing: "0-1-42,1-2-7")
///     position.advance(to: try MariaDBGTID(parsing: "0-3-43"))
///     position.description  // "0-3-43,1-2-7"
public struct MariaDBGTIDPosition: Hashable, Sendable {
    /// By domain, one of each.
    public private(set) var gtids: [MariaDBGTID] = []

    public init() {}

    public var isEmpty: Bool { gtids.isEmpty }

    /// Reads GTIDs with commas between them; the empty text is the empty position.
    ///
    /// - Throws: `CodecError` with the offset of the part that does not fit; `invalid` for a domain that stands twice, as in MariaDB.
    public init(parsing text: some StringProtocol) throws(CodecError) {
        let bytes = Array(text.utf8)
        var reader = GTIDTextReader(bytes.span.bytes)
        reader.skipWhitespace()
        if reader.isAtEnd { return }
        var parsed: [MariaDBGTID] = []
        while true {
            parsed.append(try MariaDBGTID(from: &reader))
            reader.skipWhitespace()
            if reader.isAtEnd { break }
            guard reader.consume(",") else { throw reader.invalid("expected ',' or the end") }
            reader.skipWhitespace()
        }
        gtids = parsed.sorted { $0.domain < $1.domain }
        for (first, second) in zip(gtids, gtids.dropFirst()) where first.domain == second.domain {
            throw CodecError(.invalid, at: 0, "domain \(first.domain) stands twice: \(first) and \(second)")
        }
    }

    /// The last GTID of a domain.
    public subscript(domain: UInt32) -> MariaDBGTID? {
        let index = index(of: domain)
        return index < gtids.count && gtids[index].domain == domain ? gtids[index] : nil
    }

    /// Whether the position is at or behind the GTID in its domain.
    public func includes(_ gtid: MariaDBGTID) -> Bool { self[gtid.domain].map { $0.sequence >= gtid.sequence } ?? false }

    /// Takes a group's GTID, which is the last of its domain from now on, whatever its number.
    public mutating func advance(to gtid: MariaDBGTID) {
        let index = index(of: gtid.domain)
        if index < gtids.count, gtids[index].domain == gtid.domain { gtids[index] = gtid } else { gtids.insert(gtid, at: index) }
    }

    /// Where the domain stands, or belongs.
    private func index(of domain: UInt32) -> Int {
        var (low, high) = (0, gtids.count)
        while low < high {
            let middle = (low + high) / 2
            if gtids[middle].domain < domain { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Appends the GTIDs by domain, with commas between them.
    public func appendText(to bytes: inout [UInt8]) {
        for (index, gtid) in gtids.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            gtid.appendText(to: &bytes)
        }
    }
}

extension MariaDBGTIDPosition: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
