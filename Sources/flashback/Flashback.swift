import ArgumentParser
import BinlogInput
import ClusterAPI
import Common
import Glibc

@main
struct Flashback: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flashback",
        abstract: "Undoes row changes from full-image ROW binlogs.",
        discussion: """
            Reads the binlog first to find out whether all that is wanted can be undone, and lists what cannot, by GTID and position, before \
            anything is written; DDL and statements are never undone, and stand in the way unless --type leaves them out. Then it writes what undoes it, the last transaction first: SQL for mysql or mariadb, whatever their session \
            is set to, or a binlog file for mysqlbinlog or mariadb-binlog. Transactions stay transactions. SQL fires triggers again, \
            though the rows hold what they did; a binlog fires none. A data directory is read to its last known commit.

            EXAMPLES
              flashback --check binlog.000012
              flashback --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23 binlog.000012 | mysql
              flashback --output binlog --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23-25 -o undo.binlog binlog.000012
              mysqlbinlog undo.binlog | mysql
              flashback --output binlog --since -15m --table shop.orders binlog.0000* > undo.binlog
              flashback --verify mysql://reader@db1 --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23 binlog.000012
              flashback --apply mysql://admin@db1 --dry-run --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23 binlog.000012
              flashback --schema mysql://reader@db1 --table shop.orders --where 'id=42' binlog.000012 > undo.sql
              flashback --not-in http://n1:8707,http://n2:8707 --schema mysql://root@old mysql://repl@old/binlog.000012 > undo.sql
              flashback --check --since -15m mysql://repl@db1:3306/binlog.000012

            EXIT CODES
              0 success, 1 failure, 3 not reversible, 4 not known without the tables' definitions, 5 a server's rows are not what the \
            changes left, 64 wrong usage, 65 damaged input, 69 server not reachable, 75 no answer in time, 77 login or dump not permitted
            """,
        version: kingbusVersion
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(
        help: ArgumentHelp(
            "Binlog or relay-log files, - for stdin, data directories of a node, or servers: mysql://user@host:port[/file].",
            valueName: "input"))
    var inputs: [String]

    @Option(help: "What is written, or asked about: SQL statements by the columns' names, or a binlog file, which needs no names.")
    var output = Undo.Output.sql

    @Option(name: .customShort("o"), help: ArgumentHelp("Write into this file, once all is done; stdout otherwise.", valueName: "file"))
    var outputFile: String?

    @Flag(help: "Print the verdict and write nothing else.")
    var check = false

    @Option(help: "How --check prints the verdict.")
    var format = Format.text

    @OptionGroup(title: "What is undone")
    var filter: FilterOptions

    @OptionGroup(title: "Where it is undone")
    var target: TargetOptions

    @Option(
        help: ArgumentHelp(
            "Undo the transactions that a cluster does not have, which must be the binlog's last: admin addresses of its nodes.",
            valueName: "url,…"))
    var notIn: String?

    @Option(help: ArgumentHelp("A file that holds the cluster's admin token.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Memory to take, beside twice the largest event; a compressed transaction that is too large for it goes to a file.",
            valueName: "size"))
    var maxMemory = ByteCount(64 << 20)

    @Option(
        help: ArgumentHelp(
            "Where columns' names, generated columns, triggers and foreign keys stand: a dump, or mysql://user@host:port.",
            valueName: "file or URL"))
    var schema: String?

    @Option(help: ArgumentHelp("The file with the password for servers; else MYSQL_PWD, ~/.my.cnf, or a prompt.", valueName: "path"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("Where temporary files go, without a name.", valueName: "folder"))
    var tempDir = "/tmp"

    @Option(help: ArgumentHelp("What to tell on stderr.", valueName: "level"))
    var logLevel = LogLevel.notice

    private static let irreversibleExitCode: Int32 = 3
    private static let undecidableExitCode: Int32 = 4
    /// The last four are those of sysexits.h: EX_DATAERR, EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM.
    private static let exitCodes: [ToolError.Code: Int32] = [
        .conflict: 5, .damaged: 65, .unreachable: 69, .timedOut: 75, .notPermitted: 77,
    ]

    static func main() {
        // The copy that is parsed is taken before the one that `ps` shows is overwritten.
        let arguments = Array(CommandLine.arguments.dropFirst())
        hidePasswordsInArguments(CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        main(arguments)
    }

    func validate() throws {
        guard !inputs.isEmpty else { throw ValidationError("name a file, a data directory, or - for stdin") }
        guard !check || outputFile == nil else { throw ValidationError("--check writes no file; leave out -o") }
        if target.url != nil {
            guard !check, outputFile == nil, output == .sql, schema == nil else {
                throw ValidationError(
                    "with --apply and --verify nothing is written, and the server tells of its tables; leave out --check, --output, -o and --schema"
                )
            }
        }
        guard target.apply == nil || target.dryRun || !filter.hasRelativeTimes else {
            throw ValidationError("with --apply, name times in full: where the same command goes on, it must mean the same changes")
        }
        if let notIn {
            do throws(ClusterError) { _ = try AdminClient.endpoints(parsing: notIn) } catch { throw ValidationError("--not-in: \(error)") }
            let transactions = try filter.transactions()
            guard try filter.rows().isEmpty, transactions.included == nil, transactions.excluded == nil, transactions.since == nil,
                transactions.until == nil
            else { throw ValidationError("--not-in takes just what the cluster does not have; leave out the other filters") }
        }
        for input in inputs + [schema].compactMap(\.self) where MySQLURL.isURL(input) {
            do { _ = try MySQLURL(parsing: input) } catch { throw ValidationError(error.reason) }
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        var undo = Undo(
            output: output, transactions: try filter.transactions(), rows: try filter.rows(), maxMemory: maxMemory.value,
            temporaryFolder: tempDir)
        let outcome: Verdict.Outcome
        undo.passwordFile = passwordFile
        undo.tell = { [logLevel] line in LogLevel.notice.tell(line.onOneLine, tool: "flashback", threshold: logLevel) }
        do throws(ToolError) {
            let server = try target.url.map { url throws(ToolError) in
                try Target(url, passwordFile: passwordFile) { tell(.warning, $0) }
            }
            undo.schema = try server?.schema { [logLevel] in LogLevel.warning.tell($0, tool: "flashback", threshold: logLevel) }
            if let notIn {
                let held = try HeldTransactions.ask(notIn, tokenFile: tokenFile, logLevel: logLevel)
                undo.tell("\(held.leader), the leader of term \(held.term), has committed \(held.gtidSet), up to entry \(held.index)")
                undo.transactions.excluded = held.gtidSet
                undo.mustBeTail = true
                if let upstream = held.upstream {
                    undo.warnings.append(
                        "the cluster takes transactions from \(upstream): where that is who wrote the input, it may have soon what it lacks "
                            + "now; stop it first, with kingbus-ctl upstream stop")
                }
            }
            if let schema {
                undo.schema = try SchemaStore(schema, passwordFile: passwordFile, tool: "flashback") { [logLevel] line in
                    LogLevel.warning.tell(line.onOneLine, tool: "flashback", threshold: logLevel)
                }
            }
            // What keeps SQL from being written, as triggers do, keeps nobody from looking.
            if target.verify != nil { undo.output = .binlog }
            let (plan, verdict) = try undo.examine(inputs)
            tell(verdict)
            if let server, verdict.outcome == .reversible {
                outcome = try work(undo, plan, on: server)
            } else {
                outcome = verdict.outcome
                if outcome == .reversible, !check { try undo.write(plan, to: outputFile) }
            }
        } catch {
            tell(.error, "\(error)")
            throw ExitCode(Self.exitCodes[error.code] ?? ExitCode.failure.rawValue)
        }
        switch outcome {
        case .reversible: return
        case .irreversible: throw ExitCode(Self.irreversibleExitCode)
        case .undecidable: throw ExitCode(Self.undecidableExitCode)
        }
    }

    /// Undoes at a server, or compares.
    private func work(_ undo: Undo, _ plan: Plan, on server: Target) throws(ToolError) -> Verdict.Outcome {
        let obstacles: [String]
        var needsNames = false
        if target.apply != nil {
            obstacles = try undo.apply(plan, on: server, isDryRun: target.dryRun, tell: tell)
        } else {
            (obstacles, needsNames) = try undo.verify(plan, on: server, report: { print($0.onOneLine) }, tell: tell)
        }
        for line in obstacles { tell(.error, line) }
        return obstacles.isEmpty ? .reversible : needsNames ? .undecidable : .irreversible
    }

    private func tell(_ verdict: Verdict) {
        if check { return print(format == .json ? VerdictText.json(verdict) : VerdictText.text(verdict)) }
        for warning in verdict.warnings { tell(.warning, warning) }
        for line in VerdictText.lines(verdict) { tell(.error, line) }
    }

    private func tell(_ level: LogLevel, _ line: String) {
        level.tell(line, tool: "flashback", threshold: level == .error ? .error : logLevel)
    }
}

extension LogLevel: ExpressibleByArgument {}
extension Undo.Output: ExpressibleByArgument {}

/// A number of bytes on the command line: `65536`, `64KiB`, `64MiB`, `1GiB`.
struct ByteCount: ExpressibleByArgument, Hashable {
    let value: Int

    private static let units: [(suffix: String, shift: Int)] = [("KiB", 10), ("MiB", 20), ("GiB", 30)]

    init(_ value: Int) { self.value = value }

    init?(argument: String) {
        let unit = Self.units.first { argument.hasSuffix($0.suffix) }
        guard let number = Int(argument.dropLast(unit?.suffix.count ?? 0)), number >= 0, number <= Int.max >> (unit?.shift ?? 0) else {
            return nil
        }
        value = number << (unit?.shift ?? 0)
    }

    var defaultValueDescription: String {
        let unit = Self.units.last { value > 0 && value % (1 << $0.shift) == 0 }
        return unit.map { "\(value >> $0.shift)\($0.suffix)" } ?? "\(value)"
    }
}
