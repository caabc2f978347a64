import Foundation

/// The binlog files of MySQL's and MariaDB's own test suites, as `scripts/binlog-corpus prepare` fetches them.
enum TestSuiteFiles {
    /// Their paths below the folder, sorted.
    static func fetch() async throws -> (folder: String, names: [String]) {
        let result = try await Command.succeed("\(Repository.root)/scripts/binlog-corpus", ["prepare"], within: .seconds(1800))
        let folder = result.text.trimmingCharacters(in: .whitespacesAndNewlines)
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return (
            folder,
            names.filter { name in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) && !isFolder.boolValue
                    && name.contains("/")
            }.sorted()
        )
    }
}
