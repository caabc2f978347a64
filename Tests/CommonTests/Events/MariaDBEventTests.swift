import Common
import Testing

@Suite struct MariaDBEventTests {
    static let shapes = "mariadb-10.11.19-shapes.000001"
    static let compressed = "mariadb-10.11.19-compressed.000002"

    /// A GTID event's body: sequence, domain, flags, and what is behind them, filled up to 19 bytes.
    static func gtidBody(_ sequence: UInt64, domain: UInt32 = 0, flags: UInt8, _ rest: [UInt8] = []) -> [UInt8] {
        var body: [UInt8] = []
        body.append(littleEndian: sequence)
        body.append(littleEndian: domain)
        body.append(flags)
        body += rest
        return body + [UInt8](repeating: 0, count: max(0, 19 - body.count))
    }

    /// A group's beginning in a few words.
    private func text(_ bytes: [UInt8], _ checksum: ChecksumAlgorithm = .crc32) throws -> String {
        let event = try MariaDBGTIDEvent(decoding: bytes.span.bytes, checksum: checksum)
        var words = [event.gtid.description]
        let names: [(MariaDBGTIDEvent.Flags, String)] = [
            (.standalone, "standalone"), (.groupCommit, "group"), (.transactional, "trans"), (.allowParallel, "parallel"),
            (.waited, "waited"),
            (.ddl, "ddl"), (.preparedXA, "prepared"), (.completedXA, "completed"),
        ]
        for (flag, name) in names where event.flags.contains(flag) { words.append(name) }
        if let commit = event.commitID { words.append("cid=\(commit)") }
        if event.hasXID {
            var xid: [UInt8] = []
            event.appendXID(to: &xid)
            words.append(String(decoding: xid, as: UTF8.self))
        }
        if let engines = event.extraEngineCount { words.append("engines=\(engines)") }
        if event.extraFlags.contains(.startAlter) { words.append("start-alter") }
        if let start = event.alterStartSequence {
            words.append("\(event.extraFlags.contains(.commitAlter) ? "commit" : "rollback")-alter=\(start)")
        }
        if let thread = event.threadID { words.append("thread=\(thread)") }
        return words.joined(separator: " ")
    }

    @Test("GTID events tell all that is in them")
    func gtids() throws {
        let alter: [UInt8] = [26, 0, 0, 0, 0, 0, 0, 0]
        let xid: [UInt8] = [3, 0, 0, 0, 2, 1, 0x6b, 0x31, 0x62]
        let cases: [([UInt8], String)] = [
            (Self.gtidBody(7, domain: 3, flags: 0x2d), "3-1-7 standalone trans parallel ddl"),
            (Self.gtidBody(7, flags: 0x06, [9, 0, 0, 0, 0, 0, 0, 0]), "0-1-7 group trans cid=9"),
            (Self.gtidBody(7, flags: 0x56, [9, 0, 0, 0, 0, 0, 0, 0] + xid), "0-1-7 group trans waited prepared cid=9 X'6b31',X'62',3"),
            (Self.gtidBody(7, flags: 0x81, xid), "0-1-7 standalone completed X'6b31',X'62',3"),
            (Self.gtidBody(7, flags: 0x04, [1, 2]), "0-1-7 trans engines=2"),
            (Self.gtidBody(7, flags: 0x21, [2]), "0-1-7 standalone ddl start-alter"),
            (Self.gtidBody(7, flags: 0x21, [4] + alter), "0-1-7 standalone ddl commit-alter=26"),
            (
                Self.gtidBody(7, flags: 0x21, [0x1d, 1] + alter + [0xff, 1, 0, 0]),
                "0-1-7 standalone ddl engines=1 commit-alter=26 thread=511"
            ),
            (Self.gtidBody(7, flags: 0x04, [0x10, 1, 0, 0, 0, 0, 0, 0, 0]), "0-1-7 trans thread=1"),
        ]
        for (body, expected) in cases { #expect(try text(EventScript.raw(.mariaDBGTID, body: body)) == expected) }
        for body in [Self.gtidBody(0, flags: 0), Self.gtidBody(7, flags: 0x40, [1, 0, 0, 0, 65, 0] + [UInt8](repeating: 1, count: 65))] {
            #expect(throws: CodecError.self) { _ = try text(EventScript.raw(.mariaDBGTID, body: body)) }
        }
    }

    @Test("the groups of a real server begin as the server says")
    func realGTIDs() throws {
        let file = try BinlogFile(Self.shapes)
        let groups = try file.events.map(\.bytes).filter { try EventHeader(decoding: $0.span.bytes).type == .mariaDBGTID }.map {
            try text($0)
        }
        #expect(groups.count == 33)
        #expect(groups[0] == "0-42-1 standalone parallel ddl")
        #expect(groups[3] == "0-42-4 trans parallel")
        #expect(groups[6] == "0-42-7 parallel")
        #expect(groups[8] == "7-42-1 trans parallel")
        #expect(groups[9] == "0-42-9 trans")
        #expect(groups[10] == "0-42-10 parallel ddl")
        #expect(groups[11] == "0-42-11 trans parallel prepared X'6b31',X'62',3 engines=255")
        #expect(groups[12] == "0-42-12 standalone trans parallel completed X'6b31',X'62',3")
        #expect(groups[26] == "0-42-26 standalone parallel ddl start-alter")
        #expect(groups[27] == "0-42-27 standalone parallel ddl commit-alter=26")
    }

    @Test("GTID_LIST tells where a file begins")
    func gtidList() throws {
        var body: [UInt8] = []
        body.append(littleEndian: UInt32(3) | 2 << 28)
        for (domain, server, sequence) in [(0, 1, 41), (0, 2, 42), (7, 1, 3)] as [(UInt32, UInt32, UInt64)] {
            body.append(littleEndian: domain)
            body.append(littleEndian: server)
            body.append(littleEndian: sequence)
        }
        let bytes = EventScript.raw(.gtidList, body: body)
        let event = try GTIDListEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.count == 3 && event.flags == .ignored && event[1].description == "0-2-42")
        #expect(event.position.description == "0-2-42,7-1-3")
        body.store(littleEndian: UInt32.max >> 4, at: 0)
        let lie = EventScript.raw(.gtidList, body: body)
        #expect(throws: CodecError.self) { _ = try GTIDListEvent(decoding: lie.span.bytes, checksum: .crc32) }
        // A server fills an empty list up.
        let empty = EventScript.raw(.gtidList, body: [0, 0, 0, 0, 0, 0])
        #expect(try GTIDListEvent(decoding: empty.span.bytes, checksum: .crc32).position.isEmpty)
    }

    @Test("the groups of a file lead to where the next one begins")
    func nextList() throws {
        var position = MariaDBGTIDPosition()
        for (_, bytes) in try BinlogFile(Self.shapes).events where try EventHeader(decoding: bytes.span.bytes).type == .mariaDBGTID {
            position.advance(to: try MariaDBGTIDEvent(decoding: bytes.span.bytes, checksum: .crc32).gtid)
        }
        #expect(position.description == "0-42-32,7-42-1")
        let next = try BinlogFile(Self.compressed).events[1].bytes
        #expect(try GTIDListEvent(decoding: next.span.bytes, checksum: .crc32).position == position)
    }

    @Test("statements beside rows and checkpoints of a real server")
    func texts() throws {
        var (annotations, checkpoints): ([String], [String]) = ([], [])
        for (_, bytes) in try BinlogFile(Self.shapes).events {
            switch try EventHeader(decoding: bytes.span.bytes).type {
            case .annotateRows:
                let event = try AnnotateRowsEvent(decoding: bytes.span.bytes, checksum: .crc32)
                let isComplete = event.isComplete
                #expect(isComplete)
                annotations.append(event.text.string)
            case .binlogCheckpoint:
                checkpoints.append(try BinlogCheckpointEvent(decoding: bytes.span.bytes, checksum: .crc32).fileName.string)
            default: break
            }
        }
        #expect(
            annotations.prefix(3) == ["INSERT INTO t (v) VALUES ('a'),('b')", "UPDATE t SET v='c' WHERE id=1", "DELETE FROM t WHERE id=2"])
        #expect(checkpoints == ["binlog.000001"])
    }

    @Test("a session's wish not to be replicated is a flag of its events")
    func skipReplication() throws {
        let flagged = try BinlogFile(Self.shapes).events.filter {
            try EventHeader(decoding: $0.bytes.span.bytes).flags.contains(.skipReplication)
        }
        #expect(!flagged.isEmpty)
    }

    @Test("an encrypted file is named where it can no longer be read; what a source sends of it can")
    func encryption() throws {
        for (name, isEncrypted) in [("mariadb-10.11.19-encrypted.000001", true), ("mariadb-10.11.19-decrypted.000001", false)] {
            let bytes = try BinlogFile.bytes(name)
            var cursor = EventCursor(bytes.span.bytes.extracting(BinlogMagic.byteCount..<bytes.count))
            #expect(try cursor.next()?.type == .formatDescription)
            #expect(try cursor.next()?.type == .startEncryption)
            let event = try StartEncryptionEvent(decoding: cursor.event, checksum: .crc32)
            #expect(event.scheme == 1 && event.keyVersion == 1 && event.nonce.byteCount == 12 && event.appliesToFile == isEncrypted)
            if isEncrypted {
                do throws(CodecError) {
                    try event.checkReadable()
                    Issue.record("an encrypted file passes for readable")
                } catch {
                    #expect(error.code == .unsupported && error.reason.contains("encrypted"))
                }
            } else {
                try event.checkReadable()
                #expect(try cursor.next()?.type == .gtidList)
            }
        }
    }

    @Test("pieces of a row event tell their place")
    func partialRowData() throws {
        var body: [UInt8] = [3, 0, 0, 0, 1, 0, 0, 0, 1]
        body.append(littleEndian: UInt64(5) << 30)
        body += Array("piece".utf8)
        let bytes = EventScript.raw(.partialRowData, body: body)
        let event = try PartialRowDataEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.pieceCount == 3 && event.number == 1 && event.originalSize == 5 << 30)
        #expect(event.piece.string == "piece" && event.pieceByteCount == 5)
        for (count, number) in [(3, 0), (3, 4), (0, 0)] as [(UInt8, UInt8)] {
            let wrong = EventScript.raw(.partialRowData, body: [count, 0, 0, 0, number, 0, 0, 0, 0])
            #expect(throws: CodecError.self) { _ = try PartialRowDataEvent(decoding: wrong.span.bytes, checksum: .crc32) }
        }
    }
}
