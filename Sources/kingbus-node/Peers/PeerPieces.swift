import Common
import NIOCore

/// Puts a request, response or report together from its frames, which come one behind the other.
struct PeerPieces {
    private var kind: PeerFrame.Kind?
    private var id: UInt64 = 0
    private var bytes: [UInt8] = []

    /// Takes a frame of a divisible kind.
    ///
    /// - Returns: the id (0 for a report) and all bytes, once they are complete.
    /// - Throws: ``CodecError`` where the frame does not continue what was begun, or there is too much of it.
    mutating func take(
        _ kind: PeerFrame.Kind, _ flags: PeerFrame.Flags, _ body: ByteBuffer
    ) throws(CodecError) -> (id: UInt64, bytes: [UInt8])? {
        var body = body
        var id: UInt64 = 0
        if kind != .report {
            guard let read: UInt64 = body.readInteger(endianness: .little) else {
                throw CodecError(.truncated, at: body.readerIndex, "a \(kind) without an id")
            }
            id = read
        }
        if let begun = self.kind {
            guard begun == kind, self.id == id else { throw CodecError(.invalid, at: 0, "a \(kind) stands inside a \(begun)") }
        }
        guard bytes.count + body.readableBytes <= PeerFrame.maxRequestBytes else {
            throw CodecError(.invalid, at: 0, "a \(kind) of more than \(PeerFrame.maxRequestBytes) bytes")
        }
        bytes += body.readableBytesView
        guard !flags.contains(.continues) else {
            // An endless row of empty pieces would never be more than the limit.
            guard body.readableBytes > 0 else { throw CodecError(.invalid, at: 0, "an empty piece of a \(kind)") }
            self.kind = kind
            self.id = id
            return nil
        }
        defer {
            self.kind = nil
            bytes = []
        }
        return (id, bytes)
    }

    /// - Throws: ``CodecError`` where a frame of another kind may not stand here.
    func expectNothingBegun() throws(CodecError) {
        if let kind { throw CodecError(.invalid, at: 0, "a \(kind) was not completed") }
    }
}
