/// GTID, ANONYMOUS_GTID or GTID_TAGGED: a group of events begins, and this is its identity.
///
///     let event = try GTIDEvent(decoding: bytes, checksum: .crc32)
///     if let gtid = event.gtid, executed.contains(gtid) { … }
///
/// Fields that the writing server was too old for are nil. Source: `Gtid_event` in MySQL's `control_events.h` and `.cpp`.
public struct GTIDEvent: Hashable, Sendable {
    /// Nil for an anonymous group.
    public var gtid: GTID?
    /// Bit 0: the group may hold statements as text, not only rows.
    public var flags: UInt8
    /// The logical clock of parallel replicas: the newest group that this one depends on.
    public var lastCommitted: Int64?
    /// The logical clock of parallel replicas: this group's own number in its file.
    public var sequenceNumber: Int64?
    /// When the source committed the group, in microseconds since 1970. From 8.0 on.
    public var immediateCommitTimestamp: UInt64?
    /// When the server that wrote the group first committed it, in microseconds since 1970. From 8.0 on.
    public var originalCommitTimestamp: UInt64?
    /// Bytes of the whole group, this event included. From 8.0 on.
    public var transactionLength: UInt64?
    /// Version of the source, as 80036 for 8.0.36. From 8.0.14 on.
    public var immediateServerVersion: UInt32?
    /// Version of the server that wrote the group first.
    public var originalServerVersion: UInt32?
    /// Group replication's ticket for groups that commit together.
    public var commitGroupTicket: UInt64?

    /// When the group was committed where it was first written, in microseconds since 1970; nil where the server was too old to say.
    public var commitTime: UInt64? {
        if let originalCommitTimestamp, originalCommitTimestamp > 0 { return originalCommitTimestamp }
        return immediateCommitTimestamp
    }

    /// Reads a whole event of one of the three types.
    ///
    /// - Throws: `invalid` where the number is not one that a GTID can have, or an anonymous group has one.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let header = try EventHeader(decoding: event)
        let body = try eventBody(event, header: header, checksum: checksum)
        switch header.type {
        case .gtid, .anonymousGTID: try self.init(body: body, isAnonymous: header.type == .anonymousGTID)
        case .gtidTagged: try self.init(taggedBody: body)
        default: throw CodecError(.invalid, at: EventHeader.typeOffset, "expected a GTID event, found \(header.type)")
        }
    }

    // MARK: - GTID and ANONYMOUS_GTID

    private static let logicalTimestampTypeCode: UInt8 = 2
    private static let timestampByteCount = 7
    /// In a timestamp: the original one differs and follows.
    private static let originalTimestampFollows: UInt64 = 1 << 55
    /// In a server version: the original one differs and follows.
    private static let originalVersionFollows: UInt32 = 1 << 31

    private init(body: RawSpan, isAnonymous: Bool) throws(CodecError) {
        var reader = ByteReader(body)
        flags = try reader.uint8()
        let source = try SourceID(from: &reader)
        let numberOffset = EventHeader.byteCount + reader.offset
        let number = try reader.uint64()
        if isAnonymous {
            guard number == 0 else { throw CodecError(.invalid, at: numberOffset, "an anonymous group has the number \(number)") }
        } else {
            gtid = try Self.gtid(source: source, tag: .none, number: number, at: numberOffset)
        }
        // 5.6 ends here; 5.7.4 and older write another clock behind another type code.
        guard !reader.isAtEnd, try reader.uint8() == Self.logicalTimestampTypeCode else { return }
        lastCommitted = Int64(bitPattern: try reader.uint64())
        sequenceNumber = Int64(bitPattern: try reader.uint64())
        guard reader.remaining >= Self.timestampByteCount else { return }
        let immediate = try reader.integer(byteCount: Self.timestampByteCount)
        immediateCommitTimestamp = immediate & ~Self.originalTimestampFollows
        originalCommitTimestamp =
            immediate & Self.originalTimestampFollows == 0 ? immediate : try reader.integer(byteCount: Self.timestampByteCount)
        guard !reader.isAtEnd else { return }
        transactionLength = try reader.lengthEncodedInteger()
        guard reader.remaining >= MemoryLayout<UInt32>.size else { return }
        let version = try reader.uint32()
        immediateServerVersion = version & ~Self.originalVersionFollows
        originalServerVersion = version & Self.originalVersionFollows == 0 ? version : try reader.uint32()
        guard reader.remaining >= MemoryLayout<UInt64>.size else { return }
        commitGroupTicket = try reader.uint64()
    }

    // MARK: - GTID_TAGGED

    /// The fields' numbers, in the order of `Gtid_event::define_fields`.
    private enum Field {
        static let flags: UInt64 = 0
        static let source: UInt64 = 1
        static let number: UInt64 = 2
        static let tag: UInt64 = 3
        static let lastCommitted: UInt64 = 4
        static let sequenceNumber: UInt64 = 5
        static let immediateCommitTimestamp: UInt64 = 6
        static let originalCommitTimestamp: UInt64 = 7
        static let transactionLength: UInt64 = 8
        static let immediateServerVersion: UInt64 = 9
        static let originalServerVersion: UInt64 = 10
        static let commitGroupTicket: UInt64 = 11
        static let count = 12
    }

    private init(taggedBody body: RawSpan) throws(CodecError) {
        var message = try SerializedMessage(body, fieldCount: Field.count)
        flags = try message.moves(to: Field.flags) ? try message.byte() : 0
        try message.move(toRequired: Field.source)
        let source = SourceID(high: try Self.word(&message), low: try Self.word(&message))
        try message.move(toRequired: Field.number)
        let number = try message.signed()
        try message.move(toRequired: Field.tag)
        let tag = try GTIDTag(characters: try message.string())
        gtid = try Self.gtid(source: source, tag: tag, number: UInt64(bitPattern: number), at: EventHeader.byteCount)
        if try message.moves(to: Field.lastCommitted) { lastCommitted = try message.signed() }
        if try message.moves(to: Field.sequenceNumber) { sequenceNumber = try message.signed() }
        if try message.moves(to: Field.immediateCommitTimestamp) { immediateCommitTimestamp = try message.unsigned() }
        originalCommitTimestamp =
            try message.moves(to: Field.originalCommitTimestamp) ? try message.unsigned() : immediateCommitTimestamp
        if try message.moves(to: Field.transactionLength) { transactionLength = try message.unsigned() }
        if try message.moves(to: Field.immediateServerVersion) { immediateServerVersion = try Self.version(&message) }
        originalServerVersion =
            try message.moves(to: Field.originalServerVersion) ? try Self.version(&message) : immediateServerVersion
        if try message.moves(to: Field.commitGroupTicket) { commitGroupTicket = try message.unsigned() }
    }

    /// Eight bytes of a UUID, most significant first; each is an integer of its own.
    private static func word(_ message: inout SerializedMessage) throws(CodecError) -> UInt64 {
        var word: UInt64 = 0
        for _ in 0..<8 { word = word << 8 | UInt64(try message.byte()) }
        return word
    }

    private static func version(_ message: inout SerializedMessage) throws(CodecError) -> UInt32 {
        guard let version = UInt32(exactly: try message.unsigned()) else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "a server version exceeds 32 bits")
        }
        return version
    }

    private static func gtid(source: SourceID, tag: GTIDTag, number: UInt64, at offset: Int) throws(CodecError) -> GTID {
        guard let gtid = GTID(source: source, tag: tag, number: number) else {
            throw CodecError(.invalid, at: offset, "\(number) is no number that a GTID can have")
        }
        return gtid
    }
}
