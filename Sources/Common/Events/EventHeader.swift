/// The 19 bytes that every event of binlog version 4 (MySQL 5.0 and newer) begins with.
///
///     let header = try EventHeader(decoding: bytes)
///     let next = offset + Int(header.eventLength)
///
/// Source: "Binary Log Event", Common-Header, in MySQL's source documentation.
public struct EventHeader: Hashable, Sendable {
    /// Bytes that a header takes.
    public static let byteCount = 19

    public static let typeOffset = 4
    public static let eventLengthOffset = 9
    public static let endPositionOffset = 13
    static let flagsOffset = 17

    /// Seconds since 1970, UTC; 0 on artificial events.
    public var timestamp: UInt32
    public var type: EventType
    /// The server that wrote the event first.
    public var serverID: UInt32
    /// Bytes of the whole event, header and checksum included.
    public var eventLength: UInt32
    /// Where the next event begins in the file of the server that wrote it first, modulo 2^32; 0 where the event is in no file.
    public var endPosition: UInt32
    public var flags: EventFlags

    public init(
        timestamp: UInt32 = 0, type: EventType, serverID: UInt32, eventLength: UInt32 = 0, endPosition: UInt32 = 0, flags: EventFlags = []
    ) {
        self.timestamp = timestamp
        self.type = type
        self.serverID = serverID
        self.eventLength = eventLength
        self.endPosition = endPosition
        self.flags = flags
    }

    /// Reads the header at the beginning of `span`, which may go on behind it.
    ///
    /// - Throws: `truncated` below 19 bytes; `invalid` where the event claims to be shorter than its own header.
    public init(decoding span: RawSpan) throws(CodecError) {
        guard span.byteCount >= Self.byteCount else {
            throw CodecError(.truncated, at: span.byteCount, "an event header needs \(Self.byteCount) bytes, \(span.byteCount) are there")
        }
        timestamp = UInt32(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self))
        type = EventType(rawValue: span.unsafeLoad(fromUncheckedByteOffset: Self.typeOffset, as: UInt8.self))
        serverID = UInt32(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: 5, as: UInt32.self))
        eventLength = UInt32(
            littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: Self.eventLengthOffset, as: UInt32.self))
        endPosition = UInt32(
            littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: Self.endPositionOffset, as: UInt32.self))
        flags = EventFlags(
            rawValue: UInt16(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: Self.flagsOffset, as: UInt16.self)))
        guard eventLength >= UInt32(Self.byteCount) else {
            throw CodecError(.invalid, at: Self.eventLengthOffset, "an event claims to be \(eventLength) bytes long, less than its header")
        }
    }

    /// Where the event begins in its file, of which the header says 32 bits: the nearest such place that is not before `offset`.
    public func start(notBefore offset: UInt64) -> UInt64 {
        Self.start(ofLength: eventLength, endingAt: endPosition, notBefore: offset)
    }

    /// As ``start(notBefore:)``, of an event whose length and end are known.
    public static func start(ofLength length: UInt32, endingAt end: UInt32, notBefore offset: UInt64) -> UInt64 {
        offset + UInt64((end &- length) &- UInt32(truncatingIfNeeded: offset))
    }

    /// Appends the 19 bytes.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: timestamp)
        bytes.append(type.rawValue)
        bytes.append(littleEndian: serverID)
        bytes.append(littleEndian: eventLength)
        bytes.append(littleEndian: endPosition)
        bytes.append(littleEndian: flags.rawValue)
    }
}
