import BinlogInput
import Common

/// What a summary counts of a transaction, gathered event by event until it ends.
struct EndedTransaction {
    let gtid: GTID?
    let mariaDBGTID: MariaDBGTID?
    /// When it was committed, in microseconds since 1970.
    let time: UInt64
    private(set) var byteCount: UInt64 = 0
    /// From its first event to its last.
    private(set) var seconds: UInt32 = 0
    /// Where its last event begins.
    private(set) var lastOffset: UInt64 = 0
    /// Seconds since 1970.
    private var firstTimestamp: UInt32

    init(_ gtid: GTID?, _ mariaDBGTID: MariaDBGTID?, committedAt time: UInt64, _ header: EventHeader) {
        self.gtid = gtid
        self.mariaDBGTID = mariaDBGTID
        self.time = time
        firstTimestamp = header.timestamp
    }

    /// Counts one of its events in, which begins at `offset`.
    mutating func take(_ header: EventHeader, at offset: UInt64) {
        byteCount += UInt64(header.eventLength)
        if header.timestamp < firstTimestamp, header.timestamp > 0 { firstTimestamp = header.timestamp }
        seconds = header.timestamp > firstTimestamp ? header.timestamp - firstTimestamp : 0
        lastOffset = offset
    }
}

/// What `--format summary` tells of transactions.
struct TransactionSummary {
    /// Transactions that are named as the biggest and the longest.
    private static let namedCount = 5

    /// A transaction by its name, with how much there is of what it is named for.
    private struct Named {
        var gtid: String
        var amount: UInt64
        var time: UInt64
    }

    private var count: UInt64 = 0
    private var byteCount: UInt64 = 0
    private var gtids = GTIDSet()
    private var mariaDBGTIDs = MariaDBGTIDSet()
    private var mariaDBPosition = MariaDBGTIDPosition()
    /// Commit times, in microseconds since 1970.
    private var first: UInt64?
    private var last: UInt64 = 0
    private var histogram = TimeHistogram()
    private var biggest: [Named] = []
    private var longest: [Named] = []

    /// Counts a transaction in that has ended.
    mutating func add(_ transaction: EndedTransaction) {
        count += 1
        byteCount += transaction.byteCount
        if let gtid = transaction.gtid { gtids.insert(gtid) }
        if let gtid = transaction.mariaDBGTID {
            mariaDBGTIDs.insert(gtid)
            mariaDBPosition.advance(to: gtid)
        }
        first = min(first ?? transaction.time, transaction.time)
        last = max(last, transaction.time)
        histogram.add(transaction.time)
        Self.keep(&biggest, transaction.byteCount, transaction)
        if transaction.seconds > 0 { Self.keep(&longest, UInt64(transaction.seconds), transaction) }
    }

    /// Keeps a transaction if it is among those with most.
    private static func keep(_ named: inout [Named], _ amount: UInt64, _ transaction: EndedTransaction) {
        if named.count == namedCount, let least = named.last, least.amount >= amount { return }
        let name = transaction.gtid.map { "\($0)" } ?? transaction.mariaDBGTID.map { "\($0)" } ?? "without a GTID"
        let place = named.firstIndex { $0.amount < amount } ?? named.count
        named.insert(Named(gtid: name, amount: amount, time: transaction.time), at: place)
        if named.count > namedCount { named.removeLast() }
    }

    // MARK: - Text

    /// - Parameter barWidth: characters of a bar; 0 for none.
    func text(_ rows: RowSummary, barWidth: Int = 0) -> [UInt8] {
        var text = ByteSink()
        line(&text, "transactions", "\(count)")
        line(&text, "bytes", "\(byteCount)")
        for (label, count) in [
            ("unfinished", rows.unfinishedCount), ("incidents", rows.incidentCount), ("row data pieces", rows.pieceCount),
        ] where count > 0 { line(&text, label, "\(count)") }
        if let first {
            line(&text, "first commit", Self.time(first))
            line(&text, "last commit", Self.time(last))
        }
        if !gtids.isEmpty { line(&text, "GTID set", "\(gtids)") }
        if !mariaDBGTIDs.isEmpty {
            line(&text, gtids.isEmpty ? "GTID set" : "MariaDB GTID set", "\(mariaDBGTIDs)")
            line(&text, "last GTIDs", "\(mariaDBPosition)")
        }
        if barWidth > 0 { appendHistogram(barWidth, &text) }
        appendTables(rows, barWidth, &text)
        append("biggest transactions", biggest, "bytes", &text)
        append("longest transactions", longest, "seconds", &text)
        appendNotes(rows, &text)
        return text.bytes.array
    }

    private func line(_ text: inout ByteSink, _ label: String, _ value: String) {
        let start = text.count
        text.append(text: label)
        text.pad(from: start, to: 16)
        text.append(text: value)
        text.append("\n")
    }

    private static func time(_ microseconds: UInt64) -> String {
        var sink = ByteSink(capacity: 64)
        sink.append(microsecondTime: microseconds)
        return sink.string
    }

    private func append(_ title: String, _ named: [Named], _ unit: String, _ text: inout ByteSink) {
        guard !named.isEmpty else { return }
        text.append(text: "\n\(title)\n")
        for transaction in named {
            text.append(decimal: transaction.amount, width: 14)
            text.append(text: " \(unit)  \(Self.time(transaction.time))  \(transaction.gtid)\n")
        }
    }

    private func appendNotes(_ rows: RowSummary, _ text: inout ByteSink) {
        guard !rows.notes.isEmpty else { return }
        text.append("\nnotes\n")
        for note in rows.notes { text.append(text: "  \(note.onOneLine)\n") }
        if rows.untoldNoteCount > 0 { text.append(text: "  and \(rows.untoldNoteCount) more\n") }
    }

    private static let maxSteps = 20

    private func appendHistogram(_ barWidth: Int, _ text: inout ByteSink) {
        let steps = histogram.steps(atMost: Self.maxSteps)
        guard steps.count > 1, let most = steps.map(\.count).max() else { return }
        text.append("\ntransactions over time\n")
        for step in steps {
            text.append("  ")
            text.append(time: step.time)
            text.append(decimal: step.count, width: 12)
            text.append(text: "  " + Self.bar(step.count, of: most, width: barWidth) + "\n")
        }
    }

    private static func bar(_ amount: UInt64, of most: UInt64, width: Int) -> String {
        guard amount > 0, most > 0 else { return "" }
        return String(repeating: "█", count: max(1, Int(Double(width) * Double(amount) / Double(most))))
    }

    private func appendTables(_ rows: RowSummary, _ barWidth: Int, _ text: inout ByteSink) {
        let tables = rows.tables.values.sorted { ($1.rows, $0.name) < ($0.rows, $1.name) }
        guard let most = tables.first?.rows else { return }
        text.append("\n          rows       inserts       updates       deletes           bytes  table\n")
        for table in tables {
            text.append(decimal: table.rows, width: 14)
            text.append(decimal: table.inserts, width: 14)
            text.append(decimal: table.updates, width: 14)
            text.append(decimal: table.deletes, width: 14)
            text.append(decimal: table.byteCount, width: 16)
            text.append(text: "  \(table.name)")
            if barWidth > 0, most > 0 {
                text.append(text: "  " + Self.bar(table.rows, of: most, width: barWidth))
            }
            text.append("\n")
        }
    }
}
