import Foundation

/// The scripts that stand beside the tests of inspections.
enum SQLScripts {
    private static let folder = "\(Repository.root)Tests/IntegrationTests/Inspection/SQL"

    static func data(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: "\(folder)/\(name).sql")) }

    static func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }
}
