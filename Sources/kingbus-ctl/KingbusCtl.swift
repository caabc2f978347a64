import ArgumentParser
import Common
import Glibc

struct KingbusCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kingbus-ctl",
        abstract: "Administers a Kingbus cluster over its HTTP API.",
        discussion: """
            Any node answers; a change goes to the leader by itself. Name the nodes with --admin, or once in KINGBUS_ADMIN.

            EXAMPLES
              kingbus-ctl status
              kingbus-ctl members list
              kingbus-ctl leader transfer n2
              kingbus-ctl verify
              kingbus-ctl upstream set mysql://repl@db1:3306
              kingbus-ctl wait --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23 --for replicas --timeout 30s

            EXIT CODES
              0 success, 1 failure, 2 degraded (status, verify), 64 wrong usage, 69 no node answers, 75 timed out, 77 not permitted
            """,
        version: kingbusVersion,
        subcommands: [
            StatusCommand.self, WaitCommand.self, MembersCommand.self, LeaderCommand.self, UpstreamCommand.self, VerifyCommand.self,
        ]
    )
}

@main
enum Main {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        hidePasswordsInArguments(CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        await KingbusCtl.main(LeadingOptions.moved(arguments))
    }
}
