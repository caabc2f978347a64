import ArgumentParser
import Common

/// The options by which the tools are told which transactions and changes are wanted.
package struct FilterOptions: ParsableArguments {
    @Option(
        name: [.long, .customLong("include-gtids")],
        help: ArgumentHelp("Only the transactions of this GTID set; of MariaDB's as 0-1-42, or 0-1-10:20.", valueName: "set"),
        transform: Self.selection)
    package var gtid: GTIDSelection?

    @Option(
        name: [.long, .customLong("exclude-gtids")],
        help: ArgumentHelp("Not the transactions of this GTID set.", valueName: "set"), transform: Self.selection)
    package var excludeGtid: GTIDSelection?

    @Option(
        name: [.long, .customLong("start-datetime")],
        help: ArgumentHelp(
            "Only transactions committed then or later: 2026-11-21T08:00:00Z, '2026-11-21 08:00:00', or -15m.", valueName: "time"))
    package var since: String?

    @Option(
        name: [.long, .customLong("stop-datetime")],
        help: ArgumentHelp("Only transactions committed before then.", valueName: "time"))
    package var until: String?

    @Option(help: ArgumentHelp("The time zone of times without one, as Europe/Berlin or +02:00.", valueName: "zone"))
    package var timeZone = "UTC"

    @Option(help: ArgumentHelp("Only changes in these databases; * and ? are wildcards; may be repeated.", valueName: "glob"))
    package var database: [String] = []

    @Option(help: ArgumentHelp("Only changes of these tables, as table or database.table; may be repeated.", valueName: "glob"))
    package var table: [String] = []

    @Option(help: ArgumentHelp("Only these: \(Self.kinds).", valueName: "list"))
    package var type: [String] = []

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only rows of which an image is like this: col=value, !=, <, >, col IS NULL; repeated, all must hold.",
            discussion: """
                Integers and DECIMAL are compared exactly, BIT as a number, FLOAT and DOUBLE with the nearest number of their kind, dates and \
                times as such (TIMESTAMP in UTC), text by its characters and without a collation, ENUM and SET by their labels, binary \
                columns by their bytes. 0x2a, x'2a' and b'101010' without further quotes are a number, or the bytes of a binary column. In \
                quotes, two of them stand for one.
                """,
            valueName: "condition"))
    package var conditions: [String] = []

    private static let kinds = ChangeKind.allCases.map(\.rawValue).joined(separator: ", ")

    package init() {}

    /// Whether a time is given by how long ago it is, so that it means another one later.
    package var hasRelativeTimes: Bool { [since, until].contains { $0?.hasPrefix("-") == true } }

    /// - Throws: `ValidationError` where an option's text makes no sense; the parser asks before anything is done.
    package func validate() throws {
        _ = try rows()
        _ = try transactions()
    }

    /// Which transactions are wanted.
    package func transactions() throws -> TransactionFilter {
        TransactionFilter(included: gtid, excluded: excludeGtid, since: try time(since), until: try time(until))
    }

    /// Which changes are wanted inside of them.
    package func rows() throws -> RowFilter {
        var filter = RowFilter(databases: database.map(Glob.init), tables: table.map(TablePattern.init))
        for name in type.flatMap({ $0.split(separator: ",") }) {
            guard let kind = ChangeKind(rawValue: name.lowercased()) else {
                throw ValidationError("--type '\(name)' is not known; it is one of \(Self.kinds)")
            }
            filter.changes.insert(kind)
        }
        filter.conditions = try conditions.map { text in
            do { return try RowCondition(parsing: text) } catch { throw ValidationError("--where \(error)") }
        }
        return filter
    }

    private func time(_ text: String?) throws -> UInt64? {
        guard let text else { return nil }
        do { return try TimeText(timeZone: timeZone).microseconds(text) } catch { throw ValidationError("\(error)") }
    }

    private static func selection(_ text: String) throws -> GTIDSelection {
        do { return try GTIDSelection(parsing: text) } catch {
            throw ValidationError(
                "'\(text)' is no GTID set: \(error); it reads like 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5, or 0-1-42 of MariaDB")
        }
    }
}
