import BinlogFiles
import Common
import Testing

extension Corpus {
    /// A file with row changes.
    struct File: CustomTestStringConvertible {
        var name: String
        /// Transactions that cannot be undone: XA, LOAD DATA, a ROLLBACK, minimal images.
        var refused = ""
        /// Where the first of them begins, if they have no GTIDs of MySQL's: the tests read no further.
        var end: Int?

        var testDescription: String { name }
        var excluded: GTIDSet? { get throws { refused.isEmpty ? nil : try GTIDSet(parsing: refused) } }

        /// The file, or as much of it as is read.
        func path(_ folder: TemporaryFolder) throws -> String {
            guard let end else { return Corpus.path(name) }
            return try folder.write(Array(try Corpus.bytes(name)[..<end]), name)
        }
    }

    static let files = [
        File(name: "connector-5.7.21-crc32.000001"), File(name: "connector-nochecksum.000001"), File(name: "kingbus-5.7.23-gtid.000011"),
        File(name: "kingbus-5.7.23-gtid.000012"), File(name: "kingbus-5.7.23-gtid.000013"), File(name: "kingbus-5.7.23-relay.000284"),
        File(name: "kingbus-5.7.23-relay.000286"), File(name: "mysql-9.7.4-shapes.000002"), File(name: "sakila-5.5.27-head.000001"),
        File(name: "mysql-9.7.4-shapes.000001", refused: "d3cbdedb-e555-11f1-a893-02fc00000001:7-11"),
        File(name: "mysql-9.7.4-statements.000001", refused: "64c476d6-e58a-11f1-ae51-02fc00000001:21-23"),
        File(name: "rows-mysql-9.7.4-full.000001", refused: "bea2301e-e585-11f1-805c-02fc00000001:23-24"),
        File(name: "rows-mysql-9.7.4-minimal.000001", refused: "bea2301e-e585-11f1-805c-02fc00000001:53-54"),
        File(name: "mariadb-10.11.19-shapes.000001", end: 1558), File(name: "mariadb-10.11.19-compressed.000002", end: 2019),
        File(name: "mariadb-10.11.19-nochecksum.000004"), File(name: "rows-mariadb-10.11.000001"),
        File(name: "rows-mariadb-10.11.000002", end: 2333),
    ]
}
