import Foundation

/// Compares what binlog-inspect and a stock tool tell of a binlog file: each event, each row, each value.
struct BinlogComparison {
    enum Tool { case mysqlbinlog, mariadbBinlog }

    /// What was compared, and what differs.
    struct Outcome {
        var events = 0
        var statements = 0
        var rows = 0
        var values = 0
        /// Rows that mysqlbinlog does not print, since it does not know a column's type.
        var rowsHereOnly = 0
        var differences: [String] = []
        /// What the tools say that do not read the file to its end, on one line; nil where they do.
        var stockRefusal: String?
        var refusal: String?

        /// Counts in what was compared of another file.
        mutating func add(_ other: Outcome) {
            events += other.events
            statements += other.statements
            rows += other.rows
            values += other.values
            rowsHereOnly += other.rowsHereOnly
            differences += other.differences
        }
    }

    let tool: Tool

    func compare(_ path: String) async throws -> Outcome {
        let folder = try TemporaryFolder("comparison")
        let stock = try await Command.run(
            tool == .mysqlbinlog ? try await RealServers.program("mysqlbinlog") : try await MariaDBServer.program("mariadb-binlog"),
            ["-vv", "--base64-output=decode-rows", "--print-table-metadata", path], environment: ["TZ": "UTC"], output: folder.file("stock")
        )
        let inspect = try Repository.program("binlog-inspect")
        let text = try await Command.run(inspect, [path], output: folder.file("text"))
        let json = try await Command.run(inspect, ["--format", "json", path], output: folder.file("json"))
        var outcome = Outcome()
        if stock.status != .code(0) {
            outcome.stockRefusal =
                stock.errors.split(separator: "\n").last { !$0.contains("[Warning]") }.map(String.init) ?? "\(stock.status)"
        }
        if json.status != .code(0) { outcome.refusal = json.errors.trimmingCharacters(in: .whitespacesAndNewlines) }
        if (text.status == .code(0)) != (json.status == .code(0)) {
            outcome.differences.append("text and JSON end differently: \(text.errors)")
        }
        let decoding = StockDecoding([UInt8](try Data(contentsOf: URL(filePath: folder.file("stock")))))
        let events = compareEvents(decoding, try lines(folder.file("text")), &outcome)
        let objects = try lines(folder.file("json")).map { try OrderedJSON(parsing: $0) }
        compareStatements(decoding, objects, events, &outcome)
        try compareRows(decoding, objects.filter { $0["table"] != nil }, events, &outcome)
        return outcome
    }

    private func lines(_ path: String) throws -> [Data.SubSequence] { try Data(contentsOf: URL(filePath: path)).split(separator: 0x0a) }

    // MARK: - Events

    /// What the stock tools call events, and what binlog-inspect does. MariaDB's tool knows few of MySQL's events, and not its own
    /// START_ENCRYPTION.
    private static let types: [(label: String, names: Set<String>)] = [
        ("Start: binlog", ["Format_desc", "Start_v3"]), ("Previous-GTIDs", ["Previous_gtids"]), ("Anonymous_GTID", ["Anonymous_Gtid"]),
        ("GTID", ["Gtid", "Gtid_tagged"]), ("Gtid list", ["Gtid_list"]), ("Query_compressed", ["Query_compressed"]), ("Query", ["Query"]),
        ("Table_map:", ["Table_map"]), ("Write_rows_v1:", ["Write_rows_v1"]), ("Update_rows_v1:", ["Update_rows_v1"]),
        ("Delete_rows_v1:", ["Delete_rows_v1"]), ("Write_rows:", ["Write_rows", "Write_rows_v1"]),
        ("Update_rows:", ["Update_rows", "Update_rows_v1"]), ("Update_rows_partial:", ["Update_rows_partial"]),
        ("Delete_rows:", ["Delete_rows", "Delete_rows_v1"]),
        ("Write_compressed_rows", ["Write_rows_compressed", "Write_rows_compressed_v1"]),
        ("Update_compressed_rows", ["Update_rows_compressed", "Update_rows_compressed_v1"]),
        ("Delete_compressed_rows", ["Delete_rows_compressed", "Delete_rows_compressed_v1"]), ("Xid", ["Xid"]), ("XID =", ["XA_prepare"]),
        ("XA PREPARE", ["XA_prepare"]), ("XA COMMIT", ["XA_prepare"]), ("Rotate to", ["Rotate"]), ("Stop", ["Stop"]),
        ("Intvar", ["Intvar"]), ("Rand", ["RAND"]),
        ("User_var", ["User_var"]), ("Transaction_Payload", ["Transaction_payload"]), ("Rows_query", ["Rows_query"]),
        ("Annotate_rows", ["Annotate_rows"]), ("Binlog checkpoint", ["Binlog_checkpoint"]),
        ("Begin_load_query", ["Begin_load_query"]), ("Execute_load_query", ["Execute_load_query"]), ("Append_block", ["Append_block"]),
        ("Delete_file", ["Delete_file"]),
        ("Ignorable", ["Ignorable", "Start_encryption", "Previous_gtids", "Anonymous_Gtid", "Gtid"]), ("Incident", ["Incident"]),
        ("View_change_event", ["View_change"]),
        ("Transaction_context", ["Transaction_context"]),
    ]

    /// What mysqlbinlog prints when the statement comes that needs it.
    private static let contexts: Set = ["Intvar", "RAND", "User_var"]

    private struct Event {
        var offset: UInt64
        var isInner: Bool
        var time: String
        var serverID: String
        var name: String
        var size: UInt64
    }

    /// Reads lines as `         127  2026-11-21T02:47:11Z  42          Previous_gtids                31  …`. Where a compressed
    /// transaction holds the event, a hyphen stands for the offset.
    private func events(_ lines: [Data.SubSequence]) -> [Event] {
        var events: [Event] = []
        for line in lines {
            let words = line.prefix(120).split(separator: UInt8(ascii: " ")).prefix(5).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 5, let size = UInt64(words[4]), words[1] == "-" || words[1].hasSuffix("Z") && words[1].count == 20,
                let offset = UInt64(words[0]) ?? (words[0] == "-" ? events.last?.offset : nil), Int(words[2]) != nil
            else { continue }
            // Time 0 is none.
            let time = words[1] == "-" ? "1970-01-01T00:00:00Z" : words[1]
            events.append(
                Event(offset: offset, isInner: words[0] == "-", time: time, serverID: words[2], name: words[3], size: size))
        }
        return events
    }

    /// Compares where events begin, and what each says of itself; returns the offset of each of the stock tool's events.
    private func compareEvents(
        _ decoding: StockDecoding, _ lines: [Data.SubSequence], _ outcome: inout Outcome
    ) -> [Int: UInt64] {
        let events = events(lines)
        var payloadEnd: UInt64 = 0
        let offsets = events.map { event in
            if event.name == "Transaction_payload" { payloadEnd = event.offset + event.size }
            return event.isInner ? payloadEnd : event.offset
        }
        if let place = offsets.indices.first(where: { decoding.offsets.indices.contains($0) && decoding.offsets[$0] != offsets[$0] }) {
            outcome.differences.append("event \(place + 1) begins at \(offsets[place]), there at \(decoding.offsets[place])")
        }
        if outcome.stockRefusal == nil, outcome.refusal == nil, offsets.count != decoding.offsets.count {
            outcome.differences.append("\(offsets.count) events, there \(decoding.offsets.count)")
        }
        var places: [Int: UInt64] = [:]
        for isContext in [false, true] {
            let here = events.indices.filter { Self.contexts.contains(events[$0].name) == isContext }
            let there = decoding.events.indices.filter { place in
                Self.name(decoding.events[place]).map { Self.contexts.isSuperset(of: $0) } ?? false == isContext
            }
            for (place, stockPlace) in zip(here, there) {
                let event = events[place]
                let stock = decoding.events[stockPlace]
                places[stockPlace] = event.offset
                outcome.events += 1
                let isSame = stock.time == event.time && stock.serverID == event.serverID && Self.name(stock)?.contains(event.name) ?? false
                if isSame { continue }
                outcome.differences.append("\(event), there \(stock.time) \(stock.serverID) \(stock.label.prefix(60))")
                if outcome.differences.count > 20 { return places }
            }
            if here.count != there.count, outcome.stockRefusal == nil, outcome.refusal == nil {
                outcome.differences.append("\(here.count) events with lines of their own, there \(there.count)")
            }
        }
        return places
    }

    /// What binlog-inspect may call an event; nil where none of it is known.
    private static func name(_ event: StockDecoding.Event) -> Set<String>? { types.first { event.label.hasPrefix($0.label) }?.names }

    /// Each statement's text stands in what the stock tool prints of its event; what is not ASCII is left out, since JSON is UTF-8 and a
    /// statement is in its client's charset.
    private func compareStatements(
        _ decoding: StockDecoding, _ objects: [OrderedJSON], _ offsets: [Int: UInt64], _ outcome: inout Outcome
    ) {
        var bodies: [UInt64: [Range<Int>]] = [:]
        for (place, offset) in offsets { bodies[offset, default: []].append(decoding.events[place].body) }
        for object in objects where object["table"] == nil {
            guard let query = object["query"]?.string, let offset = object["position"]?.number, let candidates = bodies[offset] else {
                continue
            }
            // Of a LOAD DATA the stock tools name a file that they have written themselves.
            let text = query.firstMatch(of: #/^LOAD DATA INFILE '[^']*'/#).map { query[$0.range.upperBound...] } ?? query[...]
            let wanted = Data(text.utf8.filter { $0 < 0x80 })
            outcome.statements += 1
            if !candidates.contains(where: { Data(decoding.bytes[$0].filter { $0 < 0x80 }).range(of: wanted) != nil }) {
                outcome.differences.append("statement at \(offset): \(query.prefix(100)), which the stock tool does not print")
            }
        }
    }

    // MARK: - Rows

    private func compareRows(
        _ decoding: StockDecoding, _ rows: [OrderedJSON], _ offsets: [Int: UInt64], _ outcome: inout Outcome
    ) throws {
        // A tool that stops early may have printed less of the last statement.
        let isCut = outcome.refusal != nil || outcome.stockRefusal != nil
        let values = ValueComparison(isMariaDB: tool == .mariadbBinlog)
        var rest = rows[...]
        for stock in decoding.rows {
            guard let row = rest.popFirst() else {
                if !isCut { outcome.differences.append("row \(outcome.rows + 1), \(stock.action) \(stock.table), is not shown") }
                return
            }
            outcome.rows += 1
            let position = row["position"]?.number ?? 0
            var differences = try compare(stock, row, values, &outcome.values)
            if let end = offsets[stock.event], position > end { differences.append("stands behind its statement's end at \(end)") }
            outcome.differences += differences.map { "row \(outcome.rows) at \(position), \(stock.action) \(stock.table): \($0)" }
            if outcome.differences.count > 40 { return }
            guard stock.isCut else { continue }
            let hidden = rest.prefix { $0["position"]?.number == position }
            outcome.rowsHereOnly += hidden.count
            rest = rest.dropFirst(hidden.count)
        }
        if !rest.isEmpty, !isCut { outcome.differences.append("\(rest.count) rows more than there") }
    }

    private func compare(
        _ stock: StockDecoding.Row, _ row: OrderedJSON, _ values: ValueComparison, _ count: inout Int
    ) throws -> [String] {
        var differences: [String] = []
        if row["type"]?.string != stock.action { differences.append("is \(row["type"]?.string ?? "nothing")") }
        let table = "`\(row["database"]?.string ?? "")`.`\(row["table"]?.string ?? "")`"
        // Only one of the stock tools doubles the quotes in names.
        if stock.table.replacing("``", with: "`") != table.replacing("``", with: "`") { differences.append("is of \(table)") }
        let gtid = row["gtid"]?.string ?? "ANONYMOUS"
        if !stock.gtid.isEmpty, stock.gtid != gtid { differences.append("is of transaction \(gtid), there \(stock.gtid)") }
        let before = members(row["before"])
        let after = members(row["after"])
        if !stock.isCut, before.count != stock.before.count || after.count != stock.after.count {
            differences.append("has \(before.count), \(after.count) columns, there \(stock.before.count), \(stock.after.count)")
        }
        var beforeByName: [String: OrderedJSON] = [:]
        for (value, member) in zip(stock.before, before) {
            beforeByName[member.key] = member.value
            differences += try compare(value, stock, member, nil, values)
        }
        for (value, member) in zip(stock.after, after) {
            differences += try compare(value, stock, member, beforeByName[member.key], values)
        }
        count += stock.before.count + stock.after.count
        return differences
    }

    private func members(_ image: OrderedJSON?) -> [OrderedJSON.Member] {
        if case .object(let members)? = image { members } else { [] }
    }

    private func compare(
        _ value: StockDecoding.Value, _ row: StockDecoding.Row, _ member: OrderedJSON.Member, _ before: OrderedJSON?,
        _ values: ValueComparison
    ) throws -> [String] {
        let column = row.columns.indices.contains(value.number - 1) ? row.columns[value.number - 1] : nil
        let name = column?.name.map { String(decoding: $0, as: UTF8.self) } ?? "@\(value.number)"
        // mysqlbinlog doubles backslashes, and knows what a generated invisible primary key is called where the binlog has no names.
        let isKnown =
            [member.key, member.key.replacing("\\", with: "\\\\")].contains(name) || name == "my_row_id" && member.key == "@\(value.number)"
        guard isKnown else { return ["column \(value.number) is \(member.key), there \(name)"] }
        if try values.isSame(value, column, member.value, before: before) { return [] }
        let shown = String(decoding: value.bytes.prefix(200), as: UTF8.self)
        return ["\(name) \(value.type) is \("\(member.value)".prefix(200)), there \(shown)"]
    }
}
