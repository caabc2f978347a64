import ArgumentParser
import ClusterAPI

struct VerifyCommand: CtlCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Proves that all nodes hold the same log, and says up to which GTID.",
        discussion: """
            Every entry carries a SHA-256 chain over all entries before it. The nodes are asked one by one, at the addresses that the \
            cluster knows, or else at those of --admin. Whether the bytes on a node's disk are still what its log says, \
            binlog-inspect --verify tells.

            EXAMPLES
              kingbus-ctl verify
              kingbus-ctl verify --admin http://n1:8707,http://n2:8707,http://n3:8707 --output json

            EXIT CODES
              0 all agree, 1 they differ (it names the first entry), 2 a member does not answer (the others agree), 69 no node answers
            """
    )

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
        let agreement = try await ClusterVerification(endpoints: client.endpoints, get: client.get(_:from:)).run()
        switch connection.output {
        case .json:
            do { Terminal.write(try JSON.encode(agreement) + [UInt8(ascii: "\n")]) } catch {
                throw CtlError(.failure, "the result cannot be encoded: \(error)")
            }
        case .table: Terminal.write(Array(agreement.text.utf8))
        }
        return agreement.outcome
    }
}
