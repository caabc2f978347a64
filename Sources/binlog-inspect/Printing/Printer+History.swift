import BinlogInput
import Common

/// What a row went through, change by change: `--history`.
extension Printer {
    private static let indent: StaticString = "    "
    private static let labelWidth = 20
    private static let maxQueryBytes = 400

    /// Prints each change of the wanted rows of an event: when and by whom, which columns, and how it is undone.
    mutating func printHistory(_ rows: inout RowReader, _ table: TablePrinting, _ header: EventHeader, _ place: Place) throws(CodecError) {
        while try rows.next() {
            guard isMatch(rows, table), !isEnough else { continue }
            lines += 1
            printHead(rows.event.action.kind, table, header, place)
            if !transaction.query.isEmpty {
                label("sql")
                scratch.removeAll()
                let query = transaction.query
                scratch.append(excerpt: query.span.bytes, limit: Self.maxQueryBytes)
                endLine()
            }
            if rows.event.hasBefore, rows.event.hasAfter {
                printChanges(rows, table)
            } else {
                for index in 0..<rows.beforeCount { printValue(rows.before(index), table) }
                for index in 0..<rows.afterCount { printValue(rows.after(index), table) }
            }
            printUndo(table)
        }
    }

    private mutating func printHead(_ kind: ChangeKind, _ table: TablePrinting, _ header: EventHeader, _ place: Place) {
        scratch.removeAll()
        scratch.append(microsecondTime: transaction.commitTime ?? UInt64(header.timestamp) * 1_000_000)
        scratch.append(text: "  \(kind.rawValue) ")
        scratch.append(contentsOf: table.textName)
        scratch.append("  ")
        if transaction.gtid.isEmpty {
            scratch.append(text: "\(path):\(place.offset)")
        } else {
            scratch.append(contentsOf: transaction.gtid)
        }
        if let thread = transaction.threadID {
            scratch.append("  thread ")
            scratch.append(decimal: thread)
        }
        scratch.append("  server ")
        scratch.append(decimal: header.serverID)
        if place.isUncommitted { scratch.append("  [uncommitted]") }
        endLine()
    }

    /// Prints the columns that differ, what was before and what is now.
    private mutating func printChanges(_ rows: borrowing RowReader, _ table: TablePrinting) {
        for index in 0..<rows.afterCount {
            let after = rows.after(index)
            guard let place = rows.beforeIndex(of: after.columnIndex) else {
                printValue(after, table)
                continue
            }
            let before = rows.before(place)
            if after.isSame(as: before) { continue }
            label(table.names[after.columnIndex])
            writer.write(before, as: .text, into: &sink)
            sink.append(" → ")
            writer.write(after, as: .text, into: &sink)
            sink.append(UInt8(ascii: "\n"))
        }
    }

    private mutating func printValue(_ value: borrowing RowValue, _ table: TablePrinting) {
        label(table.names[value.columnIndex])
        writer.write(value, as: .text, into: &sink)
        sink.append(UInt8(ascii: "\n"))
    }

    private mutating func printUndo(_ table: TablePrinting) {
        label("undo")
        scratch.removeAll()
        scratch.append("flashback")
        if !transaction.gtid.isEmpty {
            scratch.append(" --gtid ")
            scratch.append(contentsOf: transaction.gtid)
        }
        scratch.append(text: " --table " + Self.shellQuoted(String(decoding: table.textName, as: UTF8.self)))
        for condition in options.rows.conditions { scratch.append(text: " --where " + Self.shellQuoted(condition.text)) }
        scratch.append(text: " " + Self.shellQuoted(path))
        endLine()
        sink.append(UInt8(ascii: "\n"))
    }

    private mutating func label(_ text: String) {
        sink.append(Self.indent)
        sink.append(utf8: text)
        for _ in 0..<max(1, Self.labelWidth - text.count) { sink.append(UInt8(ascii: " ")) }
    }

    private mutating func endLine() {
        sink.append(scratch)
        sink.append(UInt8(ascii: "\n"))
    }

    /// One word of a shell's command line.
    static func shellQuoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: ","):
                    true
                default: false
                }
            }
        return isPlain ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
