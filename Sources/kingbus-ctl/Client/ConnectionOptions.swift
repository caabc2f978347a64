import ArgumentParser
import ClusterAPI
import Common
import Glibc

/// Which cluster to speak to, and how to answer: options of every command.
struct ConnectionOptions: ParsableArguments {
    enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Option(
        help: ArgumentHelp(
            "Admin addresses of nodes, tried in turn. (default: KINGBUS_ADMIN, or \(AdminClient.defaultEndpoint))", valueName: "url,…"))
    var admin: String?

    @Option(help: ArgumentHelp("A file that holds the admin token.", valueName: "file"))
    var tokenFile: String?

    @Option(help: "How to print the answer: a table, or the API's own JSON.")
    var output = OutputFormat.table

    @Option(help: ArgumentHelp("What to tell on stderr.", valueName: "level"))
    var logLevel = LogLevel.notice

    func validate() throws {
        do throws(CtlError) { _ = try AdminClient.endpoints(parsing: endpointText) } catch { throw ValidationError(error.description) }
    }

    private var endpointText: String { admin ?? getenv("KINGBUS_ADMIN").map { String(cString: $0) } ?? AdminClient.defaultEndpoint }

    /// The addresses; ``validate()`` has seen that they are some.
    var endpoints: [String] { (try? AdminClient.endpoints(parsing: endpointText)) ?? [] }
}

extension AdminClient {
    /// Calls `body` with a client, and closes its connections afterwards.
    static func with<Result: Sendable>(
        _ options: ConnectionOptions, _ body: (AdminClient) async throws(CtlError) -> Result
    ) async throws(CtlError) -> Result {
        try await with(options.endpoints, tokenFile: options.tokenFile, tool: "kingbus-ctl", logLevel: options.logLevel, body)
    }
}

extension LogLevel: ExpressibleByArgument {}
