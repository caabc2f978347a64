import Foundation

/// The binlog files that stand in the repository.
enum CorpusFiles {
    private static let folder = "\(Repository.root)Tests/CommonTests/Corpus"

    static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.contains(".0") }
        .sorted()

    static func path(_ name: String) -> String { "\(folder)/\(name)" }
}
