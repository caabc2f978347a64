import Foundation

/// The row changes of a binlog, in their order, with what ends each transaction; no GTIDs, times or places.
struct RowChangeList: Equatable {
    private var lines: [NSDictionary] = []

    /// Reads what `binlog-inspect` prints of a binlog file.
    init(of binlog: String) async throws {
        let text = try await Command.succeed(Repository.program("binlog-inspect"), ["--format", "json", binlog]).text
        for line in text.split(separator: "\n") {
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { continue }
            if object["type"] as? String == "commit", object["rows"] as? Int != 0 {
                lines.append(["type": "commit"])
            } else if let table = object["table"] {
                lines.append(Self.change(of: object, table))
            }
        }
    }

    /// A change with all that is known of the row as it became: what the image leaves out has not changed.
    private static func change(of object: [String: Any], _ table: Any) -> NSDictionary {
        var change: [String: Any] = ["type": object["type"] ?? "", "database": object["database"] ?? "", "table": table]
        let before = object["before"] as? [String: Any]
        if let before { change["before"] = before }
        if let after = object["after"] as? [String: Any] { change["after"] = (before ?? [:]).merging(after) { $1 } }
        return change as NSDictionary
    }

    /// Where two lists differ first.
    func difference(from other: RowChangeList) -> String {
        let index = zip(lines, other.lines).enumerated().first { $1.0 != $1.1 }?.offset ?? min(lines.count, other.lines.count)
        return "change \(index + 1) of \(lines.count) and \(other.lines.count): \(lines[safe: index]) and \(other.lines[safe: index])"
    }
}

extension [NSDictionary] {
    fileprivate subscript(safe index: Int) -> String { indices.contains(index) ? "\(self[index])" : "nothing" }
}
