import Common
import Testing

@Suite struct QueryStatusVariablesTests {
    @Test("every variable is read")
    func all() throws {
        var bytes: [UInt8] = [0, 0x00, 0x40, 0x08, 0x04]
        bytes += [1, 0x20, 0, 0xa0, 0x55, 1, 0, 0, 0]
        bytes += [6, 3] + Array("std".utf8)
        bytes += [3, 7, 0, 5, 0]
        bytes += [4, 33, 0, 45, 0, 8, 0]
        bytes += [5, 6] + Array("+02:00".utf8)
        bytes += [7, 4, 0]
        bytes += [8, 255, 0]
        bytes += [9, 3, 0, 0, 0, 0, 0, 0, 0x80]
        bytes += [10, 0, 1, 0, 0]
        bytes += [11, 4] + Array("root".utf8) + [9] + Array("localhost".utf8)
        bytes += [12, 2] + Array("shop".utf8) + [0] + Array("other".utf8) + [0]
        bytes += [13, 0x3f, 0x42, 0x0f]
        bytes += [16, 1, 17, 9, 0, 0, 0, 0, 0, 0, 0, 18, 0xff, 0, 19, 1, 20, 0, 21, 1]
        bytes += [130, 4, 26, 0, 0, 0, 0, 0, 0, 0]
        bytes += [131, 2, 8, 0, 48, 0, 45, 0, 224, 0]
        let state = try QueryStatusVariables(decoding: bytes.span.bytes)
        #expect(state.options == [.autoIsNull, .noAutocommit, .noForeignKeyChecks])
        #expect(state.sqlMode == 0x1_55a0_0020)
        #expect(state.catalog?.string == "std")
        #expect(state.autoIncrementIncrement == 7 && state.autoIncrementOffset == 5)
        #expect(state.charset?.client == 33 && state.charset?.connection == 45 && state.charset?.server == 8)
        #expect(state.timeZone?.string == "+02:00")
        #expect(state.timeNames == 4 && state.databaseCollation == 255)
        #expect(state.updatedTables == 1 << 63 | 3 && state.originalEventLength == 256)
        #expect(state.invokerUser?.string == "root" && state.invokerHost?.string == "localhost")
        #expect(state.updatedDatabaseCount == 2)
        var names: [String] = []
        state.forEachUpdatedDatabase { names.append($0.string) }
        #expect(names == ["shop", "other"])
        #expect(state.microseconds == 999_999)
        #expect(state.explicitDefaultsForTimestamp == true && state.ddlXID == 9 && state.utf8mb4Collation == 255)
        #expect(state.requiresPrimaryKey == true && state.encryptsTables == false && state.cascadesTriggers == true)
        #expect(state.alter?.flags == .commitAlter && state.alter?.startSequence == 26)
        #expect(state.collations?.byteCount == 8)
        #expect(state.unknownCode == nil)
        for count in 0..<bytes.count {
            do throws(CodecError) { _ = try QueryStatusVariables(decoding: bytes.span.bytes.extracting(0..<count)) } catch {
                #expect(error.code == .truncated)
            }
        }
    }

    @Test("nothing is known where nothing is written, and nothing behind what is not known")
    func absent() throws {
        let empty: [UInt8] = []
        let none = try QueryStatusVariables(decoding: empty.span.bytes)
        #expect(none.options == nil && none.catalog == nil && none.updatedDatabaseCount == nil)
        let bytes: [UInt8] = [7, 4, 0, 99, 1, 2, 3, 0, 1]
        let state = try QueryStatusVariables(decoding: bytes.span.bytes)
        #expect(state.timeNames == 4 && state.unknownCode == 99 && state.options == nil)
    }

    @Test(
        "old and odd ways to write are read",
        arguments: [([2, 3, 0x73, 0x74, 0x64, 0, 7, 1, 0], 1), ([12, 254, 7, 2, 0], 2)] as [([UInt8], UInt16)])
    func odd(bytes: [UInt8], timeNames: UInt16) throws {
        let state = try QueryStatusVariables(decoding: bytes.span.bytes)
        #expect(state.timeNames == timeNames && state.updatedDatabaseCount == nil)
    }

    @Test("a statement that changes no database is an error")
    func noDatabase() {
        let bytes: [UInt8] = [12, 0]
        #expect(throws: CodecError.self) { _ = try QueryStatusVariables(decoding: bytes.span.bytes) }
    }

    @Test("every variable of every QUERY event of real servers is known", arguments: BinlogFile.names)
    func real(name: String) throws {
        let file = try BinlogFile(name)
        var checked = 0
        for (offset, bytes) in file.events where try EventHeader(decoding: bytes.span.bytes).type == .query {
            let query = try QueryEvent(decoding: bytes.span.bytes, checksum: file.checksum)
            let state = try QueryStatusVariables(decoding: query.statusVariables)
            let unknown = state.unknownCode
            #expect(unknown == nil, "\(name) at \(offset)")
            #expect(state.charset != nil && state.sqlMode != nil)
            checked += 1
        }
        #expect(checked > 0 || name.hasPrefix("mariadb-10.11.19-nochecksum"))
    }

    @Test(
        "the session that a statement ran in is told",
        arguments: [("mysql-9.7.4-statements.000001", 4, "NOW(3)"), ("mariadb-10.11.19-shapes.000001", 4, "NOW(6)")])
    func session(name: String, timeNames: UInt16, text: String) throws {
        let file = try BinlogFile(name)
        let isMariaDB = name.hasPrefix("mariadb")
        var found = false
        for (_, bytes) in file.events where try EventHeader(decoding: bytes.span.bytes).type == .query {
            let query = try QueryEvent(decoding: bytes.span.bytes, checksum: file.checksum)
            guard query.query.string.contains(text) else { continue }
            found = true
            let state = try QueryStatusVariables(decoding: query.statusVariables)
            #expect(state.timeZone?.string == "+02:00" && state.timeNames == timeNames)
            #expect(state.autoIncrementIncrement == 3 && state.autoIncrementOffset == 2)
            // ANSI_QUOTES alone.
            #expect(state.sqlMode == 4 && state.options?.contains(.noForeignKeyChecks) == true)
            #expect((state.microseconds ?? 0) < 1_000_000 && state.microseconds != nil)
            var names: [String] = []
            state.forEachUpdatedDatabase { names.append($0.string) }
            #expect(isMariaDB || names == ["shop"])
        }
        #expect(found)
    }
}
