import Foundation

/// One case of a table in etcd/raft's data-driven form: a command with arguments, input lines, `----`, the expected output.
struct DataDrivenCase {
    var file: String
    var line: Int
    var command: String
    var arguments: [String: [String]]
    var input: [String]
    var expected: [String]

    /// The last line of the expected output; what stands above it is a drawing of the input.
    var result: String { expected.last ?? "" }

    static func load(_ folder: String) throws -> [DataDrivenCase] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Oracles").appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: root.path).sorted().flatMap { name in
            parse(try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8), file: name)
        }
    }

    private static func parse(_ text: String, file: String) -> [DataDrivenCase] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var cases: [DataDrivenCase] = []
        var at = 0
        while at < lines.count {
            guard !lines[at].isEmpty, !lines[at].hasPrefix("#") else {
                at += 1
                continue
            }
            let start = at
            while at < lines.count, lines[at] != "----" { at += 1 }
            let head = lines[start..<min(at, lines.count)].filter { !$0.hasPrefix("#") }
            at += 1
            let expectedStart = min(at, lines.count)
            while at < lines.count, !lines[at].isEmpty { at += 1 }
            let (command, arguments) = parse(command: head[0])
            cases.append(
                DataDrivenCase(
                    file: file, line: start + 1, command: command, arguments: arguments, input: Array(head.dropFirst()),
                    expected: Array(lines[expectedStart..<min(at, lines.count)])))
        }
        return cases
    }

    /// `committed cfg=(1, 2) cfgj=zero idx=(_,_)`
    private static func parse(command text: String) -> (String, [String: [String]]) {
        var words: [String] = []
        var word = ""
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == " ", depth == 0 {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else if character != " " {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        var arguments: [String: [String]] = [:]
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            arguments[String(parts[0])] = parts[1].split { "(),".contains($0) }.map(String.init)
        }
        return (words[0], arguments)
    }
}
