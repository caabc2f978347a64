import Common
import Log
import NIOCore
import Raft

/// An append whose entries come in: checks that each follows the one before, and gives the whole once it is there.
///
/// Where its entries are larger than their sender thought, it is given in several parts, each an append of its own.
struct IncomingAppend {
    private var message: Message
    private var append: Append
    /// Entries that are not whole yet.
    private var left: Int
    /// Of the entry before the current one, where it came with this append.
    private var before: EntryHeader?
    private let spoolDirectory: String
    private var entries: [LogEntry] = []
    private var current: IncomingEntry?
    private var byteCount: UInt64 = 0

    /// - Parameter body: of an append frame.
    init(decoding body: ByteBuffer, spoolDirectory: String) throws(CodecError) {
        (message, append, left) = try body.withUnsafeReadableBytes { bytes throws(CodecError) in
            try PeerMessageCodec.decodeAppend(RawSpan(_unsafeBytes: bytes))
        }
        self.spoolDirectory = spoolDirectory
    }

    var from: MemberID { message.from }
    var to: MemberID { message.to }

    /// Takes an entry's header.
    ///
    /// - Returns: the message, where it is complete with that, or the part of it before the entry, where they are too large together.
    /// - Throws: ``CodecError`` where the entry does not belong here; ``LogError`` where a spool cannot be made.
    mutating func begin(_ body: ByteBuffer) throws -> IncomingMessage? {
        guard current == nil else { throw CodecError(.invalid, at: 0, "an entry begins inside another one") }
        let entry = try IncomingEntry(decoding: body, sharing: before, spoolDirectory: spoolDirectory)
        let header = entry.header
        guard header.index == append.previous.index + UInt64(entries.count) + 1 else {
            throw CodecError(.invalid, at: 16, "entry \(header.index) stands where another belongs")
        }
        guard header.term >= max(1, before?.term ?? append.previous.term), header.term <= message.term else {
            throw CodecError(.invalid, at: 8, "entry \(header.index) has the impossible term \(header.term)")
        }
        if let previous = before?.chain, header.chain(after: previous) != header.chain {
            throw CodecError(.invalid, at: 60 + header.file.count, "entry \(header.index) does not continue the chain")
        }
        current = entry
        guard !entries.isEmpty, header.payloadLength > 0, byteCount + header.payloadLength > PeerFrame.maxAppendBytes else {
            byteCount += header.payloadLength
            return try completeIfWhole()
        }
        defer { byteCount = header.payloadLength }
        return takePart()
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
        before = entry.header
        left -= 1
        return left == 0 ? takePart() : nil
    }

    /// Whether all entries have been given.
    var isComplete: Bool { left == 0 }

    /// Gives the entries that are whole, and goes on behind them.
    private mutating func takePart() -> IncomingMessage {
        var part = message
        part.body = .append(append)
        defer {
            if let before { append.previous = LogPosition(index: before.index, term: before.term) }
            append.entries = []
            entries = []
        }
        return IncomingMessage(message: part, entries: entries)
    }
}
