import Foundation

/// One random case on a server: changed, undone, redone, and undone by SQL, each time with a look at all that is in its tables.
struct RandomCaseRun {
    let test: RandomCase
    let server: ScriptedServer
    private let folder: TemporaryFolder

    init(_ test: RandomCase, on server: ScriptedServer) throws {
        self.test = test
        self.server = server
        folder = try TemporaryFolder("case")
    }

    /// What is not as it has to be.
    struct Wrong: Error, CustomStringConvertible {
        let description: String
    }

    /// What a session may be set to when the output comes to it.
    private static let hostileSession = [
        "--default-character-set=gbk",
        "--init-command=SET sql_mode='ANSI,TRADITIONAL', time_zone='+09:00', sql_safe_updates=1, sql_auto_is_null=1",
    ]

    func run() async throws -> RandomTally {
        var tally = RandomTally()
        tally.cases = 1
        let (before, after, binlog) = try await change()
        if before != after { tally.changed = 1 }
        if try await write(.binlog, from: binlog, to: "undo", into: &tally) {
            try await expect(before, from: try await applyBinlog("undo"), "undone by binlog output")
            tally.noteExact(.binlog)
            // Without the changes again, SQL has nothing to undo.
            guard try await write(.redone, from: folder.file("undo"), to: "redo", into: &tally) else { return tally }
            try await expect(after, from: try await applyBinlog("redo"), "redone by binlog output")
            let (changes, again) = (try await RowChangeList(of: binlog), try await RowChangeList(of: folder.file("redo")))
            guard changes == again else {
                throw Wrong(description: "not the same changes once undone twice: \(changes.difference(from: again))")
            }
            tally.noteExact(.redone)
        }
        if try await write(.sql, from: binlog, to: "undo.sql", into: &tally) {
            let warnings = test.hazards.intersection(RandomHazard.warned)
            let script = try String(contentsOfFile: folder.file("undo.sql"), encoding: .utf8)
            for warning in warnings {
                guard script.prefix(1000).contains(warning.rawValue) else {
                    throw Wrong(description: "SQL is not headed by: \(warning.rawValue)")
                }
                tally.noteWarned(warning)
            }
            if warnings.isEmpty, !test.hazards.contains(.history) {
                try await expect(before, from: try await apply(folder.file("undo.sql")), "undone by SQL")
                tally.noteExact(.sql)
            }
        }
        return tally
    }

    // MARK: - On the server

    private func change() async throws -> (before: [String], after: [String], binlog: String) {
        let path = try folder.write(test.script, to: "script.sql")
        let result = try await server.output(of: path, options: ["--force", "--binary-mode"])
        var parts: [RandomCase.Part: [String]] = [:]
        var part = RandomCase.Part.end
        for line in result.text.split(separator: "\n") {
            if let next = RandomCase.Part(rawValue: String(line)) { part = next } else { parts[part, default: []].append(String(line)) }
        }
        guard let before = parts[.before], let after = parts[.after], parts[.tables]?.count == test.tableCount,
            let binlog = parts[.file]?.first?.split(separator: "\t").first
        else {
            throw Wrong(description: "the case could not be made:\n\(result.errors)\n\(result.text)")
        }
        return (before.sorted(), after.sorted(), server.path(ofBinlog: String(binlog)))
    }

    private func applyBinlog(_ name: String) async throws -> [String] {
        let script = folder.file("\(name).decoded")
        try await server.decode(folder.file(name), to: script)
        return try await apply(script)
    }

    /// Applies a script, and shows what is in the tables then.
    private func apply(_ script: String) async throws -> [String] {
        let file = try FileHandle(forWritingTo: URL(filePath: script))
        try file.seekToEnd()
        try file.write(contentsOf: Data("\n\(test.dump)\n".utf8))
        try file.close()
        let result = try await server.output(of: script, options: ["--binary-mode"] + Self.hostileSession)
        guard result.status == .code(0) else { throw Wrong(description: "\(script) is refused by the server: \(result.errors)") }
        return result.text.split(separator: "\n").map(String.init).sorted()
    }

    private func expect(_ expected: [String], from found: [String], _ what: String) async throws {
        guard expected != found else { return }
        let (lacking, surplus) = (Set(expected).subtracting(found).sorted(), Set(found).subtracting(expected).sorted())
        throw Wrong(
            description: "not as it was, \(what):\nlacking\n\(lacking.joined(separator: "\n"))\nsurplus\n\(surplus.joined(separator: "\n"))"
        )
    }

    // MARK: - flashback

    /// Has the changes of a binlog undone; returns whether they were not refused.
    private func write(
        _ way: RandomTally.Way, from binlog: String, to name: String, into tally: inout RandomTally
    ) async throws -> Bool {
        let result = try await Command.run(
            Repository.program("flashback"), ["--output", way == .sql ? "sql" : "binlog", "-o", folder.file(name), binlog])
        if result.status == .code(0) { return true }
        let reasons = result.errors.split(separator: "\n").filter { $0.contains(" at byte ") && !$0.contains("warning") }
        guard !reasons.isEmpty, [.code(3), .code(4)].contains(result.status) else {
            throw Wrong(description: "flashback (\(way.rawValue)) ended with \(result.status): \(result.errors)")
        }
        let hazards = try reasons.map { reason in
            guard let hazard = RandomHazard(reason: reason), test.hazards.contains(hazard), way == .sql || hazard != .names else {
                throw Wrong(description: "refused (\(way.rawValue)) for what is not there: \(reason)")
            }
            return hazard
        }
        let isOpen = hazards.allSatisfy { [.names, .cascade, .history].contains($0) }
        guard result.status == .code(isOpen ? 4 : 3) else {
            throw Wrong(description: "ended with \(result.status): \(result.errors)")
        }
        tally.noteRefused(way, hazards[0])
        return false
    }
}

extension ScriptedServer {
    /// Runs a script and returns what the client prints, whatever its exit status.
    fileprivate func output(of path: String, options: [String]) async throws -> CommandResult {
        try await Command.run(
            client, clientOptions + ["--batch", "--skip-column-names"] + options, environment: ["MYSQL_PWD": nil], input: path)
    }

    /// Turns a binlog file into what the client takes.
    fileprivate func decode(_ binlog: String, to path: String) async throws {
        switch kind {
        case .mysql: try await Mysqlbinlog.decode([binlog], options: ["--verify-binlog-checksum"], output: path)
        case .mariadb:
            try await Command.succeed(
                try await MariaDBServer.program("mariadb-binlog"), ["--verify-binlog-checksum", binlog], output: path)
        }
    }

    fileprivate func path(ofBinlog name: String) -> String { "\(data)/\(name)" }
}
