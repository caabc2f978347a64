import Common
import Testing

/// Events that stand alone: incidents, group replication, texts beside rows, what begins a file.
@Suite struct OtherEventTests {
    @Test("an INCIDENT tells what happened")
    func incident() throws {
        let bytes = EventScript.raw(.incident, body: [1, 0, 5] + Array("sorry".utf8))
        let event = try IncidentEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.number == IncidentEvent.lostEvents && event.message.string == "sorry")
        let silent = EventScript.raw(.incident, body: [1, 0])
        #expect(try IncidentEvent(decoding: silent.span.bytes, checksum: .crc32).message.byteCount == 0)
        let lie = EventScript.raw(.incident, body: [1, 0, 5, 0x61])
        #expect(throws: CodecError.self) { _ = try IncidentEvent(decoding: lie.span.bytes, checksum: .crc32) }
    }

    @Test("ROWS_QUERY's text is shown as far as it is there")
    func rowsQuery() throws {
        let bytes = EventScript.raw(.rowsQuery, body: [99] + Array("INSERT INTO t VALUES (1)".utf8))
        let whole = try RowsQueryEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(whole.text.string == "INSERT INTO t VALUES (1)" && whole.isComplete)
        let head = try RowsQueryEvent(decoding: bytes.span.bytes.extracting(0..<26), checksum: .crc32)
        #expect(head.text.string == "INSERT" && !head.isComplete)
    }

    @Test("TRANSACTION_CONTEXT tells who, and what was written")
    func transactionContext() throws {
        let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
        var body: [UInt8] = [36]
        body.append(littleEndian: UInt32(12))
        body.append(1)
        for count in [3, 2, 1] as [UInt32] { body.append(littleEndian: count) }
        body += uuid.utf8
        body += [7, 8, 9]
        for element in ["one", "two", "read"] {
            body.append(littleEndian: UInt16(element.utf8.count))
            body += element.utf8
        }
        let bytes = EventScript.raw(.transactionContext, body: body)
        let event = try TransactionContextEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.serverUUID.string == uuid && event.threadID == 12 && event.hasSpecifiedGTID)
        #expect(event.encodedSnapshot.array == [7, 8, 9] && event.writeSetCount == 2 && event.readSetCount == 1)
        var writes: [String] = []
        event.forEachWrite { writes.append($0.string) }
        #expect(writes == ["one", "two"])
        body.store(littleEndian: UInt32.max, at: 10)
        let lie = EventScript.raw(.transactionContext, body: body)
        #expect(throws: CodecError.self) { _ = try TransactionContextEvent(decoding: lie.span.bytes, checksum: .crc32) }
    }

    @Test("VIEW_CHANGE names the view")
    func viewChange() throws {
        var body = Array("17179869184:3".utf8)
        body += [UInt8](repeating: 0, count: 40 - body.count)
        body.append(littleEndian: UInt64(5))
        body.append(littleEndian: UInt32(1))
        body += [1, 0, 0x6b, 2, 0, 0, 0, 0x76, 0x76]
        let bytes = EventScript.raw(.viewChange, body: body)
        let event = try ViewChangeEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.viewID.string == "17179869184:3" && event.sequenceNumber == 5 && event.certificationCount == 1)
        #expect(event.certification.byteCount == 9 && event.isComplete)
        body[0] = 0
        let nameless = EventScript.raw(.viewChange, body: body)
        #expect(throws: CodecError.self) { _ = try ViewChangeEvent(decoding: nameless.span.bytes, checksum: .crc32) }
    }

    @Test("LARGE_TRANSACTION_HEADER tells where the transaction ends")
    func largeTransactionHeader() throws {
        var body: [UInt8] = [1]
        body.append(littleEndian: UInt64(5) << 32)
        body.append(EventType.xid.rawValue)
        let bytes = EventScript.raw(.largeTransactionHeader, body: body + [UInt8](repeating: 0xee, count: 100), flags: .ignorable)
        for count in [29, bytes.count] {
            let event = try LargeTransactionHeaderEvent(decoding: bytes.span.bytes.extracting(0..<count), checksum: .crc32)
            #expect(event.endingOffset == 5 << 32 && event.endingType == .xid && event.paddingByteCount == 100)
        }
        body[0] = 2
        let newer = EventScript.raw(.largeTransactionHeader, body: body)
        #expect { try LargeTransactionHeaderEvent(decoding: newer.span.bytes, checksum: .crc32) } throws: {
            ($0 as? CodecError)?.code == .unsupported
        }
    }

    @Test("a file from before MySQL 5.0 is named as such")
    func oldFile() {
        let bytes = EventScript.raw(.startV3, body: [3, 0] + [UInt8](repeating: 0, count: 54), checksum: .none)
        #expect { try FormatDescriptionEvent(decoding: bytes.span.bytes) } throws: {
            ($0 as? CodecError)?.code == .unsupported && "\($0)".contains("MySQL 4.1 or older")
        }
    }

    @Test("the magic number tells a binlog, an encrypted one, and whatever else")
    func magic() throws {
        let plain: [UInt8] = [0xfe, 0x62, 0x69, 0x6e, 0x00]
        try BinlogMagic.check(plain.span.bytes)
        for (bytes, code) in [([0xfd, 0x62, 0x69, 0x6e], .unsupported), ([0xfe, 0x62], .invalid), ([], .invalid)]
            as [([UInt8], CodecError.Code)]
        {
            #expect { try BinlogMagic.check(bytes.span.bytes) } throws: { ($0 as? CodecError)?.code == code }
        }
    }

    @Test(
        "types have the servers' names, and unknown ones their number",
        arguments: [
            (EventType.largeTransactionHeader, "Large_transaction_header"), (.annotateRows, "Annotate_rows"), (.mariaDBGTID, "Gtid"),
            (.deleteRowsCompressed, "Delete_rows_compressed"), (.partialRowData, "Partial_rows"), (EventType(rawValue: 44), "Unknown(44)"),
            (EventType(rawValue: 159), "Unknown(159)"), (EventType(rawValue: 173), "Unknown(173)"),
        ])
    func names(type: EventType, name: String) {
        #expect(type.description == name)
    }
}
