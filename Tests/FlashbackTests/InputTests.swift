import BinlogFiles
import BinlogInput
import Common
import Glibc
import Testing

@testable import flashback

/// What may be named as an input, and in which order.
@Suite struct InputTests {
    /// A file without GTIDs, as servers write that have none.
    private static func anonymous(time: UInt32 = 100) -> [UInt8] {
        var script = BinlogScript(time: time)
        script.query("BEGIN")
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.commit()
        return script.bytes
    }

    private static func examine(_ paths: [String], _ undo: Undo = Undo(output: .binlog)) throws -> Verdict {
        try undo.examine(paths).verdict
    }

    @Test("a pipe is copied, since it gives its bytes once, and how much is told")
    func pipe() throws {
        let folder = try TemporaryFolder()
        let bytes = Self.anonymous()
        let path = folder.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        var thread = pthread_t()
        let writer = Unmanaged.passRetained(PipeWriter(path, bytes))
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<PipeWriter>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, writer.toOpaque())
        var told: [String] = []
        var undo = Undo(output: .binlog)
        undo.temporaryFolder = folder.path("")
        undo.tell = { told.append($0) }
        let verdict = try Self.examine([path], undo)
        pthread_join(thread, nil)
        #expect(verdict.outcome == .reversible && verdict.transactionCount == 1)
        #expect(told.count == 1 && told[0].hasPrefix("\(bytes.count) bytes of the input were copied into "))
        #expect(try folder.names == ["pipe"])
    }

    private final class PipeWriter {
        let path: String
        let bytes: [UInt8]

        init(_ path: String, _ bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }

        func run() {
            let descriptor = open(path, O_WRONLY)
            _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
        }
    }

    @Test("a file without GTIDs that is named twice, by whatever name, is refused")
    func twice() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.anonymous(), "binlog.000001")
        let other = folder.path("other")
        #expect(link(path, other) == 0)
        #expect { try Self.examine([path, other]) } throws: { "\($0)".contains("it is there twice") }
    }

    @Test("files without GTIDs whose numbers go back are refused, and where some are missing, or times go back, it is told")
    func order() throws {
        let folder = try TemporaryFolder()
        let files = try (1...3).map { try folder.write(Self.anonymous(time: UInt32(100 * $0)), "binlog.00000\($0)") }
        #expect(try Self.examine(files).warnings == [])
        #expect { try Self.examine([files[1], files[0]]) } throws: { "\($0)".contains("it was written before \(files[1])") }
        #expect(
            try Self.examine([files[0], files[2]]).warnings == [
                "between \(files[0]) and \(files[2]), files are missing: what they hold is not taken into account"
            ])
        let late = try folder.write(Self.anonymous(time: 50), "late")
        #expect(try Self.examine([files[0], late]).warnings.map { $0.contains("was begun before") } == [true])
    }

    @Test("of an input of MariaDB's, it is told that no UUID can match")
    func mariaDB() throws {
        var undo = Undo.rowsOnly
        undo.transactions.included = try GTIDSet(parsing: "00000000-0000-0001-0000-000000000002:1")
        let verdict = try Self.examine([Corpus.path("rows-mariadb-10.11.000002")], undo)
        #expect(verdict.transactionCount == 0)
        #expect(verdict.warnings.contains { $0.contains("--gtid names only MySQL's, so nothing in it can match") })
        undo.transactions = TransactionFilter(included: try GTIDSelection(parsing: "0-1-1:999999"), excluded: nil)
        #expect(try !Self.examine([Corpus.path("rows-mariadb-10.11.000002")], undo).warnings.contains { $0.contains("can match") })
    }
}
