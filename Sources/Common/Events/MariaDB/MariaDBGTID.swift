/// The global identifier of one group of events in MariaDB: domain, server, sequence number.
///
///     let gtid = try MariaDBGTID(parsing: "0-1-42")
///     gtid.sequence  // 42
///
/// Groups of one domain come in an order that holds everywhere, those of different domains in any; the server says who wrote the group
/// first. Source: "Global Transaction ID" in MariaDB's documentation.
public struct MariaDBGTID: Hashable, Sendable {
    public var domain: UInt32
    public var server: UInt32
    public var sequence: UInt64

    public init(domain: UInt32, server: UInt32, sequence: UInt64) {
        self.domain = domain
        self.server = server
        self.sequence = sequence
    }

    /// Reads `domain-server-sequence`.
    ///
    /// - Throws: `CodecError` with the offset of the part that does not fit.
    public init(parsing text: some StringProtocol) throws(CodecError) {
        let bytes = Array(text.utf8)
        var reader = GTIDTextReader(bytes.span.bytes)
        reader.skipWhitespace()
        self = try MariaDBGTID(from: &reader)
        reader.skipWhitespace()
        try reader.expectEnd()
    }

    /// Reads a GTID that others may follow.
    init(from reader: inout GTIDTextReader) throws(CodecError) {
        domain = UInt32(try reader.number(in: 0...UInt64(UInt32.max)))
        guard reader.consume("-") else { throw reader.invalid("expected '-' behind the domain") }
        server = UInt32(try reader.number(in: 0...UInt64(UInt32.max)))
        guard reader.consume("-") else { throw reader.invalid("expected '-' behind the server") }
        sequence = try reader.number(in: 0...UInt64.max)
    }

    /// Appends `domain-server-sequence`.
    public func appendText(to bytes: inout [UInt8]) {
        bytes.append(digitsOf: UInt64(domain))
        bytes.append(UInt8(ascii: "-"))
        bytes.append(digitsOf: UInt64(server))
        bytes.append(UInt8(ascii: "-"))
        bytes.append(digitsOf: sequence)
    }
}

extension MariaDBGTID: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
