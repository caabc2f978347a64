import Foundation

/// The stock MySQL that the tests run, as `scripts/mysql-server prepare` makes it ready.
enum RealServers {
    private static let prepared = Task<String, any Error> {
        let result = try await Command.succeed("\(Repository.root)/scripts/mysql-server", ["prepare"], within: .seconds(600))
        return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The path of a stock program: `mysqld`, `mysql`, `mysqlbinlog`, `mysqladmin`, or `server`.
    static func program(_ name: String) async throws -> String {
        "\(try await prepared.value)/bin/\(name)"
    }
}
