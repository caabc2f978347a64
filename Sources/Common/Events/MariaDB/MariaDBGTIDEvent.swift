/// MariaDB's GTID: a group of events begins, and this is its identity. It also stands for the group's BEGIN or XA START.
///
///     let event = try MariaDBGTIDEvent(decoding: bytes, checksum: .crc32)
///     print(event.gtid)  // 0-1-42
///
/// Source: `Gtid_log_event` in MariaDB's `log_event.h` and `.cc`; short events are filled up with zeros.
public struct MariaDBGTIDEvent: ~Escapable {
    public struct Flags: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The group is one statement, without a COMMIT behind it.
        public static let standalone = Flags(rawValue: 0x01)
        /// The group was committed together with others of the same ``MariaDBGTIDEvent/commitID``.
        public static let groupCommit = Flags(rawValue: 0x02)
        /// The group can be rolled back.
        public static let transactional = Flags(rawValue: 0x04)
        /// Replicas may apply the group beside others (skip_parallel_replication=0).
        public static let allowParallel = Flags(rawValue: 0x08)
        /// The group waited for a lock on its source.
        public static let waited = Flags(rawValue: 0x10)
        public static let ddl = Flags(rawValue: 0x20)
        /// The group ends with XA PREPARE, and begins with XA START.
        public static let preparedXA = Flags(rawValue: 0x40)
        /// The group is an XA COMMIT or XA ROLLBACK.
        public static let completedXA = Flags(rawValue: 0x80)
    }

    /// Flags that came later (`FL_…_E1`), from 10.5 on.
    public struct ExtraFlags: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// More than one engine takes part: see ``MariaDBGTIDEvent/extraEngineCount``.
        public static let multipleEngines = ExtraFlags(rawValue: 0x01)
        /// The first half of a two-phase ALTER TABLE (binlog_alter_two_phase=ON, from 10.8 on).
        public static let startAlter = ExtraFlags(rawValue: 0x02)
        public static let commitAlter = ExtraFlags(rawValue: 0x04)
        public static let rollbackAlter = ExtraFlags(rawValue: 0x08)
        /// The connection that wrote the group is named, from 11.5 on.
        public static let threadID = ExtraFlags(rawValue: 0x10)

        /// Whether a two-phase ALTER TABLE ends, one way or the other.
        public var endsAlter: Bool { !isDisjoint(with: [.commitAlter, .rollbackAlter]) }
    }

    /// Bytes that two parts of an XID have at most, each.
    private static let maxXIDPartLength = 64

    public let gtid: MariaDBGTID
    public let flags: Flags
    public let extraFlags: ExtraFlags
    /// Groups that were committed together have the same; nil without ``Flags/groupCommit``.
    public let commitID: UInt64?
    /// Whether the XID's parts below are there: with ``Flags/preparedXA`` and ``Flags/completedXA``.
    public var hasXID: Bool { !flags.isDisjoint(with: [.preparedXA, .completedXA]) }
    public let formatID: UInt32
    /// At most 64 bytes.
    public let globalID: RawSpan
    /// At most 64 bytes.
    public let branchQualifier: RawSpan
    /// How many engines take part beside the first, 255 where the server did not count; nil without ``ExtraFlags/multipleEngines``.
    public let extraEngineCount: UInt8?
    /// The sequence number of the group that began the ALTER TABLE that this one ends.
    public let alterStartSequence: UInt64?
    /// The connection that wrote the group.
    public let threadID: UInt64?

    /// Reads a whole event.
    ///
    /// - Throws: `invalid` for the sequence number 0, which no group has, or an XID that is too long.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let header = try EventHeader(decoding: event)
        let body = try eventBody(event, is: .mariaDBGTID, checksum: checksum)
        var reader = ByteReader(body)
        let sequence = try reader.uint64()
        guard sequence > 0 else { throw CodecError(.invalid, at: EventHeader.byteCount, "a group has the sequence number 0") }
        gtid = MariaDBGTID(domain: try reader.uint32(), server: header.serverID, sequence: sequence)
        flags = Flags(rawValue: try reader.uint8())
        commitID = flags.contains(.groupCommit) ? try reader.uint64() : nil
        if flags.isDisjoint(with: [.preparedXA, .completedXA]) {
            formatID = 0
            globalID = body.extracting(0..<0)
            branchQualifier = body.extracting(0..<0)
        } else {
            formatID = try reader.uint32()
            let globalLength = Int(try reader.uint8())
            let branchLength = Int(try reader.uint8())
            guard globalLength <= Self.maxXIDPartLength, branchLength <= Self.maxXIDPartLength else {
                throw CodecError(
                    .invalid, at: EventHeader.byteCount + reader.offset,
                    "an XID's parts have at most \(Self.maxXIDPartLength) bytes, not \(globalLength) and \(branchLength)")
            }
            globalID = try reader.bytes(globalLength)
            branchQualifier = try reader.bytes(branchLength)
        }
        extraFlags = ExtraFlags(rawValue: reader.isAtEnd ? 0 : try reader.uint8())
        extraEngineCount = extraFlags.contains(.multipleEngines) ? try reader.uint8() : nil
        alterStartSequence = extraFlags.endsAlter ? try reader.uint64() : nil
        // Four bytes or eight; what fills the event up is zeros.
        threadID = extraFlags.contains(.threadID) ? try reader.integer(byteCount: min(reader.remaining, 8)) : nil
    }

    /// The XID as the text of statements has it: `X'6b31',X'62',3`.
    public func appendXID(to text: inout [UInt8]) {
        Self.append(globalID, to: &text)
        text.append(UInt8(ascii: ","))
        Self.append(branchQualifier, to: &text)
        text.append(UInt8(ascii: ","))
        text.append(digitsOf: UInt64(formatID))
    }

    private static func append(_ part: RawSpan, to text: inout [UInt8]) {
        text.append(contentsOf: [UInt8(ascii: "X"), UInt8(ascii: "'")])
        for index in 0..<part.byteCount {
            let byte = part.byte(at: index)
            for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit) }
        }
        text.append(UInt8(ascii: "'"))
    }
}
