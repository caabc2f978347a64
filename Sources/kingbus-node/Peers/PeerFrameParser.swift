import Common
import NIOCore

/// Cuts what a connection receives into frames, and gives the bodies of data frames piece by piece as they come, so that a payload is
/// copied once: to where it stays.
///
///     parser.feed(buffer)
///     while let part = try parser.next() { … }
///
/// Bytes of a data frame are given before its checksum is known: they count only with the `dataEnd` behind them.
struct PeerFrameParser {
    enum Part {
        /// A whole frame of any kind but data, its checksum verified.
        case frame(PeerFrame.Kind, PeerFrame.Flags, body: ByteBuffer)
        case data(ByteBuffer)
        case dataEnd
    }

    private enum State {
        case header
        case body(PeerFrame.Kind, PeerFrame.Flags, byteCount: Int)
        case data(remaining: Int, checksum: UInt32)
        case dataChecksum(UInt32)
    }

    /// The longest body that is taken now.
    var maxBodyBytes = PeerFrame.maxGreetingBytes
    /// Whether data frames are taken now.
    var takesData = false
    private var state = State.header
    private var buffer = ByteBuffer()

    /// Bytes that were fed and are not given yet.
    var bufferedBytes: Int { buffer.readableBytes }

    mutating func feed(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next `count` bytes, which are no frames; nil where there are fewer.
    mutating func bytes(_ count: Int) -> [UInt8]? { buffer.readBytes(length: count) }

    /// Everything received and not given yet, to be judged where it is no frame.
    var pending: ByteBuffer { buffer }

    mutating func next() throws(CodecError) -> Part? {
        while true {
            switch state {
            case .header:
                guard let (kind, flags, count) = try header() else { return nil }
                guard kind == .data else {
                    state = .body(kind, flags, byteCount: count)
                    continue
                }
                let checksum = buffer.readChecksum(PeerFrame.headerByteCount, continuing: 0)
                buffer.moveReaderIndex(forwardBy: PeerFrame.headerByteCount)
                state = .data(remaining: count, checksum: checksum)
            case .body(let kind, let flags, let count):
                guard buffer.readableBytes >= PeerFrame.byteCount(ofBody: count) else { return nil }
                let checksum = buffer.readChecksum(PeerFrame.headerByteCount + count, continuing: 0)
                buffer.moveReaderIndex(forwardBy: PeerFrame.headerByteCount)
                guard let body = buffer.readSlice(length: count) else { return nil }
                try verify(checksum)
                state = .header
                return .frame(kind, flags, body: body)
            case .data(let remaining, let checksum):
                guard remaining > 0 else {
                    state = .dataChecksum(checksum)
                    continue
                }
                let count = min(remaining, buffer.readableBytes)
                guard count > 0 else { return nil }
                let next = buffer.readChecksum(count, continuing: checksum)
                guard let piece = buffer.readSlice(length: count) else { return nil }
                state = .data(remaining: remaining - count, checksum: next)
                return .data(piece)
            case .dataChecksum(let checksum):
                guard buffer.readableBytes >= PeerFrame.trailerByteCount else { return nil }
                try verify(checksum)
                state = .header
                return .dataEnd
            }
        }
    }

    private func header() throws(CodecError) -> (PeerFrame.Kind, PeerFrame.Flags, Int)? {
        let start = buffer.readerIndex
        guard buffer.readableBytes >= PeerFrame.headerByteCount, let kindByte: UInt8 = buffer.getInteger(at: start),
            let flagsByte: UInt8 = buffer.getInteger(at: start + 1),
            let count: UInt32 = buffer.getInteger(at: start + 2, endianness: .little)
        else { return nil }
        guard let kind = PeerFrame.Kind(rawValue: kindByte) else {
            throw CodecError(.invalid, at: 0, "frame kind \(kindByte) is unknown")
        }
        let flags = PeerFrame.Flags(rawValue: flagsByte)
        let allowed: PeerFrame.Flags = kind == .response ? [.continues, .failed] : kind.isDivisible ? .continues : []
        guard allowed.isSuperset(of: flags) else {
            throw CodecError(.invalid, at: 1, "frame flags \(flagsByte) are impossible for \(kind)")
        }
        guard count <= maxBodyBytes else { throw CodecError(.invalid, at: 2, "a frame of \(count) bytes is too long") }
        if kind == .data {
            guard takesData, count > 0, count <= PeerFrame.maxDataBytes else {
                throw CodecError(.invalid, at: 2, "a data frame of \(count) bytes stands where none may")
            }
        }
        return (kind, flags, Int(count))
    }

    private mutating func verify(_ checksum: UInt32) throws(CodecError) {
        guard let stored: UInt32 = buffer.readInteger(endianness: .little), stored == checksum else {
            throw CodecError(.checksumMismatch, at: 0, "a frame's CRC-32C is wrong")
        }
    }
}

extension ByteBuffer {
    /// CRC-32C of the next `count` readable bytes, which stay readable.
    fileprivate func readChecksum(_ count: Int, continuing checksum: UInt32) -> UInt32 {
        withUnsafeReadableBytes { bytes in
            CRC32C.checksum(
                of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<count])), continuing: checksum)
        }
    }
}
