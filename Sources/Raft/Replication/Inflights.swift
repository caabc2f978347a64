/// The append messages to one peer that it has not answered: a ring bounded by count and by bytes.
struct Inflights: Hashable, Sendable {
    private struct Item: Hashable, Sendable {
        var lastIndex: LogIndex = 0
        var byteCount = 0
    }

    private let maxMessages: Int
    private let maxBytes: Int
    private var items: [Item] = []
    private var start = 0
    private(set) var count = 0
    private(set) var byteCount = 0

    init(maxMessages: Int, maxBytes: Int) {
        self.maxMessages = max(maxMessages, 1)
        self.maxBytes = maxBytes
    }

    var isFull: Bool { count == maxMessages || (count > 0 && byteCount >= maxBytes) }

    mutating func add(lastIndex: LogIndex, byteCount bytes: Int) {
        precondition(!isFull, "a peer was sent more than its limit")
        if items.isEmpty { items = Array(repeating: Item(), count: maxMessages) }
        items[(start + count) % maxMessages] = Item(lastIndex: lastIndex, byteCount: bytes)
        count += 1
        byteCount += bytes
    }

    /// Everything up to `index` was answered.
    mutating func free(through index: LogIndex) {
        while count > 0, items[start].lastIndex <= index {
            byteCount -= items[start].byteCount
            start = (start + 1) % maxMessages
            count -= 1
        }
    }

    mutating func removeAll() {
        start = 0
        count = 0
        byteCount = 0
    }
}
