import Common

/// Bytes of an input that are read at once when it is gone through from its end: wanted events, one behind the other.
struct Block: Hashable, Sendable {
    /// Which of ``Plan/formats`` its events have.
    var format = 0
    var offset: UInt64
    var length: Int
    /// Whether a statement goes on in it that has begun before.
    var beginsInStatement = false
    /// Where the TABLE_MAP events of that statement stand: a range of ``BlockList/tables``.
    var tables = 0..<0
}

/// Blocks, the first one first.
struct BlockList: Sendable {
    static let defaultBlockBytes = 1 << 20

    private let blockBytes: Int
    private(set) var blocks: [Block] = []
    /// Offsets and lengths of TABLE_MAP events.
    private(set) var tables: [(offset: UInt64, length: Int)] = []
    /// Of the statement that is open.
    private var openTables: [(offset: UInt64, length: Int)] = []
    private var isInStatement = false

    /// - Parameter blockBytes: Bytes of a block that is not one large event, at most.
    init(blockBytes: Int = defaultBlockBytes) { self.blockBytes = blockBytes }

    /// A place in the list that it can be cut back to.
    struct Mark: Sendable {
        fileprivate var blockCount = 0
        fileprivate var lastLength = 0
        fileprivate var tableCount = 0
    }

    /// The end of the list, between two transactions.
    var mark: Mark { Mark(blockCount: blocks.count, lastLength: blocks.last?.length ?? 0, tableCount: tables.count) }

    /// Forgets what has been taken since.
    mutating func cut(to mark: Mark) {
        blocks.removeLast(blocks.count - mark.blockCount)
        if !blocks.isEmpty { blocks[blocks.count - 1].length = mark.lastLength }
        tables.removeLast(tables.count - mark.tableCount)
        openTables.removeAll(keepingCapacity: true)
        isInStatement = false
    }

    /// Takes the next wanted event. Those of one block have one format, so a new one begins with each.
    mutating func take(_ header: EventHeader, at offset: UInt64, format: Int = 0, endsStatement: Bool) {
        let length = Int(header.eventLength)
        if var last = blocks.last, last.format == format, last.offset + UInt64(last.length) == offset,
            last.length + length <= blockBytes
        {
            last.length += length
            blocks[blocks.count - 1] = last
        } else {
            var block = Block(format: format, offset: offset, length: length, beginsInStatement: isInStatement)
            if isInStatement {
                let start = tables.count
                tables += openTables
                block.tables = start..<tables.count
            }
            blocks.append(block)
        }
        if endsStatement {
            openTables.removeAll(keepingCapacity: true)
            isInStatement = false
        } else if header.type == .tableMap {
            openTables.append((offset, length))
            isInStatement = true
        }
    }
}
