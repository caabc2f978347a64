import ArgumentParser
import ClusterAPI
import Common

/// A command that speaks to the cluster.
protocol CtlCommand: AsyncParsableCommand {
    var connection: ConnectionOptions { get }

    func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome
}

/// How a command ended that was carried out.
enum CtlOutcome: Int32 {
    case success = 0
    /// What was compared differs.
    case different = 1
    /// The cluster works, and something needs attention.
    case degraded = 2
}

extension CtlCommand {
    func run() async throws {
        let outcome: CtlOutcome
        do throws(CtlError) {
            outcome = try await AdminClient.with(connection) { client async throws(CtlError) in try await run(client) }
        } catch {
            LogLevel.error.tell("\(error)", tool: "kingbus-ctl", threshold: .error)
            throw ExitCode(error.code.rawValue)
        }
        if outcome != .success { throw ExitCode(outcome.rawValue) }
    }

    /// Prints the API's own answer, or what `table` makes of it.
    func print(_ answer: AdminClient.Answer, table: () throws(CtlError) -> String) throws(CtlError) {
        switch connection.output {
        case .json:
            var bytes = answer.body
            if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
            Terminal.write(bytes)
        case .table: Terminal.write(Array(try table().utf8))
        }
    }
}
