import Common
import Log
import NIOCore

/// An entry whose payload comes in pieces: into memory, or into a spool where it is large and a part of a transaction.
struct IncomingEntry {
    private enum Sink {
        case memory([UInt8])
        case spool(Spool)
    }

    let header: EntryHeader
    private(set) var remaining: UInt64
    private var sink: Sink
    /// Of the payload as far as it came; a spool keeps its own.
    private var checksum: UInt32 = 0

    /// - Parameter body: of an entry frame: the header and nothing more.
    /// - Throws: ``CodecError`` where it is none; ``LogError`` where a spool cannot be made.
    init(decoding body: ByteBuffer, sharing previous: EntryHeader?, spoolDirectory: String, limit: UInt64 = EntryHeader.maxPayloadBytes)
        throws
    {
        let header = try body.withUnsafeReadableBytes { bytes throws(CodecError) in
            try EntryHeader(decoding: RawSpan(_unsafeBytes: bytes), sharing: previous)
        }
        guard header.byteCount == body.readableBytes else {
            throw CodecError(.invalid, at: header.byteCount, "an entry's frame is longer than its header")
        }
        guard header.payloadLength <= limit else {
            throw CodecError(.invalid, at: 48, "a payload of \(header.payloadLength) bytes is too large here")
        }
        guard header.kind != .noop || header.payloadLength == 0 else {
            throw CodecError(.invalid, at: 48, "an entry of kind \(header.kind) has no payload")
        }
        self.header = header
        remaining = header.payloadLength
        // What bears on the state is folded from memory: a leader keeps it there too, with one event of the largest size behind others.
        let isFolded = header.kind != .events || header.chunk == .whole || header.chunk == .begin
        guard !isFolded || header.payloadLength <= PeerFrame.maxFoldedBytes else {
            throw CodecError(.invalid, at: 48, "a payload of \(header.payloadLength) bytes is too large for an entry of its kind")
        }
        if !isFolded, header.payloadLength > PeerFrame.maxPayloadBytesInMemory {
            sink = .spool(try Spool(directory: spoolDirectory))
        } else {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Int(header.payloadLength))
            sink = .memory(bytes)
        }
    }

    /// Takes the next bytes of the payload.
    mutating func append(_ piece: ByteBuffer) throws {
        guard UInt64(piece.readableBytes) <= remaining else {
            throw CodecError(.invalid, at: 0, "entry \(header.index) has more bytes than its header says")
        }
        remaining -= UInt64(piece.readableBytes)
        switch sink {
        case .spool(let spool): try piece.withUnsafeReadableBytes { try spool.append(RawSpan(_unsafeBytes: $0)) }
        case .memory(var bytes):
            sink = .memory([])
            piece.withUnsafeReadableBytes { piece in
                checksum = CRC32C.checksum(of: RawSpan(_unsafeBytes: piece), continuing: checksum)
                bytes.append(contentsOf: piece)
            }
            sink = .memory(bytes)
        }
    }

    /// The entry, all of whose bytes have come.
    ///
    /// - Throws: ``CodecError`` where the payload's checksum is not the header's.
    func finished() throws(CodecError) -> LogEntry {
        precondition(remaining == 0)
        let payload: EntryPayload
        let found: UInt32
        switch sink {
        case .memory(let bytes):
            payload = header.kind == .noop ? .none : .bytes(bytes)
            found = checksum
        case .spool(let spool):
            payload = .spool(spool)
            found = spool.crc32c
        }
        guard found == header.payloadChecksum else {
            throw CodecError(.checksumMismatch, at: 0, "the payload of entry \(header.index) has a wrong CRC-32C")
        }
        return LogEntry(header: header, payload: payload)
    }
}
