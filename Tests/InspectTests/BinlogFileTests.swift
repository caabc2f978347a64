import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import binlog_inspect

@Suite struct BinlogFileTests {
    static let shapes = "mysql-9.7.4-shapes.000001"
    static let gtidFile = "kingbus-5.7.23-gtid.000013"

    @Test("a real file shows a line for each event and verifies", arguments: Corpus.files)
    func corpus(name: String, eventCount: Int) throws {
        let shown = try Inspected([Corpus.path(name)])
        #expect(shown.error == nil)
        #expect(shown.events.count == eventCount)
        let verified = try Inspected([Corpus.path(name)], InspectOptions(verify: true))
        #expect(verified.error == nil)
        #expect(verified.events == shown.events)
        #expect(verified.comments.contains { $0.hasPrefix("# verified: \(eventCount) events, ") })
    }

    @Test("lines tell offset, time, server, type, size and what the event holds")
    func lines() throws {
        let shown = try Inspected([Corpus.path(Self.shapes)])
        let words = shown.events.map { $0.split(separator: " ").map(String.init) }
        #expect(
            words[0] == [
                "4", "2026-11-21T02:47:11Z", "42", "Format_desc", "123", "version=4", "server_version=9.7.4-2", "checksum=CRC32",
                "created=2026-11-21T02:47:11Z",
            ])
        #expect(words[1].suffix(1) == ["(empty)"])
        #expect(
            words[2] == [
                "158", "2026-11-21T02:47:30Z", "42", "Gtid", "77", "d3cbdedb-e555-11f1-a893-02fc00000001:1", "last_committed=0",
                "sequence_number=1",
            ])
        #expect(words[3].suffix(5) == ["db=shop", "thread=11", "CREATE", "DATABASE", "shop"])
        #expect(shown.events.contains { $0.hasSuffix("XA_prepare                    38  xid=X'6b',X'62',7") })
        #expect(
            shown.comments.contains(
                "# transaction d3cbdedb-e555-11f1-a893-02fc00000001:1: 185 bytes, committed 2026-11-21T02:47:30.672069Z"))
    }

    @Test("only the transactions of a set are shown, whole")
    func included() throws {
        let all = try Inspected([Corpus.path(Self.shapes)])
        let set = try GTIDSet(parsing: "d3cbdedb-e555-11f1-a893-02fc00000001:4-5")
        let shown = try Inspected([Corpus.path(Self.shapes)], InspectOptions(filter: TransactionFilter(included: set)))
        let first = try #require(all.events.firstIndex { $0.contains("02fc00000001:4 ") })
        let next = try #require(all.events.firstIndex { $0.contains("02fc00000001:6 ") })
        #expect(shown.events == Array(all.events[first..<next]))
    }

    @Test("the transactions of an excluded set are left out, whole, and nothing else")
    func excluded() throws {
        let all = try Inspected([Corpus.path(Self.shapes)])
        let set = try GTIDSet(parsing: "d3cbdedb-e555-11f1-a893-02fc00000001:4-5")
        let shown = try Inspected([Corpus.path(Self.shapes)], InspectOptions(filter: TransactionFilter(excluded: set)))
        let first = try #require(all.events.firstIndex { $0.contains("02fc00000001:4 ") })
        let next = try #require(all.events.firstIndex { $0.contains("02fc00000001:6 ") })
        #expect(shown.events == Array(all.events[..<first] + all.events[next...]))
    }

    @Test("a limit ends the output, and not a check")
    func limit() throws {
        let all = try Inspected([Corpus.path(Self.shapes)])
        let shown = try Inspected([Corpus.path(Self.shapes)], InspectOptions(print: PrintOptions(limit: 7)))
        #expect(shown.events == Array(all.events[..<7]))
        let verified = try Inspected([Corpus.path(Self.shapes)], InspectOptions(print: PrintOptions(limit: 7), verify: true))
        #expect(verified.events == shown.events)
        #expect(verified.comments.contains { $0.hasPrefix("# verified: 156 events") })
    }

    @Test("transactions that are missing between two files are told, and so is one that stands twice")
    func gaps() throws {
        let folder = Corpus.path
        let gap = try Inspected([folder("kingbus-5.7.23-gtid.000011"), folder(Self.gtidFile)], InspectOptions(verify: true))
        #expect(gap.error == nil)
        #expect(gap.comments.contains { $0.contains("executed before this file, and in none of the files before it: 214eb71f-") })
        let twice = try Inspected([folder(Self.gtidFile), folder(Self.gtidFile)], InspectOptions(verify: true))
        #expect(twice.comments.contains { $0.hasSuffix("is there twice") })
        let row = ["kingbus-5.7.23-gtid.000011", "kingbus-5.7.23-gtid.000012", Self.gtidFile].map(folder)
        #expect(try Inspected(row, InspectOptions(verify: true)).comments.allSatisfy { !$0.hasPrefix("# note") })
    }

    // MARK: - Damage

    @Test("a flipped bit anywhere ends a check with its place, and what stands before it is printed")
    func flippedBits() throws {
        let bytes = try Corpus.bytes("mysql-9.7.4-shapes.000002")
        let all = try Inspected([Corpus.path("mysql-9.7.4-shapes.000002")])
        let offsets = all.events.map { UInt64($0.split(separator: " ")[0])! }
        let folder = try TemporaryFolder()
        for position in bytes.indices {
            if position == 21 { continue }  // Holds the in-use flag, which is outside the checksum.
            var damaged = bytes
            damaged[position] ^= 1 << UInt8(position % 8)
            let path = try folder.write(damaged)
            let shown = try Inspected([path], InspectOptions(verify: true))
            let error = try #require(shown.error, "byte \(position)")
            #expect(error.code == .damaged && error.file == path)
            // A server version that reads as one before 5.6.1 means no checksums: the next event shows that it is none.
            if (25..<31).contains(position), error.offset == 127 { continue }
            let index = try #require(offsets.lastIndex { $0 <= max(position, 4) })
            #expect(error.offset == (position < 4 ? 0 : offsets[index]), "byte \(position): \(error)")
            #expect(shown.events == Array(all.events[..<(position < 4 ? 0 : index)]))
        }
    }

    @Test("a file that was cut anywhere shows its whole events and says where it ends", arguments: [false, true])
    func truncated(verify: Bool) throws {
        let bytes = try Corpus.bytes("mysql-9.7.4-shapes.000002")
        let all = try Inspected([Corpus.path("mysql-9.7.4-shapes.000002")])
        let offsets = all.events.map { Int($0.split(separator: " ")[0])! }
        let folder = try TemporaryFolder()
        for length in 0..<bytes.count {
            let path = try folder.write(Array(bytes[..<length]))
            let shown = try Inspected([path], InspectOptions(verify: verify))
            let whole = max(0, offsets.filter { $0 <= length }.count - 1)
            #expect(shown.events == Array(all.events[..<whole]))
            let endsBetweenEvents = length > 4 && offsets.contains(length)
            #expect((shown.error == nil) == endsBetweenEvents, "length \(length)")
            if let error = shown.error { #expect(error.code == .damaged) }
        }
    }

    @Test("any bytes give an answer, never a crash")
    func mutations() throws {
        var random = SystemRandomNumberGenerator()
        let folder = try TemporaryFolder()
        for (name, _) in Corpus.files {
            let bytes = try Corpus.bytes(name)
            for round in 0..<40 {
                var damaged = bytes
                for _ in 0...round % 8 { damaged[Int.random(in: 0..<damaged.count, using: &random)] = .random(in: 0...255, using: &random) }
                let path = try folder.write(damaged)
                _ = try Inspected([path], InspectOptions(verify: round % 2 == 0))
            }
        }
    }

    @Test("an event that stands where none can stand is damage")
    func structure() throws {
        var bytes = try Corpus.bytes(Self.gtidFile)
        let rows = try #require(try Inspected([Corpus.path(Self.gtidFile)]).events.first { $0.contains("Write_rows") })
        let offset = try #require(Int(rows.split(separator: " ")[0]))
        let header = try EventHeader(decoding: bytes.span.bytes.extracting(offset..<bytes.count))
        // The same rows once more behind the file's end, where no transaction is open; positions are not checked in passing.
        bytes += bytes[offset..<offset + Int(header.eventLength)]
        let folder = try TemporaryFolder()
        let shown = try Inspected([try folder.write(bytes)])
        let error = try #require(shown.error)
        #expect(error.code == .damaged && error.reason.contains("outside any transaction"))
        #expect(shown.events.count == 112)
    }

    @Test("a statement's surroundings and compressed transactions have their line")
    func statements() throws {
        let lines = try Inspected([Corpus.path("mysql-9.7.4-statements.000001")]).events
        for ending in [
            "  INSERT_ID=1", "  LAST_INSERT_ID=1", "  @`d`=-12345.678", "  @`u`=18446744073709551615", "  @`n`=NULL",
            "  @`s`='text' collation=255", "  file_id=1 block=12", "  payload=324 compression=ZSTD uncompressed=737",
        ] { #expect(lines.contains { $0.hasSuffix(ending) }, "\(ending)") }
        #expect(lines.contains { $0.contains("  file_id=1 db=shop thread=") })
    }

    @Test("MariaDB's files are shown: groups, statements beside rows, compressed statements")
    func mariaDB() throws {
        let shown = try Inspected([Corpus.path("mariadb-10.11.19-shapes.000001")])
        for ending in [
            "Gtid_list                     29  (empty)", "  binlog.000001", "  0-42-1 standalone ddl", "  7-42-1 trans",
            "  0-42-11 trans prepared xid=X'6b31',X'62',3", "  0-42-26 standalone ddl START_ALTER",
            "  0-42-27 standalone ddl COMMIT_ALTER=26",
            "  DELETE FROM t WHERE id=2",
        ] { #expect(shown.events.contains { $0.hasSuffix(ending) }, "\(ending)") }
        #expect(shown.comments.contains("# transaction 7-42-1"))
        let next = try Inspected([Corpus.path("mariadb-10.11.19-compressed.000002")]).events
        #expect(next.contains { $0.hasSuffix("Gtid_list                     59  0-42-32,7-42-1") })
        #expect(next.contains { $0.contains("Query_compressed") && $0.contains("  db=shop thread=7 CREATE TABLE z (") })
    }

    @Test("rows stand below their event, what was there before and what is there now, whatever the event is packed in")
    func rows() throws {
        let plain = try Inspected([Corpus.path("rows-mysql-9.7.4-full.000001")])
        #expect(plain.rows.contains { $0.hasPrefix("+ id=2, i8=127, u8=0, i16=32767, u16=0, i24=8388607, ") })
        let packed = try Inspected([Corpus.path("mysql-9.7.4-statements.000001")])
        #expect(packed.lines.contains { $0.split(separator: " ").first == "-" && $0.contains("Write_rows") })
        let maria = try Inspected([Corpus.path("mariadb-10.11.19-compressed.000002")])
        #expect(maria.error == nil && !maria.rows.isEmpty)
    }

    @Test("what several threads print is what one prints, in the same order", arguments: PrintOptions.Format.allCases)
    func threads(format: PrintOptions.Format) throws {
        // SQL needs the columns' names.
        let files = Array(repeating: Corpus.path(format == .sql ? "rows-mysql-9.7.4-full.000001" : Self.shapes), count: 60)
        let one = try Inspected(files, InspectOptions(print: PrintOptions(format: format)))
        let several = try Inspected(files, InspectOptions(print: PrintOptions(format: format), threadCount: 4))
        #expect(one.error == nil && several.error == nil)
        #expect(one.lines == several.lines && !one.lines.isEmpty)
    }

    @Test("a row's history tells each change: when, in which transaction, the columns that differ, and what undoes it")
    func history() throws {
        var options = PrintOptions(format: .history)
        options.rows = RowFilter(tables: [TablePattern("r.special")], conditions: [try RowCondition(parsing: "id=1")])
        let path = Corpus.path("rows-mysql-9.7.4-full.000001")
        let shown = try Inspected([path], InspectOptions(print: options))
        #expect(shown.error == nil)
        let heads = shown.lines.filter { !$0.hasPrefix(" ") }
        #expect(heads.map { $0.split(separator: " ")[1] } == ["insert", "update", "delete"])
        #expect(heads[1].hasPrefix("2026-11-21T08:32:25.639193Z  update r.special  bea2301e-e585-11f1-805c-02fc00000001:12  thread 21"))
        #expect(shown.lines.contains("    inv                 7 → 8"))
        #expect(
            shown.lines.contains { line in
                line.hasPrefix("    undo ") && line.hasSuffix(path)
                    && line.contains(" flashback --gtid bea2301e-e585-11f1-805c-02fc00000001:12 --table r.special --where 'id=1' ")
            })
    }

    @Test("a summary counts rows by table and names the biggest transactions")
    func summary() throws {
        let shown = try Inspected(
            [Corpus.path("rows-mysql-9.7.4-full.000001")], InspectOptions(print: PrintOptions(format: .summary), threadCount: 2))
        #expect(shown.lines.contains { $0.split(separator: " ") == ["9", "9", "0", "0", "1308", "r.numbers"] })
        #expect(shown.lines.contains { $0.hasPrefix("GTID set        bea2301e-e585-11f1-805c-02fc00000001:2-30") })
    }

    @Test("a transaction that is printed in pieces is introduced once, with a filter and without", arguments: [1, 3])
    func introductions(threadCount: Int) throws {
        let bytes = try Corpus.bytes("rows-mysql-9.7.4-full.000001")
        var offset = 4
        var events: [(header: EventHeader, range: Range<Int>)] = []
        while offset < bytes.count {
            let header = try EventHeader(decoding: bytes.span.bytes.extracting(offset..<bytes.count))
            events.append((header, offset..<offset + Int(header.eventLength)))
            offset += Int(header.eventLength)
        }
        let map = try #require(events.firstIndex { $0.header.type == .tableMap })
        let rows = bytes[events[map].range] + bytes[events[map + 1].range]
        var file = Array(bytes[..<events[map].range.lowerBound])
        for _ in 0..<5 * Work.maxBytes / rows.count { file += rows }
        let folder = try TemporaryFolder()
        let path = try folder.write(file + bytes[events[map].range.lowerBound...])
        for filter in [RowFilter(), RowFilter(changes: [.insert])] {
            let options = InspectOptions(print: PrintOptions(rows: filter), threadCount: threadCount)
            let introductions = try Inspected([path], options).comments.filter { $0.hasPrefix("# transaction") }
            #expect(!introductions.isEmpty && Set(introductions).count == introductions.count)
        }
    }

    @Test("only the rows of a table are shown, only some kinds of changes, only those that a condition holds for")
    func rowFilter() throws {
        func shown(_ filter: RowFilter) throws -> [String] {
            try Inspected([Corpus.path("rows-mysql-9.7.4-full.000001")], InspectOptions(print: PrintOptions(rows: filter))).rows
        }
        let all = try shown(RowFilter())
        let table = try shown(RowFilter(tables: [TablePattern("r.special")]))
        #expect(table.count == 16 && Set(table).isSubset(of: all))
        #expect(try shown(RowFilter(databases: [Glob("nowhere")])).isEmpty)
        let deletes = try shown(RowFilter(tables: [TablePattern("spec*")], changes: [.delete]))
        #expect(deletes.count == 1 && deletes[0].hasPrefix("- "))
        let condition = try RowCondition(parsing: "id = 2")
        let found = try shown(RowFilter(tables: [TablePattern("numbers")], conditions: [condition]))
        #expect(found.count == 1 && found[0].hasPrefix("+ id=2, "))
    }

    @Test("a file that MariaDB encrypted is shown up to where it is, and named")
    func encryptedMariaDB() throws {
        let shown = try Inspected([Corpus.path("mariadb-10.11.19-encrypted.000001")])
        #expect(shown.events.count == 1)
        #expect(shown.error?.code == .failure && shown.error?.offset == 256)
        #expect(shown.error?.reason.contains("encrypted from here on") == true)
    }

    @Test("a file from before MySQL 5.0 is named as such")
    func oldFile() throws {
        var bytes = BinlogMagic.plain
        EventHeader(type: .startV3, serverID: 1, eventLength: 75).encode(into: &bytes)
        bytes += [3, 0] + [UInt8](repeating: 0, count: 54)
        let folder = try TemporaryFolder()
        let shown = try Inspected([try folder.write(bytes)])
        #expect(shown.error?.code == .failure && shown.error?.reason.contains("MySQL 4.1 or older") == true)
    }

    @Test("what a server has written behind an open file's end can be passed over")
    func growingFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([UInt8](repeating: 1, count: 10))
        var input = try ByteInput(path: path)
        _ = try folder.write([UInt8](repeating: 1, count: 10) + [UInt8](repeating: 2, count: 10))
        #expect(try input.skip(15) == 15)
        #expect(try input.skip(15) == 5)
    }

    @Test("rows are shown however many tables were mapped before theirs")
    func manyTables() throws {
        let bytes = try Corpus.bytes("rows-mysql-9.7.4-full.000001")
        var offset = 4
        var events: [(header: EventHeader, range: Range<Int>)] = []
        while offset < bytes.count {
            let header = try EventHeader(decoding: bytes.span.bytes.extracting(offset..<bytes.count))
            events.append((header, offset..<offset + Int(header.eventLength)))
            offset += Int(header.eventLength)
        }
        let first = try #require(events.firstIndex { $0.header.type == .tableMap })
        let pair = [events[first].range, events[first + 1].range].map { Array(bytes[$0]) }
        let shown = try Inspected([Corpus.path("rows-mysql-9.7.4-full.000001")]).rows
        let rowsOfPair = try #require(shown.firstIndex { $0.hasPrefix("+ id=1, d=") })
        // Under ever new ids, and under the first one in between.
        var file = Array(bytes[..<events[first].range.lowerBound])
        let rounds = RowDecoder.maxTables * 3 / 2
        for round in 0..<rounds {
            for var event in pair {
                event.store(littleEndian: UInt32(round % 3 == 0 ? 1_000_000 : round), at: EventHeader.byteCount)
                let body = Array(event.dropLast(4))
                let crc = CRC32.checksum(of: body.span.bytes)
                event.store(littleEndian: crc, at: event.count - 4)
                file += event
            }
        }
        file += bytes[events[first + 2].range]
        let folder = try TemporaryFolder()
        let all = try Inspected([try folder.write(file)])
        #expect(all.error == nil && all.rows.count == rounds * rowsOfPair)
    }

    @Test("a missing file, a text file and an encrypted binlog are told apart")
    func otherInputs() throws {
        let folder = try TemporaryFolder()
        #expect(try Inspected([folder.path("none")]).error?.code == .failure)
        #expect(try Inspected([try folder.write(Array("hello, world".utf8))]).error?.code == .damaged)
        let encrypted = try Inspected([try folder.write([0xfd, 0x62, 0x69, 0x6e, 1, 2, 3])])
        #expect(encrypted.error?.code == .failure)
        #expect(encrypted.error?.reason.contains("encrypted") == true)
        #expect(try Inspected([folder.path("")]).error?.reason.contains("not a node's data directory") == true)
    }
}
