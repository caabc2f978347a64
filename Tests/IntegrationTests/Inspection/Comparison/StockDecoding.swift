import Foundation

/// What mysqlbinlog or mariadb-binlog prints of a binlog file with `-vv --base64-output=decode-rows --print-table-metadata`.
struct StockDecoding {
    struct Event {
        /// `2026-11-21T08:32:25Z`.
        var time: String
        var serverID: String
        /// What stands behind the columns that every event has: `Query	thread_id=20…`; for the data of LOAD DATA what stands below them.
        var label: String
        /// What is printed below.
        var body: Range<Int>
    }

    struct Value {
        /// From 1 on.
        var number: Int
        /// Without the comment that follows it.
        var bytes: ArraySlice<UInt8>
        /// As the comment has it: `VARSTRING(40)`; empty for a column that is taken over from the before image.
        var type: String
    }

    struct Row {
        /// Which event ends the statement: all of its rows are printed below that.
        var event: Int
        /// As SQL has it; empty before the first.
        var gtid: String
        var action: String
        var table: String
        var before: [Value] = []
        var after: [Value] = []
        var columns: [StockColumn]
        /// Whether mysqlbinlog gave up at a type that it does not print, and with it the rest of the event's rows.
        var isCut = false
    }

    private(set) var events: [Event] = []
    /// Where events begin; those of a compressed transaction at the end of the event that holds them.
    private(set) var offsets: [UInt64] = []
    private(set) var rows: [Row] = []
    let bytes: [UInt8]

    private var columns: [String: [StockColumn]] = [:]
    private var mappedTable = ""
    private var definition: [UInt8] = []
    private var gtid = ""
    private var isAfter = false

    init(_ output: [UInt8]) {
        bytes = output
        var start = 0
        while start < bytes.count {
            var end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            // A change to JSON goes on in the next line.
            while isOpenValue(bytes[start..<end]), end < bytes.count, bytes[(end + 1)...].starts(with: "###  ".utf8) {
                end = bytes[(end + 1)...].firstIndex(of: 0x0a) ?? bytes.count
            }
            take(bytes[start..<end])
            start = end + 1
        }
        if let last = events.indices.last { events[last].body = events[last].body.lowerBound..<bytes.count }
    }

    private func isOpenValue(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: "###   @".utf8) && !line.suffix(3).elementsEqual(" */".utf8)
            && !line.dropFirst(7).prefix(8).contains(UInt8(ascii: "!"))
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        guard let first = line.first else { return }
        if first != UInt8(ascii: "#") {
            let prefix = "SET @@SESSION.GTID_NEXT= '"
            if line.starts(with: prefix.utf8) {
                gtid = String(decoding: line.dropFirst(prefix.utf8.count).prefix { $0 != UInt8(ascii: "'") }, as: UTF8.self)
            }
            return
        }
        if line.starts(with: "###   @".utf8) { return takeValue(line) }
        if line.starts(with: "### ".utf8) { return takeRow(String(decoding: line.dropFirst(4), as: UTF8.self)) }
        if line.starts(with: "# at ".utf8), let offset = UInt64(String(decoding: line.dropFirst(5), as: UTF8.self)) {
            offsets.append(offset)
        } else if line.starts(with: "# Columns(".utf8) {
            definition = Array(line.dropFirst("# Columns(".utf8.count))
            takeDefinition()
        } else if line.starts(with: "#         ".utf8), !definition.isEmpty {
            definition += line.dropFirst("#         ".utf8.count)
            takeDefinition()
        } else if line.count > 20, line[line.startIndex + 1] <= UInt8(ascii: "9"), line[line.startIndex + 1] >= UInt8(ascii: "0") {
            takeEvent(line)
        } else if let last = events.indices.last, events[last].label.isEmpty {
            events[last].label = String(decoding: line.dropFirst(), as: UTF8.self)
        }
    }

    /// `#261121  8:32:25 server id 97  end_log_pos 198 CRC32 0x07b455ab 	Previous-GTIDs`
    private mutating func takeEvent(_ line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        let pattern =
            /#(\d\d)(\d\d)(\d\d) +(\d+):(\d\d):(\d\d) server id (\d+) +end_log_pos \d+(?: CRC32 0x[0-9a-f]+)?(?:[ ]?\t(.*)|[ ]?)/
        guard let match = text.wholeMatch(of: pattern) else { return }
        definition = []
        if let last = events.indices.last { events[last].body = events[last].body.lowerBound..<line.startIndex }
        let century = match.1 == "70" || match.1 == "69" ? "19" : "20"
        let hour = match.4.count == 1 ? "0\(match.4)" : String(match.4)
        let label = String(match.8 ?? "")
        events.append(
            Event(
                time: "\(century)\(match.1)-\(match.2)-\(match.3)T\(hour):\(match.5):\(match.6)Z",
                serverID: String(match.7), label: label, body: line.endIndex..<line.endIndex))
        if let match = label.wholeMatch(of: /Table_map: (.*) mapped to number \d+.*/) {
            mappedTable = String(match.1).replacing("``", with: "`")
            columns[mappedTable] = []
        } else if let match = label.prefixMatch(of: /GTID (\d+-\d+-\d+)/) {
            gtid = String(match.1)
        }
    }

    private mutating func takeDefinition() { columns[mappedTable] = StockColumn.parse(definition) }

    private mutating func takeRow(_ text: String) {
        for action in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] where text.hasPrefix(action) {
            let table = String(text.dropFirst(action.count))
            let kind = action.prefix { $0 != " " }.lowercased()
            isAfter = kind == "insert"
            let columns = columns[table.replacing("``", with: "`")] ?? []
            rows.append(Row(event: events.count - 1, gtid: gtid, action: kind, table: table, columns: columns))
            return
        }
        isAfter = text == "SET"
    }

    /// `###   @4='vee' /* VARSTRING(40) meta=40 nullable=1 is_null=0 */`
    private mutating func takeValue(_ line: ArraySlice<UInt8>) {
        guard let last = rows.indices.last, let equals = line.firstIndex(of: UInt8(ascii: "=")),
            let number = Int(String(decoding: line[(line.startIndex + 7)..<equals], as: UTF8.self))
        else { return }
        if line[equals...].starts(with: "=!!".utf8) {
            rows[last].isCut = true
            return
        }
        let comment = Self.lastComment(in: line) ?? line.endIndex
        let type = String(decoding: line[comment...].dropFirst(4), as: UTF8.self).components(separatedBy: " meta=").first ?? ""
        let value = Value(number: number, bytes: line[(equals + 1)..<comment], type: type)
        if isAfter { rows[last].after.append(value) } else { rows[last].before.append(value) }
    }

    private static func lastComment(in line: ArraySlice<UInt8>) -> Int? {
        let mark = Array(" /* ".utf8)
        var place = line.endIndex - mark.count
        while place >= line.startIndex {
            if line[place] == mark[0], line[place..<place + mark.count].elementsEqual(mark) { return place }
            place -= 1
        }
        return nil
    }
}

/// A column as `--print-table-metadata` describes it.
struct StockColumn {
    /// Nil where the binlog does not have the names.
    var name: [UInt8]?
    var isUnsigned = false
    var charset: String?
    /// Of ENUM and SET, in the column's charset; nil where the binlog does not have them.
    var labels: [[UInt8]]?
    /// Whether the tool knows what it says: MariaDB's gives the metadata of a column that it cannot describe to the ones behind it.
    var isCertain = true

    /// Reads ``id` INT UNSIGNED NOT NULL,`e` ENUM('a', 'it\'s') CHARSET latin1 COLLATE latin1_swedish_ci)``, and what MariaDB makes of types
    /// that it cannot describe: `INVALID_TYPE(141)`, with nothing between it and the next column.
    static func parse(_ text: [UInt8]) -> [StockColumn] {
        var columns: [StockColumn] = []
        var place = 0
        func byte() -> UInt8? { place < text.count ? text[place] : nil }
        while let first = byte() {
            if first == UInt8(ascii: ",") || first == UInt8(ascii: " ") || first == UInt8(ascii: ")") {
                place += 1
                continue
            }
            var column = StockColumn()
            if first == UInt8(ascii: "`") {
                // Only MySQL's tool doubles the quotes inside a name.
                var end = place + 1
                while end + 1 < text.count, text[end] != first || text[end + 1] != UInt8(ascii: " ") { end += 1 }
                column.name = Array(String(decoding: text[(place + 1)..<end], as: UTF8.self).replacing("``", with: "`").utf8)
                place = end + 1
            }
            var words: [UInt8] = []
            while let next = byte(), next != UInt8(ascii: ","), next != UInt8(ascii: ")"), next != UInt8(ascii: "`") {
                place += 1
                guard next == UInt8(ascii: "(") else {
                    words.append(next)
                    continue
                }
                column.labels = quoted(in: text, &place)
                if words.starts(with: "INVALID_TYPE".utf8) { break }
            }
            let description = String(decoding: words, as: UTF8.self)
            column.isUnsigned = description.contains("UNSIGNED")
            column.charset = description.firstMatch(of: /CHARSET (\w+)/).map { String($0.1) }
            column.isCertain = columns.last?.isCertain ?? true && !description.contains("INVALID_TYPE")
            columns.append(column)
        }
        return columns
    }

    /// Reads up to behind the closing parenthesis; nil where something else than quoted words stands in front of it.
    private static func quoted(in text: [UInt8], _ place: inout Int) -> [[UInt8]]? {
        var words: [[UInt8]]?
        var word: [UInt8]?
        while place < text.count {
            let byte = text[place]
            place += 1
            if byte == UInt8(ascii: "'") {
                if let ended = word { words = (words ?? []) + [ended] }
                word = word == nil ? [] : nil
            } else if byte == UInt8(ascii: "\\"), word != nil, place < text.count {
                word?.append(text[place])
                place += 1
            } else if word != nil {
                word?.append(byte)
            } else if byte == UInt8(ascii: ")") {
                return words
            }
        }
        return words
    }
}
