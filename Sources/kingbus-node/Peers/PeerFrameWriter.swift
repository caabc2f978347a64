import Common
import NIOCore

/// Writes frames into buffers that go to the socket as they are.
struct PeerFrameWriter {
    private let allocator: ByteBufferAllocator

    init(allocator: ByteBufferAllocator) { self.allocator = allocator }

    /// A frame whose body `fill` writes: exactly `count` bytes, straight into the frame.
    func frame(
        _ kind: PeerFrame.Kind, _ flags: PeerFrame.Flags = [], count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows -> ByteBuffer {
        precondition(count <= PeerFrame.maxBodyBytes)
        let total = PeerFrame.byteCount(ofBody: count)
        var buffer = allocator.buffer(capacity: total)
        try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { bytes in
            bytes[0] = kind.rawValue
            bytes[1] = flags.rawValue
            bytes.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 2, as: UInt32.self)
            let end = PeerFrame.headerByteCount + count
            try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[PeerFrame.headerByteCount..<end]))
            let checksum = CRC32C.checksum(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<end])))
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: end, as: UInt32.self)
            return total
        }
        return buffer
    }

    func frame(_ kind: PeerFrame.Kind, _ flags: PeerFrame.Flags = [], _ body: [UInt8]) -> ByteBuffer {
        frame(kind, flags, count: body.count) { target in body.withUnsafeBytes { target.copyMemory(from: $0) } }
    }

    /// A request, response or report in as many frames as it takes.
    ///
    /// - Parameter id: stands first in each; nil for reports.
    func frames(_ kind: PeerFrame.Kind, id: UInt64?, _ body: [UInt8]) -> [ByteBuffer] {
        precondition(kind.isDivisible && body.count <= PeerFrame.maxRequestBytes)
        var frames: [ByteBuffer] = []
        var rest = body[...]
        repeat {
            var piece: [UInt8] = []
            if let id { piece.append(littleEndian: id) }
            piece += rest.prefix(PeerFrame.maxDataBytes)
            rest = rest.dropFirst(PeerFrame.maxDataBytes)
            frames.append(frame(kind, rest.isEmpty ? [] : .continues, piece))
        } while !rest.isEmpty
        return frames
    }
}
