import ArgumentParser
import ClusterAPI
import Common

struct MembersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members",
        abstract: "Shows or changes the nodes that the cluster consists of.",
        discussion: """
            To bring back a node whose data directory was lost, remove it and add it again, while it runs.

            EXAMPLES
              kingbus-ctl members list
              kingbus-ctl members remove n3 --yes && kingbus-ctl members add n3 kb3:7707
            """,
        subcommands: [List.self, Add.self, Promote.self, Remove.self]
    )

    struct List: CtlCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the members, and how far the leader knows their logs to be equal to its own.",
            discussion: """
                EXAMPLES
                  kingbus-ctl members list
                  kingbus-ctl members list --output json
                """
        )

        @OptionGroup var connection: ConnectionOptions

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            let answer = try await client.get("/v1/members")
            try print(answer) { () throws(CtlError) in MemberTable.text(try answer.decoded(Members.self).members) }
            return .success
        }
    }

    struct Add: CtlCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a node that runs with an empty data directory.",
            discussion: """
                It gets the log as a learner, and votes by itself once it holds all that is committed.

                EXAMPLES
                  kingbus-ctl members add n4 kb4:7707
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "What the node calls itself (its --name).")
        var name: String

        @Argument(help: ArgumentHelp("Its peer port, as the other nodes reach it.", valueName: "host:port"))
        var peer: String

        func validate() throws {
            guard HostPort(parsing: peer, defaultPort: 7707) != nil else {
                throw ValidationError("'\(peer)' is no address; it reads kb4:7707")
            }
        }

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            let body: [UInt8]
            do { body = try JSON.encode(MemberAddition(name: name, peer: peer)) } catch {
                throw CtlError(.failure, "the request cannot be encoded: \(error)")
            }
            let answer = try await client.post("/v1/members", body)
            try print(answer) { () throws(CtlError) in
                let role = try answer.decoded(Members.self).role(of: name)
                return role == "learner"
                    ? "member \(name) added: it votes once it has caught up (kingbus-ctl members list shows it)\n"
                    : "\(name) is a member\n"
            }
            return .success
        }
    }

    struct Promote: CtlCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a learner vote that has caught up; learners do so by themselves.",
            discussion: """
                EXAMPLES
                  kingbus-ctl members promote n4
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "The member.")
        var name: String

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            let answer = try await client.post("/v1/members/\(AdminClient.encoded(pathPart: name))/promote")
            try print(answer) { "member \(name) votes\n" }
            return .success
        }
    }

    struct Remove: CtlCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a member out of the cluster.",
            discussion: """
                Its data directory stays, and is of no more use: empty it before the node is added again.

                EXAMPLES
                  kingbus-ctl members remove n3 --dry-run
                  kingbus-ctl members remove n3 --yes
                """
        )

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var confirmation: Confirmation

        @Argument(help: "The member.")
        var name: String

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            let members = try await client.get("/v1/members").decoded(Members.self).members
            guard let member = members.first(where: { $0.name == name }) else {
                throw CtlError(
                    .failure, "the cluster has no member '\(name)'", hint: "its members are \(members.map(\.name).joined(separator: ", "))")
            }
            let what = "Takes the \(member.role) \(name) out of the cluster of \(members.count)"
            guard try confirmation.allows(member.reachable ? what : what + "; it is not reachable now") else { return .success }
            let answer = try await client.delete("/v1/members/\(AdminClient.encoded(pathPart: name))")
            try print(answer) { "member \(name) removed\n" }
            return .success
        }
    }
}
