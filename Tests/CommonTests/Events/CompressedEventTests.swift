import CZlib
import Common
import Testing

@Suite struct CompressedEventTests {
    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(UInt(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
            compress(buffer.baseAddress, &length, bytes, UInt(bytes.count))
            count = Int(length)
        }
    }

    /// A text behind the head that says its length in four bytes.
    private static func packed(_ bytes: [UInt8], claiming length: Int? = nil) -> [UInt8] {
        let length = UInt32(length ?? bytes.count)
        return [0x84] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + deflated(bytes)
    }

    /// A QUERY_COMPRESSED event in database `d` with one status variable.
    private static func query(_ packed: [UInt8]) -> [UInt8] {
        var body: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 3, 0, 7, 4, 0, 0x64, 0]
        body += packed
        return EventScript.raw(.queryCompressed, body: body)
    }

    @Test("a compressed statement is the statement")
    func query() throws {
        var reader = CompressedEventReader()
        for text in ["INSERT INTO t VALUES (1)", "", String(repeating: "long ", count: 100_000)] {
            let bytes = Self.query(Self.packed(Array(text.utf8)))
            try reader.decompress(bytes.span.bytes, checksum: .crc32)
            let event = try QueryEvent(decoding: reader.event, checksum: .none)
            #expect(event.threadID == 7 && event.database.string == "d" && event.query.string == text)
            #expect(try QueryStatusVariables(decoding: event.statusVariables).timeNames == 4)
        }
    }

    @Test(
        "compressed rows keep what stands before them",
        arguments: [EventType.writeRowsCompressedV1, .updateRowsCompressedV1, .updateRowsCompressed])
    func rows(type: EventType) throws {
        var plain: [UInt8] = [18, 0, 0, 0, 0, 0, 1, 0]
        if type == .updateRowsCompressed { plain += [5, 0, 1, 2, 3] }
        plain += [9, 0xff, 0x01]
        if type != .writeRowsCompressedV1 { plain += [0xff, 0x01] }
        let rows = [UInt8](repeating: 0x5a, count: 70_000)
        let bytes = EventScript.raw(type, body: plain + Self.packed(rows))
        var reader = CompressedEventReader()
        try reader.decompress(bytes.span.bytes, checksum: .crc32)
        let header = try EventHeader(decoding: reader.event)
        #expect(header.type == CompressedEventReader.ordinaryType(of: type) && Int(header.eventLength) == reader.event.byteCount)
        #expect(reader.event.array[EventHeader.byteCount...] == (plain + rows)[...])
    }

    @Test("what a compressed event claims and does not hold is an error")
    func lies() throws {
        let text = Array("INSERT INTO t VALUES (1)".utf8)
        let head = Self.packed(text)
        var damaged = head
        damaged[8] ^= 0xff
        let lies: [([UInt8], CodecError.Code)] = [
            (Self.packed(text, claiming: 23), .invalid), (Self.packed(text, claiming: 25), .invalid),
            (Self.packed(text, claiming: 1 << 30), .invalid),
            (Self.packed(text, claiming: 0), .invalid), (Self.packed(text, claiming: 1 << 29), .invalid), (damaged, .invalid),
            (Array(head.dropLast(6)), .truncated), ([0x04] + head.dropFirst(), .invalid), ([0x94] + head.dropFirst(), .unsupported),
            ([0x80], .invalid), ([0x85, 0, 0, 0, 0, 1], .invalid), ([0x81], .truncated), ([], .truncated),
        ]
        var reader = CompressedEventReader()
        for (index, (packed, code)) in lies.enumerated() {
            do throws(CodecError) {
                try reader.decompress(Self.query(packed).span.bytes, checksum: .crc32)
                Issue.record("lie \(index) passes")
            } catch {
                #expect(error.code == code, "lie \(index): \(error)")
            }
        }
        let ordinary = EventScript.event("xid")
        #expect(throws: CodecError.self) { try reader.decompress(ordinary.span.bytes, checksum: .crc32) }
        // After errors, it still reads.
        let good = Self.query(head)
        try reader.decompress(good.span.bytes, checksum: .crc32)
        #expect(try QueryEvent(decoding: reader.event, checksum: .none).query.array == text)
    }

    @Test("a real server's compressed events become ordinary ones")
    func real() throws {
        var reader = CompressedEventReader()
        var (texts, rows): ([String], [EventType]) = ([], [])
        for (_, bytes) in try BinlogFile(MariaDBEventTests.compressed).events {
            let type = try EventHeader(decoding: bytes.span.bytes).type
            guard CompressedEventReader.ordinaryType(of: type) != nil else { continue }
            try reader.decompress(bytes.span.bytes, checksum: .crc32)
            let header = try EventHeader(decoding: reader.event)
            if header.type == .query {
                let event = try QueryEvent(decoding: reader.event, checksum: .none)
                texts.append(event.query.string)
                #expect(event.database.string == "shop")
            } else {
                rows.append(header.type)
                // Two rows of 300 letters each, twice in an update; the inserts have 300 letters more.
                let letters = reader.event.array.count { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
                #expect(letters >= 600)
            }
        }
        #expect(
            texts.count == 5 && texts[0].hasPrefix("CREATE TABLE z") && texts[1].hasPrefix("INSERT INTO z (id,v) VALUES (9,'a statement"))
        #expect(rows == [.writeRowsV1, .updateRowsV1, .deleteRowsV1])
    }
}
