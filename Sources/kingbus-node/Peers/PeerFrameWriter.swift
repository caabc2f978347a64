import Common
import NIOCore

/// Frames are written straight into the buffer that goes to the socket.
extension ByteBuffer {
    /// Appends a frame whose body, exactly `count` bytes, `fill` writes.
    mutating func writeFrame(
        _ kind: PeerFrame.Kind, _ flags: PeerFrame.Flags = [], count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows {
        precondition(count <= PeerFrame.maxBodyBytes)
        let total = PeerFrame.byteCount(ofBody: count)
        try writeWithUnsafeMutableBytes(minimumWritableBytes: total) { bytes in
            bytes[0] = kind.rawValue
            bytes[1] = flags.rawValue
            bytes.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 2, as: UInt32.self)
            let end = PeerFrame.headerByteCount + count
            try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[PeerFrame.headerByteCount..<end]))
            let checksum = CRC32C.checksum(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<end])))
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: end, as: UInt32.self)
            return total
        }
    }

    mutating func writeFrame(_ kind: PeerFrame.Kind, _ flags: PeerFrame.Flags = [], body: [UInt8]) {
        writeFrame(kind, flags, count: body.count) { target in body.withUnsafeBytes { target.copyMemory(from: $0) } }
    }
}

extension PeerFrame {
    /// The bodies of a request, response or report, in as many frames as it takes; all but the last are to be flagged `continues`.
    ///
    /// - Parameter id: stands first in each; nil for reports.
    static func pieces(id: UInt64?, _ body: [UInt8]) -> [[UInt8]] {
        precondition(body.count <= maxRequestBytes)
        var pieces: [[UInt8]] = []
        var rest = body[...]
        repeat {
            var piece: [UInt8] = []
            if let id { piece.append(littleEndian: id) }
            piece += rest.prefix(maxDataBytes)
            rest = rest.dropFirst(maxDataBytes)
            pieces.append(piece)
        } while !rest.isEmpty
        return pieces
    }

    /// All frames of a request, response or report in one buffer.
    static func frames(_ kind: Kind, id: UInt64?, _ body: [UInt8]) -> ByteBuffer {
        precondition(kind.isDivisible)
        let pieces = pieces(id: id, body)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(pieces.reduce(0) { $0 + byteCount(ofBody: $1.count) })
        for (number, piece) in pieces.enumerated() { buffer.writeFrame(kind, number + 1 < pieces.count ? .continues : [], body: piece) }
        return buffer
    }
}
