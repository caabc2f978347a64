import Common
import Log
import NIOCore
import Raft

/// What comes in on a connection that another node dialed: from its first byte to messages, requests and reports.
///
///     session.feed(buffer)
///     while let action = try session.next() { … }     // after .hello: judge, then admit(_:)
///
/// Of IO it does one thing: an entry too large for memory goes into a spool as it comes.
struct InboundSession {
    enum Action {
        /// The dialer speaks a version that this node does not. Nothing more can be read.
        case otherVersion(UInt16)
        /// To be followed by ``admit(_:from:to:)``, or by the connection's end.
        case hello(PeerHello)
        case message(IncomingMessage)
        /// Bytes came of an append, or of a founding, that is not whole yet.
        case bytes
        case request(UInt64, [UInt8])
        case report([UInt8])
        case found(LogEntry)
    }

    private enum State {
        case preface
        case hello
        /// Until it is decided whether the other side is let in; then the end, where it is not.
        case waiting
        case member(from: MemberID, to: MemberID)
        case founding
    }

    private let spoolDirectory: String
    private var state = State.preface
    private var parser = PeerFrameParser()
    private var pieces = PeerPieces()
    private var append: IncomingAppend?
    private var founding: IncomingEntry?

    init(spoolDirectory: String) { self.spoolDirectory = spoolDirectory }

    mutating func feed(_ bytes: ByteBuffer) { parser.feed(bytes) }

    /// The other side is let in, for messages.
    mutating func admit(from: MemberID, to: MemberID) {
        state = .member(from: from, to: to)
        openParser()
    }

    /// The other side may give this empty node its first entry.
    mutating func admitFounding() {
        state = .founding
        openParser()
    }

    private mutating func openParser() {
        parser.maxBodyBytes = PeerFrame.maxBodyBytes
        parser.takesData = true
    }

    /// What the received bytes ask for next; nil where they say nothing more.
    ///
    /// - Throws: ``CodecError`` where they are wrong, ``LogError`` where a spool cannot be written. The connection is then of no more use.
    mutating func next() throws -> Action? {
        switch state {
        case .preface:
            guard let preface = parser.bytes(PeerPreface.byteCount) else { return nil }
            let version = try PeerPreface.decode(preface.span.bytes)
            guard version == PeerHello.currentVersion else {
                state = .waiting
                return .otherVersion(version)
            }
            state = .hello
            return try next()
        case .hello:
            guard let part = try parser.next() else { return nil }
            guard case .frame(.hello, _, let body) = part else { throw CodecError(.invalid, at: 0, "no hello came first") }
            state = .waiting
            return .hello(try PeerHello(decoding: body))
        case .waiting: return nil
        case .member(let from, let to):
            while let part = try parser.next() {
                if let action = try receive(part, from: from, to: to) { return action }
            }
            return nil
        case .founding:
            while let part = try parser.next() {
                if let action = try receiveFounding(part) { return action }
            }
            return nil
        }
    }

    private mutating func receive(_ part: PeerFrameParser.Part, from: MemberID, to: MemberID) throws -> Action? {
        switch part {
        case .frame(let kind, let flags, let body):
            if !kind.isDivisible { try pieces.expectNothingBegun() }
            switch kind {
            case .message:
                let message = try body.withUnsafeReadableBytes { bytes throws(CodecError) in
                    try PeerMessageCodec.decode(RawSpan(_unsafeBytes: bytes))
                }
                try check(message.from, from, message.to, to)
                return .message(IncomingMessage(message: message))
            case .append:
                guard append == nil else { throw CodecError(.invalid, at: 0, "an append begins inside another one") }
                let begun = try IncomingAppend(decoding: body, spoolDirectory: spoolDirectory)
                try check(begun.from, from, begun.to, to)
                append = begun
                return .bytes
            case .entry:
                guard append != nil else { throw CodecError(.invalid, at: 0, "an entry without an append") }
                return delivered(try append?.begin(body))
            case .request: return try pieces.take(kind, flags, body).map { .request($0.id, $0.bytes) }
            case .report: return try pieces.take(kind, flags, body).map { .report($0.bytes) }
            case .hello, .answer, .data, .response, .found:
                throw CodecError(.invalid, at: 0, "a frame of kind \(kind) is impossible here")
            }
        case .data(let piece):
            guard append != nil else { throw CodecError(.invalid, at: 0, "bytes of a payload without an append") }
            try append?.take(piece)
            return .bytes
        case .dataEnd: return delivered(try append?.endOfData())
        }
    }

    /// The append, or a part of it, if it is whole with the frame that came.
    private mutating func delivered(_ message: IncomingMessage?) -> Action {
        guard let message else { return .bytes }
        if append?.isComplete == true { append = nil }
        return .message(message)
    }

    private func check(_ from: MemberID, _ member: MemberID, _ to: MemberID, _ local: MemberID) throws(CodecError) {
        guard from == member else { throw CodecError(.invalid, at: 0, "a message from another member than the one that said hello") }
        guard to == local else { throw CodecError(.invalid, at: 8, "a message to another member than this one") }
    }

    private mutating func receiveFounding(_ part: PeerFrameParser.Part) throws -> Action? {
        switch part {
        case .frame(.found, _, let body):
            guard founding == nil else { throw CodecError(.invalid, at: 0, "the first entry begins twice") }
            let entry = try IncomingEntry(
                decoding: body, sharing: nil, spoolDirectory: spoolDirectory, limit: PeerFrame.maxFoundingBytes)
            guard entry.header.index == 1, entry.header.kind == .segment else {
                throw CodecError(.invalid, at: 4, "the entry is not the first of a cluster")
            }
            founding = entry
        case .frame(let kind, _, _): throw CodecError(.invalid, at: 0, "a frame of kind \(kind) is impossible here")
        case .data(let piece):
            guard founding != nil else { throw CodecError(.invalid, at: 0, "bytes of a payload without an entry") }
            try founding?.append(piece)
            return nil
        case .dataEnd: break
        }
        guard let entry = founding, entry.remaining == 0 else { return .bytes }
        founding = nil
        state = .waiting
        return .found(try entry.finished())
    }
}

extension PeerHello {
    /// - Parameter body: of a hello frame.
    init(decoding body: ByteBuffer) throws(CodecError) {
        self = try body.withUnsafeReadableBytes { bytes throws(CodecError) in
            var reader = ByteReader(RawSpan(_unsafeBytes: bytes))
            let hello = try PeerHello(from: &reader)
            guard reader.isAtEnd else { throw CodecError(.invalid, at: reader.offset, "a hello has \(reader.remaining) bytes too many") }
            return hello
        }
    }
}
