import ArgumentParser
import Common

@main
struct Flashback: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flashback",
        abstract: "Undoes row changes from full-image ROW binlogs.",
        discussion: """
            This version cannot reverse anything yet: given an input, it says so and fails. binlog-inspect shows what a binlog holds.

            EXAMPLES
              flashback --version
              binlog-inspect binlog.000012

            EXIT CODES
              0 success, 1 failure, 64 wrong usage
            """,
        version: kingbusVersion
    )

    @Argument(help: ArgumentHelp("Binlog files to reverse.", valueName: "input"))
    var inputs: [String]

    @Option(help: ArgumentHelp("What to tell on stderr.", valueName: "level"))
    var logLevel = LogLevel.notice

    func run() throws {
        LogLevel.error.tell("reversing is not part of this version", tool: "flashback", threshold: .error)
        throw ExitCode.failure
    }
}

extension LogLevel: ExpressibleByArgument {}
