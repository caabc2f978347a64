import Common

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
    private var mariaDBGTIDs: [UInt32: MariaDBGTID] = [:]
    /// Commit times, in microseconds since 1970.
    private var first: UInt64?
    private var last: UInt64 = 0
    private var histogram = TimeHistogram()
    private var biggest: [Named] = []
    private var longest: [Named] = []

    // The transaction that is open.
    private var gtid: GTID?
    private var mariaDBGTID: MariaDBGTID?
    private var time: UInt64 = 0
    private var bytes: UInt64 = 0
    /// Seconds since 1970.
    private var firstTimestamp: UInt32 = 0

    mutating func begin(_ gtid: GTID?, _ mariaDBGTID: MariaDBGTID?, committedAt time: UInt64, _ header: EventHeader) {
        self.gtid = gtid
        self.mariaDBGTID = mariaDBGTID
        self.time = time
        bytes = 0
        firstTimestamp = header.timestamp
    }

    /// Counts an event of the open transaction in.
    mutating func take(_ header: EventHeader) {
        bytes += UInt64(header.eventLength)
        if header.timestamp < firstTimestamp, header.timestamp > 0 { firstTimestamp = header.timestamp }
    }

    mutating func end(_ header: EventHeader) {
        count += 1
        byteCount += bytes
        if let gtid { gtids.insert(gtid) }
        if let mariaDBGTID { mariaDBGTIDs[mariaDBGTID.domain] = mariaDBGTID }
        first = min(first ?? time, time)
        last = max(last, time)
        histogram.add(time)
        Self.keep(&biggest, bytes, self)
        let seconds = header.timestamp > firstTimestamp ? header.timestamp - firstTimestamp : 0
        if seconds > 0 { Self.keep(&longest, UInt64(seconds), self) }
    }

    /// Keeps the open transaction if it is among those with most.
    private static func keep(_ named: inout [Named], _ amount: UInt64, _ summary: borrowing TransactionSummary) {
        if named.count == namedCount, let least = named.last, least.amount >= amount { return }
        let name = summary.gtid.map { "\($0)" } ?? summary.mariaDBGTID.map { "\($0)" } ?? "without a GTID"
        let place = named.firstIndex { $0.amount < amount } ?? named.count
        named.insert(Named(gtid: name, amount: amount, time: summary.time), at: place)
        if named.count > namedCount { named.removeLast() }
    }

    // MARK: - Text

    /// - Parameter barWidth: characters of a bar; 0 for none.
    func text(_ rows: RowSummary, barWidth: Int = 0) -> [UInt8] {
        var text = ByteSink()
        line(&text, "transactions", "\(count)")
        line(&text, "bytes", "\(byteCount)")
        if let first {
            line(&text, "first commit", Self.time(first))
            line(&text, "last commit", Self.time(last))
        }
        if !gtids.isEmpty { line(&text, "GTID set", "\(gtids)") }
        if !mariaDBGTIDs.isEmpty {
            line(&text, "last GTIDs", mariaDBGTIDs.keys.sorted().compactMap { mariaDBGTIDs[$0].map { "\($0)" } }.joined(separator: ","))
        }
        if barWidth > 0 { appendHistogram(barWidth, &text) }
        appendTables(rows, barWidth, &text)
        append("biggest transactions", biggest, "bytes", &text)
        append("longest transactions", longest, "seconds", &text)
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
