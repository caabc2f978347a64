import ArgumentParser
import ClusterAPI

struct LeaderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leader",
        abstract: "Changes which node leads.",
        subcommands: [Transfer.self]
    )

    struct Transfer: CtlCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets another member lead.",
            discussion: """
                It is given all that is committed first. Replicas stay connected to the nodes at which they are; the upstream is pulled from by \
                the new leader. Where the member does not take over in an election timeout, all stays as it was.

                EXAMPLES
                  kingbus-ctl leader transfer
                  kingbus-ctl leader transfer n2
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "Who is to lead (default: the voter that is furthest ahead).")
        var name: String?

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            let body: [UInt8]
            do { body = try JSON.encode(LeaderTransfer(to: name)) } catch {
                throw CtlError(.failure, "the request cannot be encoded: \(error)")
            }
            let answer = try await client.post("/v1/leader/transfer", body)
            try print(answer) { () throws(CtlError) in
                let leadership = try answer.decoded(Leadership.self)
                return "\(leadership.leader) leads in term \(leadership.term)\n"
            }
            return .success
        }
    }
}

/// The body of `POST /v1/leader/transfer`.
struct LeaderTransfer: Encodable {
    var to: String?
}

/// What it answers.
struct Leadership: Decodable {
    var leader: String
    var term: UInt64
}
