import ArgumentParser
import Common
import Glibc

/// Which cluster to speak to, and how to answer: options of every command.
struct ConnectionOptions: ParsableArguments {
    static let defaultEndpoint = "http://127.0.0.1:8707"

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Option(
        help: ArgumentHelp(
            "Admin addresses of nodes, tried in turn. (default: KINGBUS_ADMIN, or \(Self.defaultEndpoint))", valueName: "url,…"))
    var admin: String?

    @Option(help: ArgumentHelp("A file that holds the admin token.", valueName: "file"))
    var tokenFile: String?

    @Option(help: "How to print the answer: a table, or the API's own JSON.")
    var output = OutputFormat.table

    @Option(help: ArgumentHelp("What to tell on stderr.", valueName: "level"))
    var logLevel = LogLevel.notice

    func validate() throws {
        do throws(CtlError) { _ = try Self.endpoints(parsing: endpointText) } catch { throw ValidationError(error.description) }
    }

    private var endpointText: String { admin ?? getenv("KINGBUS_ADMIN").map { String(cString: $0) } ?? Self.defaultEndpoint }

    /// The addresses; ``validate()`` has seen that they are some.
    var endpoints: [String] { (try? Self.endpoints(parsing: endpointText)) ?? [] }

    /// Addresses between commas, without slashes at their ends.
    static func endpoints(parsing text: String) throws(CtlError) -> [String] {
        var endpoints: [String] = []
        for item in text.split(separator: ",") {
            var url = item.drop { $0 == " " }
            while url.last == "/" || url.last == " " { url.removeLast() }
            guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }), url.count > scheme.count,
                !url.dropFirst(scheme.count).contains(where: { "/?# ".contains($0) })
            else { throw CtlError(.usage, "'\(item)' is no admin address; it reads \(defaultEndpoint)") }
            endpoints.append(String(url))
        }
        guard !endpoints.isEmpty else { throw CtlError(.usage, "no admin address is given; it reads \(defaultEndpoint)") }
        return endpoints
    }
}

extension LogLevel: ExpressibleByArgument {}
