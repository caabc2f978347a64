/// FORMAT_DESCRIPTION: the first event of a binlog file, which says how to read the others.
///
///     let description = try FormatDescriptionEvent(decoding: bytes)
///     let checksum = description.checksum ?? .none
///
/// Source: `Format_description_event` in MySQL's `control_events.h` and `.cpp`.
public struct FormatDescriptionEvent: Hashable, Sendable {
    /// 4 from MySQL 5.0 on; no other is read.
    public static let binlogVersion: UInt16 = 4

    private static let serverVersionByteCount = 50
    private static let serverVersionOffset = EventHeader.byteCount + 2
    private static let createdOffset = serverVersionOffset + serverVersionByteCount
    private static let postHeaderLengthsOffset = createdOffset + 5

    /// The server's version, as `8.4.3`, `5.7.23-log` or `10.11.6-MariaDB`; at most 49 bytes.
    public var serverVersion: String
    /// Seconds since 1970 where a server start began the file, else 0. A replica drops its temporary tables at any other value than 0.
    public var created: UInt32
    /// Bytes of every event's header.
    public var headerLength: UInt8
    /// Bytes of the fixed part of each event type's body: that of type 1 first.
    public var postHeaderLengths: [UInt8]
    /// How the file's events end. Nil from a server before 5.6.1, which does not say: its events have no checksum.
    ///
    /// This event itself has a CRC32 wherever the value is not nil.
    public var checksum: ChecksumAlgorithm?

    public init(
        serverVersion: String, created: UInt32 = 0, headerLength: UInt8 = UInt8(EventHeader.byteCount), postHeaderLengths: [UInt8],
        checksum: ChecksumAlgorithm?
    ) {
        self.serverVersion = serverVersion
        self.created = created
        self.headerLength = headerLength
        self.postHeaderLengths = postHeaderLengths
        self.checksum = checksum
    }

    /// Reads a whole event.
    ///
    /// - Throws: `unsupported` for another binlog version, header length or checksum algorithm than those that exist today, and for the
    ///   START_V3 that begins the files of versions 1 and 3.
    public init(decoding event: RawSpan) throws(CodecError) {
        guard try EventHeader(decoding: event).type != .startV3 else {
            throw CodecError(
                .unsupported, at: EventHeader.typeOffset, "a binlog of MySQL 4.1 or older (\(EventType.startV3)) is not read")
        }
        var reader = ByteReader(try eventBody(event, is: .formatDescription, checksum: .none))
        let version = try reader.uint16()
        guard version == Self.binlogVersion else {
            throw CodecError(.unsupported, at: EventHeader.byteCount, "binlog version \(version) is not read, only \(Self.binlogVersion)")
        }
        var name = ByteReader(try reader.bytes(Self.serverVersionByteCount))
        serverVersion = try name.nullTerminated().string
        created = try reader.uint32()
        headerLength = try reader.uint8()
        guard Int(headerLength) == EventHeader.byteCount else {
            throw CodecError(
                .unsupported, at: Self.createdOffset + 4,
                "event headers of \(headerLength) bytes are not read, only \(EventHeader.byteCount)")
        }
        guard ServerVersion(parsing: serverVersion).writesChecksumAlgorithm else {
            checksum = nil
            postHeaderLengths = reader.rest().array
            return
        }
        let trailer = 1 + ChecksumAlgorithm.crc32.byteCount
        postHeaderLengths = try reader.bytes(reader.remaining - trailer).array
        let number = try reader.uint8()
        guard let algorithm = ChecksumAlgorithm(rawValue: number) else {
            throw CodecError(.unsupported, at: event.byteCount - trailer, "checksum algorithm \(number) is not known")
        }
        checksum = algorithm
    }

    /// Bytes of the fixed part of the bodies of `type`; nil where the server did not know the type.
    public func postHeaderLength(of type: EventType) -> UInt8? {
        let index = Int(type.rawValue) - 1
        return postHeaderLengths.indices.contains(index) ? postHeaderLengths[index] : nil
    }

    /// Whether events that follow one description are laid out as those that follow the other: the rest may differ.
    public func hasSameFormat(as other: FormatDescriptionEvent) -> Bool {
        serverVersion == other.serverVersion && headerLength == other.headerLength && postHeaderLengths == other.postHeaderLengths
            && checksum == other.checksum
    }
}

extension FormatDescriptionEvent {
    /// The post-header lengths of MySQL 8.0 to 9.7, types 1 to 42; row events of version 1, which 8.4 no longer knows, included.
    public static let currentPostHeaderLengths: [UInt8] = [
        0, 13, 0, 8, 0, 0, 0, 0, 4, 0, 4, 0, 0, 0, 99, 0, 4, 26, 8, 0, 0, 0, 8, 8, 8, 2, 0, 0, 0, 10, 10, 10, 42, 42, 0, 18, 52, 0, 10, 40,
        0, 0,
    ]

    /// Appends the event, as in a file of its own or made up for one that has none.
    ///
    /// `envelope.checksum` is not asked: ``checksum`` decides.
    public func encode(in envelope: EventEnvelope, into bytes: inout [UInt8]) {
        var envelope = envelope
        envelope.checksum = checksum == nil ? .none : .crc32
        envelope.encode(.formatDescription, into: &bytes) { body in
            body.append(littleEndian: Self.binlogVersion)
            let name = serverVersion.utf8.prefix(Self.serverVersionByteCount - 1)
            body.append(contentsOf: name)
            body.append(contentsOf: repeatElement(0, count: Self.serverVersionByteCount - name.count))
            body.append(littleEndian: created)
            body.append(headerLength)
            body.append(contentsOf: postHeaderLengths)
            if let checksum { body.append(checksum.rawValue) }
        }
    }

    /// Appends a copy of an event with what a server changes when it sends one: the in-use flag cleared, the fields below set, the
    /// checksum, if the event has one, computed anew.
    ///
    /// - Parameters:
    ///   - event: A whole event that ``init(decoding:)`` reads.
    ///   - created: 0 unless consumers are to drop their temporary tables and open transactions.
    ///   - endPosition: 0 where a dump begins in the middle of the file.
    ///   - serverID: Who sends it; nil leaves what is there.
    public static func encode(
        rewriting event: RawSpan, created: UInt32, endPosition: UInt32, serverID: UInt32? = nil, into bytes: inout [UInt8]
    ) throws(CodecError) {
        let description = try FormatDescriptionEvent(decoding: event)
        var header = try EventHeader(decoding: event)
        header.flags.remove(.binlogInUse)
        header.endPosition = endPosition
        header.serverID = serverID ?? header.serverID
        let start = bytes.count
        header.encode(into: &bytes)
        bytes.append(event.extracting(EventHeader.byteCount..<event.byteCount))
        bytes.store(littleEndian: created, at: start + createdOffset)
        guard description.checksum != nil else { return }
        let end = bytes.count - ChecksumAlgorithm.crc32.byteCount
        bytes.store(littleEndian: eventChecksum(of: bytes.span.bytes.extracting(start..<end)), at: end)
    }
}
