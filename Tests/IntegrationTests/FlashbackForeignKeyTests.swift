import Foundation
import Testing

extension IntegrationTests.Flashback {
    private static let tables = """
        CREATE DATABASE fb;
        CREATE TABLE fb.parent (id INT PRIMARY KEY, n INT);
        CREATE TABLE fb.child (id INT PRIMARY KEY, p INT,
            FOREIGN KEY (p) REFERENCES fb.parent (id) ON DELETE CASCADE ON UPDATE SET NULL);
        INSERT INTO fb.parent VALUES (1, 1), (2, 2);
        INSERT INTO fb.child VALUES (10, 1), (20, 2);
        """

    /// Children without parents, as foreign_key_checks=0 allows, whose parents come later.
    private static let orphans = """
        SET foreign_key_checks=0;
        INSERT INTO fb.child VALUES (30, 3), (40, 4);
        SET foreign_key_checks=1;
        INSERT INTO fb.parent VALUES (3, 3), (4, 4);
        DELETE FROM fb.child WHERE id=40;
        DELETE FROM fb.parent WHERE id=4;
        """

    @Test("no child is taken along when a parent's INSERT is undone that came after it, on MySQL")
    func orphansOnMySQL() async throws {
        let server = try await MySQLServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
        try await server.execute(Self.tables)
        let before = try await server.flashbackSums(of: ["parent", "child"])
        let file = try await server.binlog(of: Self.orphans + "DELETE FROM fb.parent WHERE id=1; UPDATE fb.parent SET id=5 WHERE id=2;")
        let after = try await server.flashbackSums(of: ["parent", "child"])
        let folder = try TemporaryFolder("undo")
        try await Self.flashback(["--output", "binlog", "-o", folder.file("undo"), file])
        try await Mysqlbinlog.replay([folder.file("undo")], into: server)
        #expect(try await server.flashbackSums(of: ["parent", "child"]) == before)
        try await Self.flashback(["--output", "binlog", "-o", folder.file("redo"), folder.file("undo")])
        try await Mysqlbinlog.replay([folder.file("redo")], into: server)
        #expect(try await server.flashbackSums(of: ["parent", "child"]) == after)
        try await Self.flashback(["-o", folder.file("undo.sql"), file])
        try await server.query(contentsOf: folder.file("undo.sql"))
        #expect(try await server.flashbackSums(of: ["parent", "child"]) == before)
    }

    @Test("on MariaDB what may have cascaded leaves the verdict open, and all else is undone without a look at foreign keys")
    func cascadesOnMariaDB() async throws {
        let server = try await MariaDBServer.start("flashback", options: ["--binlog-format=ROW", "--binlog-row-metadata=FULL"])
        try await server.query(Self.tables)
        let sums = "CHECKSUM TABLE fb.parent, fb.child"
        let before = try await server.query(sums)
        try await server.query("FLUSH BINARY LOGS; \(Self.orphans.replacing("DELETE FROM fb.parent WHERE id=4;", with: ""))")
        try await server.query("FLUSH BINARY LOGS; UPDATE fb.parent SET n=7 WHERE id=3; DELETE FROM fb.parent WHERE id=1")
        try await server.query("FLUSH BINARY LOGS; SET foreign_key_checks=0; DELETE FROM fb.parent WHERE id=2; FLUSH BINARY LOGS")

        for output in ["sql", "binlog"] {
            let result = try await Command.run(Repository.program("flashback"), ["--check", "--output", output, server.binlog(3)])
            #expect(result.status == .code(4))
            let lines = result.text.split(separator: "\n").filter { $0.contains(" at byte ") }
            #expect(lines.count == 2)
            #expect(
                lines.allSatisfy { $0.contains("maps `fb`.`child` and shows no rows of it: a foreign key may have changed it as well") })
        }
        // Whoever wants the parents alone can have them.
        #expect(
            try await Command.run(
                Repository.program("flashback"), ["--check", "--output", "binlog", "--table", "fb.parent", server.binlog(3)]
            ).status == .code(0))

        let folder = try TemporaryFolder("undo")
        try await server.query("SET foreign_key_checks=0; INSERT INTO fb.parent VALUES (1, 1); INSERT INTO fb.child VALUES (10, 1)")
        try await Self.flashback(["--output", "binlog", "-o", folder.file("undo"), server.binlog(2), server.binlog(4)])
        try await Self.replay(folder.file("undo"), into: server)
        #expect(try await server.query(sums) == before)
    }
}
