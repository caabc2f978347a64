import Common
import Testing

@Suite struct TransactionBoundaryTests {
    /// What each of the events is, a letter each: Begins, Continues, Ends, Whole, Outside, Aborts, ! an error.
    private func actions(_ words: [String], checksum: ChecksumAlgorithm = .crc32) throws -> String {
        var boundary = TransactionBoundary()
        return try words.map { try letter(of: $0, in: &boundary, checksum: checksum) }.joined()
    }

    private func letter(
        of word: String, in boundary: inout TransactionBoundary, checksum: ChecksumAlgorithm = .crc32
    ) throws -> String {
        let bytes = EventScript.event(word, checksum: checksum)
        let header = try EventHeader(decoding: bytes.span.bytes)
        let before = boundary
        do throws(CodecError) {
            return switch try boundary.consume(header, head: bytes.span.bytes, checksum: checksum) {
            case .begins: "B"
            case .continues: "C"
            case .ends: "E"
            case .whole: "W"
            case .outside: "O"
            case .aborts: "A"
            }
        } catch {
            #expect(boundary == before, "an error left a trace")
            return "!"
        }
    }

    @Test(
        "transactions of every shape begin and end where they should",
        arguments: [
            (["gtid", "BEGIN", "map", "write", "xid"], "BCCCE"),
            (["anonymous", "BEGIN", "rowsQuery", "map", "update", "map", "delete", "xid"], "BCCCCCCE"),
            (["tagged", "BEGIN", "map", "partial", "xid"], "BCCCE"),
            (["BEGIN", "map", "writeV1", "xid"], "BCCE"),
            // Non-transactional tables, and a rollback that touched them.
            (["gtid", "BEGIN", "map", "write", "COMMIT"], "BCCCE"),
            (["gtid", "BEGIN", "INSERT INTO t VALUES (1)", "ROLLBACK"], "BCCE"),
            // An empty transaction.
            (["gtid", "BEGIN", "COMMIT", "gtid"], "BCEB"),
            // DDL, with groups and without.
            (["gtid", "CREATE TABLE t (a INT)", "gtid", "DROP TABLE t"], "BEBE"),
            (["CREATE TABLE t (a INT)", "BEGIN", "map", "writeV1", "xid"], "WBCCE"),
            // CREATE TABLE … SELECT, atomic.
            (["gtid", "BEGIN", "CREATE TABLE t (a INT) START TRANSACTION", "map", "write", "xid"], "BCCCCE"),
            // Savepoints.
            (["gtid", "BEGIN", "SAVEPOINT a", "map", "write", "ROLLBACK TO a", "map", "write", "xid"], "BCCCCCCCE"),
            (["BEGIN", "ROLLBACK TO `a`", "RELEASE SAVEPOINT `a`", "ROLLBACK"], "BCCE"),
            // XA in two phases, and what becomes of it in another group.
            (["gtid", "XA START X'61',X'',1", "map", "write", "XA END X'61',X'',1", "xaPrepare"], "BCCCCE"),
            (["gtid", "XA COMMIT X'61',X'',1", "gtid", "XA ROLLBACK X'62',X'',1"], "BEBE"),
            (["XA COMMIT X'61',X'',1"], "W"),
            (["gtid", "XA START X'61',X'',1", "map", "write", "XA END X'61',X'',1", "XA ROLLBACK X'61',X'',1"], "BCCCCE"),
            // One event for a whole transaction.
            (["gtid", "payload", "gtid", "payload"], "BEBE"),
            // Statement-based: what a statement depends on stands before it.
            (["gtid", "BEGIN", "intvar", "rand", "userVar", "INSERT INTO t VALUES (RAND())", "xid"], "BCCCCCE"),
            (["gtid", "userVar", "CREATE TABLE t AS SELECT @a", "gtid"], "BCEB"),
            (["intvar", "INSERT INTO t VALUES (NULL)", "BEGIN"], "BEB"),
            // LOAD DATA.
            (["gtid", "BEGIN", "beginLoad", "block", "executeLoad", "xid"], "BCCCCE"),
            (["beginLoad", "block", "executeLoad"], "BCE"),
            (["gtid", "BEGIN", "beginLoad", "deleteFile", "ROLLBACK"], "BCCCE"),
            // Incidents, in a group of their own and behind one.
            (["gtid", "incident", "gtid"], "BEB"),
            (["gtid", "BEGIN", "COMMIT", "incident"], "BCEW"),
            // Group replication.
            (["gtid", "BEGIN", "viewChange", "COMMIT"], "BCCE"),
            (["gtid", "viewChange"], "BE"),
            (["context", "gtid", "context", "BEGIN", "xid"], "OBCCE"),
            // Unknown but ignorable, inside and outside.
            (["newIgnorable", "gtid", "newIgnorable", "BEGIN", "newIgnorable", "largeHeader", "xid"], "OBCCCCE"),
            // LOAD DATA of old servers.
            (["createFile", "block", "execLoad", "load"], "BCEW"),
            // MariaDB's groups.
            (["group", "annotate", "map", "writeV1", "xid"], "BCCCE"),
            (["group", "map", "writeCompressed", "partialRow", "queryCompressed", "COMMIT"], "BCCCCE"),
            (["group", "INSERT INTO t VALUES (1)", "SAVEPOINT a", "ROLLBACK TO a", "ROLLBACK"], "BCCCE"),
            (["group", "CREATE TABLE t (a INT)", "map", "writeV1", "xid"], "BCCCE"),
            (["standalone", "CREATE TABLE t (a INT)", "standalone", "queryCompressed"], "BEBE"),
            (["standalone", "userVar", "intvar", "CREATE TABLE t AS SELECT @a"], "BCCE"),
            (["groupXA", "map", "writeV1", "XA END X'6b31',X'62',3", "xaPrepare", "standalone", "XA COMMIT X'6b31',X'62',3"], "BCCCEBE"),
            (["gtidList", "checkpoint", "startEncryption", "group", "checkpoint", "xid"], "OOOBOE"),
            // What is never part of a transaction.
            (["description", "previous", "rotate", "stop", "heartbeat", "heartbeatV2", "ignorable", "largeHeader"], "OOOOOOOO"),
            (["gtid", "heartbeat", "BEGIN", "ignorable", "rotate", "map", "heartbeatV2", "write", "xid"], "BOCOOCOCE"),
        ])
    func shapes(words: [String], expected: String) throws {
        #expect(try actions(words) == expected)
        #expect(try actions(words, checksum: .none) == expected)
    }

    @Test(
        "text is read as the server's lexer reads it",
        arguments: [
            (["begin", "commit"], "BE"),
            ([" \t\r\nBeGiN ; ", "/* c */ commit"], "BE"),
            (["BEGIN WORK", "rollback work"], "BE"),
            (["START TRANSACTION", "COMMIT"], "BE"),
            (["start /* why not */ transaction", "-- bye\nCOMMIT"], "BE"),
            (["BEGIN", "rollback work to savepoint a", "Rollback/**/To a", "# really\nROLLBACK"], "BCCE"),
            (["BEGIN", "ROLLBACKTO", "COMMITMENT", "BEGINNING", "xid"], "BCCCE"),
            (["BEGIN NOT ATOMIC SELECT 1; END"], "W"),
            (["/* BEGIN */ DROP TABLE t", "/*!50000 BEGIN */", "-- BEGIN", "--BEGIN", "/* BEGIN"], "WWWWW"),
            (["xa begin 'a'", "xa end 'a'", "Xa CoMmIt 'a' ONE PHASE"], "BCE"),
            (["XA RECOVER", "XA", "XAVIER", "", " "], "WWWWW"),
        ])
    func text(words: [String], expected: String) throws {
        #expect(try actions(words) == expected)
    }

    @Test(
        "an event that cannot stand where it does is an error that changes nothing",
        arguments: [
            (["xid"], "!"), (["xaPrepare"], "!"), (["startV3"], "!"), (["annotate"], "!"), (["writeCompressed"], "!"),
            (["standalone", "map", "xid", "DROP TABLE t"], "B!!E"), (["group", "BEGIN", "xid"], "B!E"), (["write"], "!"), (["map"], "!"),
            (["newRequired"], "!"),
            (["gtid", "xid", "BEGIN", "xid"], "B!CE"),
            (["gtid", "map", "BEGIN", "map", "xid"], "B!CCE"),
            (["gtid", "BEGIN", "BEGIN", "XA START 'a'", "xid"], "BC!!E"),
            (["gtid", "BEGIN", "payload", "newRequired", "xid"], "BC!!E"),
            (["gtid", "intvar", "BEGIN", "payload", "CREATE TABLE t (a INT)"], "BC!!E"),
        ])
    func misplaced(words: [String], expected: String) throws {
        #expect(try actions(words) == expected)
    }

    @Test(
        "a new group or file in an open transaction aborts it, and is taken once that is settled",
        arguments: [("gtid", "B"), ("anonymous", "B"), ("tagged", "B"), ("group", "B"), ("standalone", "B"), ("description", "O")])
    func aborts(word: String, afterwards: String) throws {
        for open in [
            ["gtid"], ["group"], ["standalone"], ["gtid", "BEGIN"], ["gtid", "intvar"], ["BEGIN", "map", "write"],
            ["gtid", "XA START 'a'"],
        ] {
            var boundary = TransactionBoundary()
            for word in open { _ = try letter(of: word, in: &boundary) }
            let before = boundary
            #expect(try letter(of: word, in: &boundary) == "A")
            #expect(boundary == before)
            boundary.reset()
            #expect(try letter(of: word, in: &boundary) == afterwards)
        }
    }

    @Test("an XA transaction that a MariaDB group opens tells what undoes it")
    func groupXARun() throws {
        var boundary = TransactionBoundary()
        _ = try letter(of: "groupXA", in: &boundary)
        #expect(boundary.isInside && boundary.xaRun?.xid == Array("X'6b31',X'62',3".utf8))
        _ = try letter(of: "XA END X'6b31',X'62',3", in: &boundary)
        #expect(boundary.xaRun?.rollbackStatements == [Array("XA ROLLBACK X'6b31',X'62',3".utf8)])
    }

    @Test("an open XA transaction tells what undoes it")
    func xaRun() throws {
        var boundary = TransactionBoundary()
        for word in ["gtid", "XA START X'6b62',X'',1 ;"] { _ = try letter(of: word, in: &boundary) }
        #expect(boundary.xaRun?.xid == Array("X'6b62',X'',1".utf8))
        #expect(boundary.xaRun?.rollbackStatements == ["XA END X'6b62',X'',1", "XA ROLLBACK X'6b62',X'',1"].map { Array($0.utf8) })
        _ = try letter(of: "XA END X'6b62',X'',1", in: &boundary)
        #expect(boundary.xaRun?.hasEnded == true)
        #expect(boundary.xaRun?.rollbackStatements == [Array("XA ROLLBACK X'6b62',X'',1".utf8)])
        #expect(try letter(of: "gtid", in: &boundary) == "A")
        #expect(boundary.xaRun != nil)
        #expect(try letter(of: "xaPrepare", in: &boundary) == "E")
        #expect(boundary.xaRun == nil)
    }

    @Test("the statements that undo an XA transaction end it for the reader too")
    func xaRollback() throws {
        var boundary = TransactionBoundary()
        for word in ["gtid", "XA START 'a','b',7", "map"] { _ = try letter(of: word, in: &boundary) }
        let statements = try #require(boundary.xaRun?.rollbackStatements)
        let letters = try statements.map { try letter(of: String(decoding: $0, as: UTF8.self), in: &boundary) }
        #expect(letters == ["C", "E"])
        #expect(!boundary.isOpen)
    }

    @Test("an XA START without an XID, or with an endless one, is refused")
    func badXID() throws {
        #expect(try actions(["gtid", "XA START", "XA START ;", "XA START " + String(repeating: "x", count: 513)]) == "B!!!")
    }

    @Test("the head of a long event is enough")
    func heads() throws {
        let padding = String(repeating: " x", count: 100_000)
        for (text, expected) in [
            ("ROLLBACK TO a /*" + padding, TransactionBoundary.Action.continues), ("INSERT INTO t SELECT" + padding, .continues),
            ("/*" + padding + "*/ DELETE FROM t", .continues), ("COMMIT /*" + padding, .ends),
        ] {
            var boundary = TransactionBoundary()
            _ = try letter(of: "BEGIN", in: &boundary)
            let bytes = EventScript.event(text)
            let head = bytes.span.bytes.extracting(0..<TransactionBoundary.headByteCount)
            #expect(try boundary.consume(EventHeader(decoding: head), head: head, checksum: .crc32) == expected)
        }
    }

    @Test("a head that ends before the deciding word is an error, not a guess", arguments: ["COMMIT", "ROLLBACK", "BEGIN", "XA END 'a'"])
    func shortHeads(text: String) throws {
        let bytes = EventScript.event(text)
        let header = try EventHeader(decoding: bytes.span.bytes)
        let textEnd = bytes.count - 4
        for count in 19..<textEnd - text.utf8.count {
            var boundary = TransactionBoundary()
            #expect(throws: CodecError.self) {
                try boundary.consume(header, head: bytes.span.bytes.extracting(0..<count), checksum: .crc32)
            }
        }
    }
}
