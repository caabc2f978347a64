import ArgumentParser
import ClusterAPI
import Common

struct UpstreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstream",
        abstract: "Shows or changes the MySQL server that the binlog comes from.",
        subcommands: [Show.self, Set.self, Start.self, Stop.self]
    )

    struct Show: CtlCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the upstream and how it is doing.")

        @OptionGroup var connection: ConnectionOptions

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            let answer = try await client.get("/v1/upstream")
            try print(answer) { () throws(CtlError) in try JSONRows.text(answer.body) }
            return .success
        }
    }

    struct Set: CtlCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets the upstream, and further servers to try if the first is gone.",
            discussion: """
                The password comes from --password-file, from KINGBUS_UPSTREAM_PASSWORD or MYSQL_PWD, or is asked for. Where an \
                upstream is set already, this asks before it replaces it.

                EXAMPLES
                  kingbus-ctl upstream set mysql://repl@db1:3306
                  kingbus-ctl upstream set 'mysql://repl@db1?ssl-mode=required' mysql://repl@db2 --password-file repl.password --yes
                """
        )

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var confirmation: Confirmation

        @Argument(
            help: ArgumentHelp("Candidates, as mysql://user@host:port?ssl-mode=required; the first is tried first.", valueName: "url"))
        var urls: [String]

        @Option(help: ArgumentHelp("A file that holds the user's password.", valueName: "file"))
        var passwordFile: String?

        func validate() throws {
            do throws(CtlError) { _ = try UpstreamURLs(parsing: urls) } catch { throw ValidationError(error.description) }
        }

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            let candidates = try UpstreamURLs(parsing: urls)
            if candidates.password != nil {
                LogLevel.warning.tell(
                    "a password in a URL can be seen by others on this machine; use --password-file", tool: "kingbus-ctl",
                    threshold: connection.logLevel)
            }
            let current = try await client.get("/v1/upstream").decoded(UpstreamState.self)
            let list = candidates.urls.joined(separator: ", ")
            if !current.urls.isEmpty {
                guard try confirmation.allows("Replaces the upstream \(current.urls.joined(separator: ", ")) by \(list)") else {
                    return .success
                }
            } else if confirmation.dryRun {
                _ = try confirmation.allows("Sets the upstream \(list)")
                return .success
            }
            let change = UpstreamChange(urls: candidates.urls, password: try password(candidates), version: current.version)
            let body: [UInt8]
            do { body = try JSON.encode(change) } catch { throw CtlError(.failure, "the request cannot be encoded: \(error)") }
            let answer = try await client.put("/v1/upstream", body)
            try print(answer) { "upstream set: \(list)\n" }
            return .success
        }

        private func password(_ candidates: UpstreamURLs) throws(CtlError) -> String? {
            if let passwordFile { return try SecretFile.read(passwordFile) }
            if let password = Secrets.environmentPassword() ?? candidates.password { return password }
            return Secrets.ask("Password of the upstream's user: ")
        }
    }

    struct Start: CtlCommand {
        static let configuration = CommandConfiguration(abstract: "Goes on pulling from the upstream.")

        @OptionGroup var connection: ConnectionOptions

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            try print(try await client.post("/v1/upstream/start")) { "upstream started\n" }
            return .success
        }
    }

    struct Stop: CtlCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops pulling from the upstream, until it is started again.",
            discussion: "Replicas get nothing new meanwhile. With semi-sync, clients of the upstream wait for an acknowledgement."
        )

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var confirmation: Confirmation

        func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
            guard try confirmation.allows("Stops pulling from the upstream: replicas get nothing new") else { return .success }
            try print(try await client.post("/v1/upstream/stop")) { "upstream stopped\n" }
            return .success
        }
    }
}
