/// MariaDB's GTID_LIST: the last GTID that each server wrote in each domain, in all files before this one.
///
/// Source: `Gtid_list_log_event` in MariaDB's `log_event.h` and `.cc`.
public struct GTIDListEvent: ~Escapable {
    public struct Flags: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The position that START SLAVE UNTIL names has been reached; only in what a source makes up for a connection.
        public static let untilReached = Flags(rawValue: 1)
        /// The groups up to these positions are left out on purpose.
        public static let ignored = Flags(rawValue: 2)
    }

    private static let entryByteCount = 16
    private static let countBits: UInt32 = 28

    public let flags: Flags
    public let count: Int
    private let entries: RawSpan

    /// Reads a whole event.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .gtidList, checksum: checksum))
        let head = try reader.uint32()
        flags = Flags(rawValue: UInt8(head >> Self.countBits))
        count = Int(head & (1 << Self.countBits - 1))
        entries = try reader.bytes(count * Self.entryByteCount)
    }

    /// The entry at `index`, below ``count``. Of a domain with several servers, the last one wrote last.
    public subscript(index: Int) -> MariaDBGTID {
        precondition(0..<count ~= index)
        let offset = index * Self.entryByteCount
        return MariaDBGTID(
            domain: UInt32(littleEndian: entries.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)),
            server: UInt32(littleEndian: entries.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)),
            sequence: UInt64(littleEndian: entries.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
    }

    /// The position that the file begins behind.
    public var position: MariaDBGTIDPosition {
        var position = MariaDBGTIDPosition()
        for index in 0..<count { position.advance(to: self[index]) }
        return position
    }
}
