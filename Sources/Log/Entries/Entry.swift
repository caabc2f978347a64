import Common

/// An entry of the log as it is proposed, sent and written: its header, chain and checksum set, and its payload.
public struct Entry: Sendable {
    public let header: EntryHeader
    public let payload: EntryPayload

    /// An entry whose header came with it, as from another node.
    ///
    /// The payload's length must be what the header says; whether its checksum is right is for the caller to know.
    public init(header: EntryHeader, payload: EntryPayload) {
        precondition(header.payloadLength == payload.byteCount)
        self.header = header
        self.payload = payload
    }
}

/// The bytes of an entry behind its header.
public enum EntryPayload: Sendable {
    /// Only for entries of kind ``EntryKind/noop``.
    case none
    case bytes([UInt8])
    /// An event too large for memory.
    case spool(Spool)

    public var byteCount: UInt64 {
        switch self {
        case .none: 0
        case .bytes(let bytes): UInt64(bytes.count)
        case .spool(let spool): spool.byteCount
        }
    }

    /// CRC-32C of the bytes.
    public var checksum: UInt32 {
        switch self {
        case .none: 0
        case .bytes(let bytes): CRC32C.checksum(of: bytes.span.bytes)
        case .spool(let spool): spool.crc32c
        }
    }
}
