import Common

/// A stretch of an input for one thread to print: whole events that are wanted, in their order, and what must be known to read them.
///
/// Only one thread has it at a time: the one that fills it, then the one that prints it.
final class Work: @unchecked Sendable {
    /// What stands in the stretch.
    enum Item {
        /// Events one behind the other in ``Work/bytes``, of which the first begins at `offset` in its file.
        case events(Range<Int>, offset: UInt64, isUncommitted: Bool)
        /// A line about the file, for formats that have comments.
        case comment(String)
        /// What is to be known of the file or of its transactions, for every format.
        case note(Note)
        /// What SQL begins with, whatever is printed behind it.
        case prologue
        /// The open transaction was never finished.
        case unfinished
        /// What SQL ends with.
        case epilogue
    }

    /// From how many bytes on a stretch ends with the next transaction.
    static let wantedBytes = 256 << 10
    /// From how many bytes on it ends with the next event, in the middle of a transaction.
    static let maxBytes = 1 << 20

    /// Counts from 0 on.
    private(set) var number: UInt64 = 0
    private(set) var file = InspectedFile(path: "")
    /// Whether it begins inside a transaction.
    private(set) var isContinued = false
    /// Whether it ends inside a transaction, which goes on in the next.
    var isCutShort = false
    /// Events of the open transaction that stand before the stretch and are not printed again.
    var context = ByteSink(capacity: 1 << 10)
    var bytes = ByteSink(capacity: maxBytes)
    private(set) var items: [Item] = []
    private var commentByteCount = 0
    /// Those that end in the stretch, where they are counted.
    var transactions: [EndedTransaction] = []

    var isEmpty: Bool { items.isEmpty }
    /// Bytes of all that it holds.
    var byteCount: Int { bytes.count + context.count + commentByteCount }

    /// Makes it empty.
    func begin(_ number: UInt64, in file: InspectedFile, isContinued: Bool) {
        self.number = number
        self.file = file
        self.isContinued = isContinued
        isCutShort = false
        context.removeAll()
        bytes.removeAll()
        items.removeAll(keepingCapacity: true)
        commentByteCount = 0
        transactions.removeAll(keepingCapacity: true)
    }

    /// Counts the event in `range` in, which stands at `offset` of the file.
    func addEvent(_ range: Range<Int>, offset: UInt64, isUncommitted: Bool) {
        if case .events(let events, let first, isUncommitted)? = items.last, first + UInt64(events.count) == offset,
            events.upperBound == range.lowerBound
        {
            items[items.count - 1] = .events(events.lowerBound..<range.upperBound, offset: first, isUncommitted: isUncommitted)
        } else {
            items.append(.events(range, offset: offset, isUncommitted: isUncommitted))
        }
    }

    func add(_ item: Item) { items.append(item) }

    func add(_ note: Note) {
        items.append(.note(note))
        commentByteCount += note.text.utf8.count
    }

    func addComment(_ text: String) {
        items.append(.comment(text))
        commentByteCount += text.utf8.count
    }
}

/// What all events of a stretch have in common.
final class InspectedFile: Sendable {
    /// As the user named it; `-` for stdin.
    let path: String
    /// What the last FORMAT_DESCRIPTION says; nil before the first.
    let description: FormatDescriptionEvent?
    let checksum: ChecksumAlgorithm

    init(path: String, description: FormatDescriptionEvent? = nil, checksum: ChecksumAlgorithm = .none) {
        self.path = path
        self.description = description
        self.checksum = checksum
    }
}
