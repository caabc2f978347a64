import Common
import NIOCore

/// What comes back on a connection that this node dialed: answers, and responses to requests.
struct OutboundSession {
    enum Action {
        case answer(PeerAnswer)
        /// - Parameter isRefused: the other side had no answer to give.
        case response(UInt64, [UInt8], isRefused: Bool)
    }

    private enum State {
        case preface
        case answer
        case open
    }

    private var state = State.preface
    private var parser = PeerFrameParser()
    private var pieces = PeerPieces()

    mutating func feed(_ bytes: ByteBuffer) { parser.feed(bytes) }

    /// The first bytes, as long as they have not been taken for a preface.
    var beginning: [UInt8] {
        guard case .preface = state else { return [] }
        return Array(parser.pending.readableBytesView.prefix(PeerPreface.byteCount))
    }

    /// - Throws: ``CodecError`` where the bytes are wrong, ``PeerError`` where no node of Kingbus speaks so.
    mutating func next() throws -> Action? {
        switch state {
        case .preface:
            let beginning = beginning
            let known = min(beginning.count, PeerPreface.magic.count)
            guard beginning.prefix(known).elementsEqual(PeerPreface.magic.prefix(known)) else {
                guard let stranger = PeerStranger(answering: beginning) else { return nil }
                throw PeerError(.foreign, "what answers there speaks \(stranger.description): is this the peer address of a node?")
            }
            guard let preface = parser.bytes(PeerPreface.byteCount) else { return nil }
            // What another version answers is still an answer, which says why.
            _ = try PeerPreface.decode(preface.span.bytes)
            state = .answer
            return try next()
        case .answer:
            guard let part = try parser.next() else { return nil }
            guard case .frame(.answer, _, let body) = part else { throw CodecError(.invalid, at: 0, "no answer came first") }
            state = .open
            parser.maxBodyBytes = PeerFrame.maxBodyBytes
            return .answer(try PeerAnswer(decoding: body))
        case .open:
            while let part = try parser.next() {
                switch part {
                case .frame(.answer, _, let body): return .answer(try PeerAnswer(decoding: body))
                case .frame(.response, let flags, let body):
                    guard let (id, bytes) = try pieces.take(.response, flags, body) else { continue }
                    return .response(id, bytes, isRefused: flags.contains(.failed))
                default: throw CodecError(.invalid, at: 0, "a frame that a listener does not send")
                }
            }
            return nil
        }
    }
}

extension PeerAnswer {
    /// - Parameter body: of an answer frame.
    init(decoding body: ByteBuffer) throws(CodecError) {
        self = try body.withUnsafeReadableBytes { bytes throws(CodecError) in try PeerAnswer(decoding: RawSpan(_unsafeBytes: bytes)) }
    }
}
