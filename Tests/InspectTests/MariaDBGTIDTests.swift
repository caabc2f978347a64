import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import binlog_inspect

/// MariaDB's GTIDs in the options that name transactions, in checks and in summaries.
@Suite struct MariaDBGTIDTests {
    private static let shapes = "mariadb-10.11.19-shapes.000001"

    /// An inspection, and what it told on stderr.
    private func inspect(_ paths: [String], _ options: InspectOptions) throws -> (shown: Inspected, told: [String]) {
        final class Told { var lines: [String] = [] }
        let told = Told()
        var options = options
        options.tell = { told.lines.append($0) }
        return (try Inspected(paths, options), told.lines)
    }

    private func transactions(_ shown: Inspected) -> [String] {
        shown.comments.filter { $0.hasPrefix("# transaction ") }.map { String($0.dropFirst("# transaction ".count)) }
    }

    @Test(
        "--gtid takes exact GTIDs and ranges, of every domain and server, and --exclude-gtid leaves the same ones out",
        arguments: [
            ("0-42-11", ["0-42-11"]), ("0-42-3:5,7-42-1", ["0-42-3", "0-42-4", "0-42-5", "7-42-1"]), ("0-1-11", []), ("7-42-2", []),
            (" 0-42-4 , 0-42-4:4 ", ["0-42-4"]), ("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5,0-42-2", ["0-42-2"]),
        ])
    func selection(text: String, expected: [String]) throws {
        let selection = try GTIDSelection(parsing: text)
        let path = [Corpus.path(Self.shapes)]
        let all = transactions(try Inspected(path))
        let included = try inspect(path, InspectOptions(filter: TransactionFilter(included: selection, excluded: nil)))
        #expect(Set(transactions(included.shown)) == Set(expected) && included.shown.error == nil && included.told.isEmpty)
        let excluded = try inspect(path, InspectOptions(filter: TransactionFilter(included: nil, excluded: selection)))
        #expect(transactions(excluded.shown) == all.filter { !expected.contains($0) } && all.count > 20)
    }

    @Test("what is no GTID is refused", arguments: ["0-1", "0-1-5:3", "0-1-0", "0-1-x", "1-2-3-4", "0-1-42;", "0-1-42:"])
    func badSelections(text: String) { #expect(throws: CodecError.self) { try GTIDSelection(parsing: text) } }

    @Test("a set of the other kind of server is told, once")
    func misfit() throws {
        let mysql = try GTIDSelection(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5")
        let mariaDB = try GTIDSelection(parsing: "0-42-1:5")
        let both = [Corpus.path(Self.shapes), Corpus.path(Self.shapes)]
        let included = try inspect(both, InspectOptions(filter: TransactionFilter(included: mysql, excluded: nil)))
        #expect(included.shown.events.isEmpty && included.told.count == 1)
        #expect(included.told.first?.hasSuffix("--gtid names only MySQL's, so nothing in it can match") == true)
        let excluded = try inspect(both, InspectOptions(filter: TransactionFilter(included: nil, excluded: mysql)))
        #expect(!excluded.shown.events.isEmpty && excluded.told.count == 1)
        #expect(excluded.told.first?.hasSuffix("so it leaves nothing out") == true)
        let other = try inspect(
            [Corpus.path("mysql-9.7.4-shapes.000001")], InspectOptions(filter: TransactionFilter(included: mariaDB, excluded: nil)))
        #expect(other.shown.events.isEmpty && other.told.count == 1)
        #expect(other.told.first?.contains("--gtid names only MariaDB's") == true)
    }

    /// A file that begins behind a position and has groups of domain 0, given as servers and numbers.
    private func file(behind position: [(UInt32, UInt32, UInt64)], _ groups: [(server: UInt32, number: UInt64)]) -> [UInt8] {
        var file = ScriptedFile(serverVersion: "10.11.19-MariaDB-log")
        var list: [UInt8] = []
        list.append(littleEndian: UInt32(position.count))
        for (domain, server, number) in position {
            list.append(littleEndian: domain)
            list.append(littleEndian: server)
            list.append(littleEndian: number)
        }
        file.add(.gtidList, list)
        for group in groups {
            file.group(group.number, server: group.server)
            file.table()
            file.insert([[1]])
            file.commit()
        }
        return file.bytes
    }

    @Test("a check tells which numbers of a domain are missing, whichever server would have given them out, and which are there twice")
    func gaps() throws {
        let folder = try TemporaryFolder()
        let whole = [
            try folder.write(file(behind: [], [(1, 1), (1, 2), (2, 3)]), "a.000001"),
            try folder.write(file(behind: [(0, 1, 2), (0, 2, 3)], [(2, 4)]), "a.000002"),
        ]
        func notes(_ paths: [String]) throws -> [String] {
            let shown = try Inspected(paths, InspectOptions(verify: true))
            #expect(shown.error == nil)
            return shown.comments.filter { $0.hasPrefix("# note: ") }.map { String($0.dropFirst("# note: ".count)) }
        }
        #expect(try notes(whole) == [])
        let gap = try folder.write(file(behind: [(0, 2, 9), (5, 1, 2)], [(1, 10), (1, 13), (1, 14)]), "a.000003")
        #expect(
            try notes(whole + [gap]) == [
                "executed before this file, and in none of the files before it: domain 0: 5 to 9; domain 5: 1 to 2",
                "sequence numbers of GTIDs that are in no file: domain 0: 11 to 12",
            ])
        #expect(try notes([whole[1], whole[1]]) == ["0-2-4 is there twice"])
    }

    @Test("a real server's file has no gaps")
    func realFile() throws {
        let files = [Self.shapes, "mariadb-10.11.19-compressed.000002"].map(Corpus.path)
        let shown = try Inspected(files, InspectOptions(verify: true))
        #expect(shown.comments.allSatisfy { !$0.hasPrefix("# note") })
    }

    @Test("a summary has the set, and the last of each domain")
    func summary() throws {
        let shown = try Inspected([Corpus.path(Self.shapes)], InspectOptions(print: PrintOptions(format: .summary)))
        #expect(shown.lines.contains { $0.hasPrefix("GTID set        0-42-1:") && $0.hasSuffix(",7-42-1") })
        #expect(shown.lines.contains { $0.hasPrefix("last GTIDs      0-42-") && $0.hasSuffix(",7-42-1") })
    }
}
