import Common
import Raft

/// The bytes of the core's messages between nodes, little-endian: from, to, term (8 each), tag (1), then what the tag says.
///
/// | tag | body |
/// |---|---|
/// | 1 vote request | last index, last term, flags (1): bit 0 pre-vote, bit 1 transfer |
/// | 2 vote response | flags (1): bit 0 pre-vote, bit 1 granted |
/// | 3 append without entries | previous index, previous term, commit index |
/// | 4 append accepted | match index |
/// | 5 append rejected | index, hint index, hint term |
/// | 6 heartbeat | commit index, read round |
/// | 7 heartbeat response | read round |
/// | 8 commit | commit index |
/// | 9 stale term, 10 timeout now | |
/// | 11 read index | read id |
/// | 12 read index response | read id, index |
enum PeerMessageCodec {
    /// - Parameter message: an append must have no entries; one with entries begins with ``encodeAppend(_:_:)``.
    static func encode(_ message: Message) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        encodeEnvelope(message, into: &bytes)
        switch message.body {
        case .voteRequest(let request):
            bytes.append(1)
            append(request.last, to: &bytes)
            bytes.append((request.isPreVote ? 1 : 0) | (request.isTransfer ? 2 : 0))
        case .voteResponse(let isPreVote, let isGranted):
            bytes.append(2)
            bytes.append((isPreVote ? 1 : 0) | (isGranted ? 2 : 0))
        case .append(let append):
            precondition(append.entries.isEmpty)
            bytes.append(3)
            self.append(append.previous, to: &bytes)
            bytes.append(littleEndian: append.commitIndex)
        case .appendAccepted(let matchIndex):
            bytes.append(4)
            bytes.append(littleEndian: matchIndex)
        case .appendRejected(let rejection):
            bytes.append(5)
            bytes.append(littleEndian: rejection.index)
            append(rejection.hint, to: &bytes)
        case .heartbeat(let commitIndex, let readRound):
            bytes.append(6)
            bytes.append(littleEndian: commitIndex)
            bytes.append(littleEndian: readRound)
        case .heartbeatResponse(let readRound):
            bytes.append(7)
            bytes.append(littleEndian: readRound)
        case .commit(let commitIndex):
            bytes.append(8)
            bytes.append(littleEndian: commitIndex)
        case .staleTerm: bytes.append(9)
        case .timeoutNow: bytes.append(10)
        case .readIndex(let id):
            bytes.append(11)
            bytes.append(littleEndian: id.rawValue)
        case .readIndexResponse(let id, let index):
            bytes.append(12)
            bytes.append(littleEndian: id.rawValue)
            bytes.append(littleEndian: index)
        }
        return bytes
    }

    /// - Throws: ``CodecError`` where the bytes are no message. Whether its numbers are possible, the core judges.
    static func decode(_ span: RawSpan) throws(CodecError) -> Message {
        var reader = ByteReader(span)
        let (from, to, term) = try envelope(&reader)
        let tagOffset = reader.offset
        let tag = try reader.uint8()
        let body: Message.Body
        switch tag {
        case 1:
            let last = try position(&reader)
            let flags = try flags(&reader)
            body = .voteRequest(VoteRequest(last: last, isPreVote: flags & 1 != 0, isTransfer: flags & 2 != 0))
        case 2:
            let flags = try flags(&reader)
            body = .voteResponse(isPreVote: flags & 1 != 0, isGranted: flags & 2 != 0)
        case 3:
            let previous = try position(&reader)
            body = .append(Append(previous: previous, entries: [], commitIndex: try reader.uint64()))
        case 4: body = .appendAccepted(matchIndex: try reader.uint64())
        case 5:
            let index = try reader.uint64()
            body = .appendRejected(AppendRejection(index: index, hint: try position(&reader)))
        case 6:
            let commitIndex = try reader.uint64()
            body = .heartbeat(commitIndex: commitIndex, readRound: try reader.uint64())
        case 7: body = .heartbeatResponse(readRound: try reader.uint64())
        case 8: body = .commit(commitIndex: try reader.uint64())
        case 9: body = .staleTerm
        case 10: body = .timeoutNow
        case 11: body = .readIndex(ReadID(rawValue: try reader.uint64()))
        case 12:
            let id = ReadID(rawValue: try reader.uint64())
            body = .readIndexResponse(id, index: try reader.uint64())
        default: throw CodecError(.invalid, at: tagOffset, "message tag \(tag) is unknown")
        }
        guard reader.isAtEnd else { throw CodecError(.invalid, at: reader.offset, "a message has \(reader.remaining) bytes too many") }
        return Message(from: from, to: to, term: term, body: body)
    }

    // MARK: - Appends with entries

    /// The body of an append's first frame; its entries follow in frames of their own.
    static func encodeAppend(_ message: Message, _ append: Append) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        encodeEnvelope(message, into: &bytes)
        self.append(append.previous, to: &bytes)
        bytes.append(littleEndian: append.commitIndex)
        bytes.append(littleEndian: UInt32(append.entries.count))
        return bytes
    }

    /// The message, its entries still to come, and how many they are.
    static func decodeAppend(_ span: RawSpan) throws(CodecError) -> (message: Message, append: Append, count: Int) {
        var reader = ByteReader(span)
        let (from, to, term) = try envelope(&reader)
        let previous = try position(&reader)
        let append = Append(previous: previous, entries: [], commitIndex: try reader.uint64())
        let countOffset = reader.offset
        let count = try reader.uint32()
        guard count > 0, count <= PeerFrame.maxAppendEntries else {
            throw CodecError(.invalid, at: countOffset, "an append of \(count) entries")
        }
        guard previous.index <= UInt64.max - UInt64(count) else {
            throw CodecError(.invalid, at: 24, "no entry can follow index \(previous.index)")
        }
        guard reader.isAtEnd else { throw CodecError(.invalid, at: reader.offset, "an append has \(reader.remaining) bytes too many") }
        return (Message(from: from, to: to, term: term, body: .append(append)), append, Int(count))
    }

    // MARK: - Parts

    private static func encodeEnvelope(_ message: Message, into bytes: inout [UInt8]) {
        bytes.append(littleEndian: message.from.rawValue)
        bytes.append(littleEndian: message.to.rawValue)
        bytes.append(littleEndian: message.term)
    }

    private static func envelope(_ reader: inout ByteReader) throws(CodecError) -> (from: MemberID, to: MemberID, term: Term) {
        guard let from = MemberID(rawValue: try reader.uint64()), let to = MemberID(rawValue: try reader.uint64()) else {
            throw CodecError(.invalid, at: 0, "a message from or to nobody")
        }
        return (from, to, try reader.uint64())
    }

    private static func append(_ position: LogPosition, to bytes: inout [UInt8]) {
        bytes.append(littleEndian: position.index)
        bytes.append(littleEndian: position.term)
    }

    private static func position(_ reader: inout ByteReader) throws(CodecError) -> LogPosition {
        let index = try reader.uint64()
        return LogPosition(index: index, term: try reader.uint64())
    }

    private static func flags(_ reader: inout ByteReader) throws(CodecError) -> UInt8 {
        let flags = try reader.uint8()
        guard flags < 4 else { throw CodecError(.invalid, at: reader.offset - 1, "flags \(flags) are unknown") }
        return flags
    }
}
