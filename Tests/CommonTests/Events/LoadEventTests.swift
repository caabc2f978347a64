import Common
import Testing

@Suite struct LoadEventTests {
    /// LOAD's, NEW_LOAD's or CREATE_FILE's body for `shop.t (id, name)`.
    private func body(fileID: UInt32? = nil, format: [UInt8], tail: [UInt8] = []) -> [UInt8] {
        var body: [UInt8] = []
        for number in [7, 2, 1] as [UInt32] { body.append(littleEndian: number) }
        body += [1, 4]
        body.append(littleEndian: UInt32(2))
        if let fileID { body.append(littleEndian: fileID) }
        body += format + [2, 4] + Array("id\0name\0t\0shop\0/tmp/x".utf8)
        return body + tail
    }

    private static let old: [UInt8] = [0x2c, 0x22, 0x0a, 0x00, 0x5c, 0x06, 0x08]
    private static let new: [UInt8] = [2, 0x7c, 0x7c, 1, 0x22, 2, 0x0d, 0x0a, 0, 1, 0x5c, 0x08]

    @Test("LOAD tells table, columns, file and clauses")
    func load() throws {
        let bytes = EventScript.raw(.load, body: body(format: Self.old), checksum: .none)
        let event = try LoadEvent(decoding: bytes.span.bytes, checksum: .none)
        #expect(event.threadID == 7 && event.executionTime == 2 && event.skippedLines == 1 && event.fileID == nil)
        #expect(event.table.string == "t" && event.database.string == "shop" && event.fileName.string == "/tmp/x")
        #expect(event.format.fieldTerminator.string == "," && event.format.fieldEnclosure.string == "\"")
        #expect(event.format.lineTerminator.string == "\n" && event.format.lineStart.byteCount == 0)
        #expect(event.format.escape.string == "\\" && event.format.options == [.optionallyEnclosed, .replace])
        var columns: [String] = []
        event.forEachColumn { columns.append($0.string) }
        #expect(columns == ["id", "name"] && event.columnCount == 2)
        #expect(event.block.byteCount == 0)
    }

    @Test("NEW_LOAD has longer strings")
    func newLoad() throws {
        let bytes = EventScript.raw(.newLoad, body: body(format: Self.new), checksum: .crc32)
        let event = try LoadEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.format.fieldTerminator.string == "||" && event.format.lineTerminator.string == "\r\n")
        #expect(event.format.options == .ignore && event.fileName.string == "/tmp/x")
    }

    @Test("CREATE_FILE carries the file's first block")
    func createFile() throws {
        let bytes = EventScript.raw(.createFile, body: body(fileID: 9, format: Self.new, tail: [0] + Array("1|a".utf8)))
        let event = try LoadEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.fileID == 9 && event.block.string == "1|a" && event.fileName.string == "/tmp/x")
    }

    @Test("a column count that lies is an error, cut off anywhere or not")
    func lies() throws {
        var body = body(format: Self.old)
        body.store(littleEndian: UInt32.max, at: 14)
        let bytes = EventScript.raw(.load, body: body)
        #expect(throws: CodecError.self) { _ = try LoadEvent(decoding: bytes.span.bytes, checksum: .crc32) }
    }

    @Test("pieces of a file, and what becomes of it")
    func blocks() throws {
        for type in [EventType.appendBlock, .beginLoadQuery] {
            let bytes = EventScript.raw(type, body: [3, 0, 0, 0] + Array("abc".utf8))
            let event = try LoadBlockEvent(decoding: bytes.span.bytes, checksum: .crc32)
            #expect(event.fileID == 3 && event.block.string == "abc" && event.isFirst == (type == .beginLoadQuery))
            let head = try LoadBlockEvent(decoding: bytes.span.bytes.extracting(0..<24), checksum: .crc32)
            #expect(head.block.string == "a" && head.blockByteCount == 3)
        }
        for type in [EventType.execLoad, .deleteFile] {
            let bytes = EventScript.raw(type, body: [4, 0, 0, 0])
            #expect(try LoadFileEvent(decoding: bytes.span.bytes, checksum: .crc32).fileID == 4)
        }
    }

    @Test(
        "LOAD DATA of real servers: the file's bytes, and where its name stands in the statement",
        arguments: ["mysql-9.7.4-statements.000001", "mariadb-10.11.19-shapes.000001"])
    func real(name: String) throws {
        let file = try BinlogFile(name)
        var content = ""
        var fileID: UInt32?
        var statements = 0
        for (_, bytes) in file.events {
            let (span, checksum) = (bytes.span.bytes, file.checksum)
            switch try EventHeader(decoding: span).type {
            case .beginLoadQuery, .appendBlock:
                let event = try LoadBlockEvent(decoding: span, checksum: checksum)
                content += event.block.string
                fileID = event.fileID
            case .executeLoadQuery:
                let event = try ExecuteLoadQueryEvent(decoding: span, checksum: checksum)
                #expect(event.fileID == fileID && event.duplicates == .replace)
                #expect(event.statement.database.string == "shop" && event.statement.isComplete)
                let text = event.statement.query
                #expect(text.string.hasPrefix("LOAD DATA"))
                #expect(text.extracting(event.fileNameRange).string.contains("load.txt"))
                let state = try QueryStatusVariables(decoding: event.statement.statusVariables)
                #expect(state.sqlMode != nil)
                statements += 1
            default: break
            }
        }
        #expect(content == "1\tone\n2\ttwo\n" && statements == 1)
    }

    @Test("a file's name outside the text is an error")
    func range() throws {
        for (start, end, duplicates) in [(0, 9, 0), (5, 4, 0), (0, 1, 3)] as [(UInt32, UInt32, UInt8)] {
            var body = [UInt8](repeating: 0, count: 13)
            body.append(littleEndian: UInt32(1))
            body.append(littleEndian: start)
            body.append(littleEndian: end)
            body += [duplicates, 0] + Array("LOAD".utf8)
            let bytes = EventScript.raw(.executeLoadQuery, body: body)
            #expect(throws: CodecError.self) { _ = try ExecuteLoadQueryEvent(decoding: bytes.span.bytes, checksum: .crc32) }
        }
    }
}
