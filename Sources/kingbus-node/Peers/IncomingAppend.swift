import Common
import Log
import NIOCore
import Raft

/// An append whose entries come in: checks that each follows the one before, and gives the whole once it is there.
struct IncomingAppend {
    private var message: Message
    private var append: Append
    private let count: Int
    private let spoolDirectory: String
    private var entries: [LogEntry] = []
    private var current: IncomingEntry?
    private var byteCount: UInt64 = 0

    /// - Parameter body: of an append frame.
    init(decoding body: ByteBuffer, spoolDirectory: String) throws(CodecError) {
        (message, append, count) = try body.withUnsafeReadableBytes { bytes throws(CodecError) in
            try PeerMessageCodec.decodeAppend(RawSpan(_unsafeBytes: bytes))
        }
        self.spoolDirectory = spoolDirectory
    }

    var from: MemberID { message.from }
    var to: MemberID { message.to }

    /// Takes an entry's header.
    ///
    /// - Returns: the message, where it is complete with that.
    /// - Throws: ``CodecError`` where the entry does not belong here; ``LogError`` where a spool cannot be made.
    mutating func begin(_ body: ByteBuffer) throws -> IncomingMessage? {
        guard current == nil else { throw CodecError(.invalid, at: 0, "an entry begins inside another one") }
        let entry = try IncomingEntry(decoding: body, sharing: entries.last?.header, spoolDirectory: spoolDirectory)
        let header = entry.header
        guard header.index == append.previous.index + UInt64(entries.count) + 1 else {
            throw CodecError(.invalid, at: 16, "entry \(header.index) stands where another belongs")
        }
        guard header.term >= max(1, entries.last?.header.term ?? append.previous.term), header.term <= message.term else {
            throw CodecError(.invalid, at: 8, "entry \(header.index) has the impossible term \(header.term)")
        }
        if let previous = entries.last?.header.chain, header.chain(after: previous) != header.chain {
            throw CodecError(.invalid, at: 60 + header.file.count, "entry \(header.index) does not continue the chain")
        }
        byteCount += header.payloadLength
        guard count == 1 || byteCount <= PeerFrame.maxAppendBytes else {
            throw CodecError(.invalid, at: 48, "an append of \(count) entries has more than \(PeerFrame.maxAppendBytes) bytes")
        }
        current = entry
        return try completeIfWhole()
    }

    mutating func take(_ piece: ByteBuffer) throws {
        guard current != nil else { throw CodecError(.invalid, at: 0, "bytes of a payload without an entry") }
        try current?.append(piece)
    }

    /// A data frame has ended, its checksum right.
    mutating func endOfData() throws -> IncomingMessage? { try completeIfWhole() }

    private mutating func completeIfWhole() throws(CodecError) -> IncomingMessage? {
        guard let entry = current, entry.remaining == 0 else { return nil }
        current = nil
        entries.append(try entry.finished())
        append.entries.append(coreEntry(term: entry.header.term, payloadBytes: entry.header.payloadLength))
        guard entries.count == count else { return nil }
        var whole = message
        whole.body = .append(append)
        return IncomingMessage(message: whole, entries: entries)
    }
}
