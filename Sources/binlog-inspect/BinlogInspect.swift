import ArgumentParser
import Common
import Glibc

@main
struct BinlogInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binlog-inspect",
        abstract: "Decodes MySQL binlog events by GTID, for auditing.",
        discussion: """
            Prints one line an event: its offset, time (UTC), server id, type, size, and what it holds. Lines that begin with # are \
            about the file or the transaction that follows. A data directory is read to its last known commit.

            EXAMPLES
              binlog-inspect binlog.000012
              binlog-inspect --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23-25 binlog.0000*
              binlog-inspect --verify ./kingbus-data > /dev/null && echo intact
              ssh db1 cat /var/lib/mysql/binlog.000012 | binlog-inspect --limit 20 -

            EXIT CODES
              0 success, 1 failure, 64 wrong usage, 65 damaged input (everything before the damage is printed)
            """,
        version: kingbusVersion
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case text }

    @Argument(help: ArgumentHelp("Binlog or relay-log files, - for stdin, or data directories of a node.", valueName: "input"))
    var inputs: [String]

    @Option(help: "How events are printed.")
    var format = Format.text

    @Option(help: ArgumentHelp("Print only the transactions of this GTID set.", valueName: "set"), transform: Self.gtidSet)
    var gtid: GTIDSet?

    @Option(help: ArgumentHelp("Leave out the transactions of this GTID set.", valueName: "set"), transform: Self.gtidSet)
    var excludeGtid: GTIDSet?

    @Option(help: ArgumentHelp("Print at most this many events.", valueName: "n"))
    var limit: UInt64?

    @Flag(help: "Check everything: checksums, positions, structure, entries and their chain; tell about GTID gaps.")
    var verify = false

    @Flag(help: "Print also what a data directory holds beyond its last known commit, marked.")
    var uncommitted = false

    @Option(help: ArgumentHelp("What to tell on stderr.", valueName: "level"))
    var logLevel = LogLevel.notice

    /// `EX_DATAERR` of sysexits.h.
    private static let damagedExitCode: Int32 = 65

    private static func gtidSet(_ text: String) throws -> GTIDSet {
        do { return try GTIDSet(parsing: text) } catch {
            throw ValidationError("'\(text)' is no GTID set: \(error); it reads like 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5")
        }
    }

    func validate() throws {
        guard !inputs.isEmpty else { throw ValidationError("name a file, a data directory, or - for stdin") }
        if let url = inputs.first(where: { $0.hasPrefix("mysql://") }) {
            let shown = (try? MySQLURL(parsing: url).withoutPassword) ?? "a mysql:// URL"
            throw ValidationError("\(shown): this version reads files, directories and stdin, not servers")
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        LogLevel.debug.tell("reading \(inputs.joined(separator: ", "))", tool: "binlog-inspect", threshold: logLevel)
        let options = InspectOptions(
            filter: TransactionFilter(included: gtid, excluded: excludeGtid), limit: limit, verify: verify, showsUncommitted: uncommitted)
        var inspection = Inspection(options, output: Output())
        do throws(InspectError) {
            try inspection.run(inputs)
        } catch {
            switch error.code {
            case .outputClosed:
                // A check that was not carried through must not look like a success.
                throw verify ? ExitCode.failure : ExitCode.success
            case .failure, .damaged:
                LogLevel.error.tell("\(error)", tool: "binlog-inspect", threshold: .error)
                throw ExitCode(error.code == .damaged ? Self.damagedExitCode : ExitCode.failure.rawValue)
            }
        }
    }
}

extension LogLevel: ExpressibleByArgument {}
