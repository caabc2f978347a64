import BinlogInput
import ArgumentParser
import Common
import Glibc
import Log
import MySQLClient

@main
struct BinlogInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binlog-inspect",
        abstract: "Decodes MySQL binlog events by GTID, for auditing.",
        discussion: """
            text prints one line an event: its offset, time (UTC), server id, type, size, and what it holds; below it, for each row, what \
            was there before (-) and what is there now (+). Lines that begin with # are about the file or the transaction that \
            follows. json prints one object a line for each row change, statement and commit, and for what is to be known beside them \
            (incidents, transactions that never end). sql prints a script that does it all \
            again when it is piped to mysql or mariadb, on the same tables, whatever state the session is in; what it cannot hold (a \
            file that LOAD DATA read, changes to columns whose names the binlog does not tell) ends it with exit code 1. summary \
            tells rows by table, and which transactions are the biggest and the longest. A data directory is read to its last known \
            commit.

            EXAMPLES
              binlog-inspect binlog.000012
              binlog-inspect --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23-25 binlog.0000*
              binlog-inspect --since -15m --table shop.orders --type delete --where 'id=42' binlog.000012
              binlog-inspect --format json --database shop binlog.000012 | jq .after
              binlog-inspect --format sql --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23-25 binlog.000012 | mysql
              binlog-inspect --format summary binlog.0000*
              binlog-inspect --history shop.orders --where 'id=42' ./kingbus-data
              binlog-inspect --verify ./kingbus-data > /dev/null && echo intact
              ssh db1 cat /var/lib/mysql/binlog.000012 | binlog-inspect --limit 20 -
              binlog-inspect --since -15m mysql://repl@db1:3306
              binlog-inspect --schema mysql://reader@db1 binlog.000012
              binlog-inspect --follow --format json mysql://repl@db1:3306/binlog.000012
              binlog-inspect --follow ./kingbus-data

            EXIT CODES
              0 success, 1 failure, 64 wrong usage, 65 damaged input (everything before the damage is printed), 69 server not \
            reachable, 75 no answer in time, 77 login or dump not permitted
            """,
        version: kingbusVersion
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sql, summary

        var options: PrintOptions.Format {
            switch self {
            case .text: .text
            case .json: .json
            case .sql: .sql
            case .summary: .summary
            }
        }
    }

    enum Int64Style: String, ExpressibleByArgument, CaseIterable { case number, string }

    @Argument(
        help: ArgumentHelp(
            "Binlog or relay-log files, - for stdin, data directories of a node, or servers: mysql://user@host:port[/file].",
            valueName: "input"))
    var inputs: [String]

    @Option(help: "How events are printed.")
    var format = Format.text

    @OptionGroup(title: "What is printed")
    var filter: FilterOptions

    @Option(
        help: ArgumentHelp("Begin with the event at this byte of the first file.", valueName: "n"))
    var startPosition: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "End before the event at this byte of the last file, or behind it.", valueName: "n"))
    var stopPosition: UInt64?

    @Option(
        help: ArgumentHelp(
            "Tell every change of the rows of this table that --where finds: when, by whom, the statement, the columns, how to undo it.",
            valueName: "db.table"))
    var history: String?

    @Option(help: ArgumentHelp("Print at most this many events, lines of json, or changes as sql.", valueName: "n"))
    var limit: UInt64?

    @Option(help: ArgumentHelp("How json shows 64-bit integers: string is for readers whose numbers are doubles.", valueName: "style"))
    var int64 = Int64Style.number

    @Flag(help: "Check everything: checksums, positions, structure, entries and their chain; tell about GTID gaps.")
    var verify = false

    @Flag(help: "Print also what a data directory holds beyond its last known commit, marked.")
    var uncommitted = false

    @Option(
        help: ArgumentHelp(
            "Where columns' names and types stand that the binlog lacks: a dump with CREATE TABLE, or mysql://user@host:port.",
            valueName: "file or URL"))
    var schema: String?

    @Flag(help: "At the end of the last input, wait for what is written next; SIGINT ends it.")
    var follow = false

    @Option(help: ArgumentHelp("The file with the password for servers; else MYSQL_PWD, ~/.my.cnf, or a prompt.", valueName: "path"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("What to tell on stderr.", valueName: "level"))
    var logLevel = LogLevel.notice

    /// Those of sysexits.h: EX_USAGE, EX_DATAERR, EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM.
    private static let exitCodes: [ToolError.Code: Int32] = [.usage: 64, .damaged: 65, .unreachable: 69, .timedOut: 75, .notPermitted: 77]

    /// An input without a password in it.
    private static func shown(_ input: String) -> String {
        MySQLURL.isURL(input) ? (try? MySQLURL(parsing: input).withoutPassword) ?? "a mysql:// URL" : input
    }

    static func main() {
        // The copy that is parsed is taken before the one that `ps` shows is overwritten.
        let arguments = Array(CommandLine.arguments.dropFirst())
        hidePasswordsInArguments(CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        main(arguments)
    }

    private static var threadCount: Int { max(1, min(8, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Half of what a terminal has, so that the names have room; 0 where stdout is none.
    private static var barWidth: Int {
        guard isatty(STDOUT_FILENO) == 1 else { return 0 }
        var size = winsize()
        let columns = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        return max(10, min(60, columns - 90))
    }

    private func rowFilter() throws -> RowFilter {
        var rows = try filter.rows()
        if let history { rows.tables.append(TablePattern(history)) }
        return rows
    }

    func validate() throws {
        _ = try rowFilter()
        guard history == nil || filter.table.isEmpty && filter.database.isEmpty else {
            throw ValidationError("--history names the table by itself; leave out --table and --database")
        }
        guard history == nil || format == .text else { throw ValidationError("--history has a form of its own; leave out --format") }
        guard !inputs.isEmpty else { throw ValidationError("name a file, a data directory, or - for stdin") }
        for input in inputs + [schema].compactMap(\.self) where MySQLURL.isURL(input) {
            do { _ = try MySQLURL(parsing: input) } catch { throw ValidationError(error.reason) }
        }
        for (option, isGiven, input) in [
            ("--start-position", startPosition > 0, inputs.first),
            ("--stop-position", stopPosition != nil, inputs.last),
        ] where isGiven {
            guard let input, !StoredLog.isDirectory(input),
                !MySQLURL.isURL(input) || (try? MySQLURL(parsing: input).path).map({ !$0.isEmpty }) == true
            else {
                throw ValidationError(
                    "\(option) is a place in one file: name it, as FILE or as mysql://user@host/FILE")
            }
        }
        if follow, uncommitted {
            throw ValidationError("--follow shows what is committed, since what is not may yet be cut off; leave out --uncommitted")
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        LogLevel.debug.tell("reading \(inputs.map(Self.shown).joined(separator: ", "))", tool: "binlog-inspect", threshold: logLevel)
        var options = InspectOptions(verify: verify, showsUncommitted: uncommitted, threadCount: Self.threadCount)
        options.filter = try filter.transactions()
        options.barWidth = Self.barWidth
        options.passwordFile = passwordFile
        options.startPosition = startPosition
        options.stopPosition = stopPosition
        options.tell = { LogLevel.warning.tell($0, tool: "binlog-inspect", threshold: logLevel) }
        if follow {
            options.follows = true
            _ = FollowWatch(options.stopper)
        }
        options.print = PrintOptions(
            format: history == nil ? format.options : .history, rows: try rowFilter(), limit: limit, writesInt64AsString: int64 == .string)
        do throws(ToolError) {
            if let schema {
                options.print.schema = try SchemaStore(schema, passwordFile: passwordFile, tool: "binlog-inspect") { [logLevel] line in
                    LogLevel.warning.tell(line.onOneLine, tool: "binlog-inspect", threshold: logLevel)
                }
            }
            var inspection = Inspection(options, output: Output())
            try inspection.run(inputs)
        } catch {
            switch error.code {
            case .outputClosed:
                // A check that was not carried through must not look like a success.
                throw verify ? ExitCode.failure : ExitCode.success
            case .failure, .usage, .damaged, .unreachable, .timedOut, .notPermitted, .conflict, .interrupted:
                LogLevel.error.tell("\(error)", tool: "binlog-inspect", threshold: .error)
                throw ExitCode(Self.exitCodes[error.code] ?? ExitCode.failure.rawValue)
            }
        }
    }
}

extension LogLevel: ExpressibleByArgument {}
