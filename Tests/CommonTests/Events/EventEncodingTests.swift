import Common
import Testing

@Suite struct EventEncodingTests {
    private let envelope = EventEnvelope(timestamp: 1_700_000_000, serverID: 7, position: .startingAt(4), checksum: .crc32)

    /// What holds for every event that an encoder makes: length, checksum, position.
    private func check(_ bytes: [UInt8], type: EventType, checksum: ChecksumAlgorithm = .crc32) throws -> EventHeader {
        let header = try EventHeader(decoding: bytes.span.bytes)
        #expect(header.type == type)
        #expect(Int(header.eventLength) == bytes.count)
        if checksum == .crc32 { try verifyChecksum(event: bytes.span.bytes) }
        return header
    }

    @Test("a header survives encoding and decoding")
    func header() throws {
        let header = EventHeader(
            timestamp: 1, type: EventType(rawValue: 200), serverID: 0xdead_beef, eventLength: 19, endPosition: UInt32.max,
            flags: [.artificial])
        var bytes: [UInt8] = []
        header.encode(into: &bytes)
        #expect(bytes.count == EventHeader.byteCount)
        #expect(try EventHeader(decoding: bytes.span.bytes) == header)
    }

    @Test("an artificial ROTATE has no time and no position", arguments: [ChecksumAlgorithm.none, .crc32])
    func rotate(checksum: ChecksumAlgorithm) throws {
        var bytes: [UInt8] = []
        let name = "e2-binlog.000003"
        RotateEvent.encode(
            fileName: name.utf8, position: 1 << 40, in: .artificial(serverID: 7, checksum: checksum), into: &bytes)
        let header = try check(bytes, type: .rotate, checksum: checksum)
        #expect(header.timestamp == 0 && header.endPosition == 0 && header.flags == .artificial && header.serverID == 7)
        let event = try RotateEvent(decoding: bytes.span.bytes, checksum: checksum)
        let (position, fileName) = (event.position, event.fileName.string)
        #expect(position == 1 << 40 && fileName == name)
    }

    @Test("a FORMAT_DESCRIPTION survives encoding and decoding, checksum field or not", arguments: [nil, ChecksumAlgorithm.none, .crc32])
    func formatDescription(checksum: ChecksumAlgorithm?) throws {
        let description = FormatDescriptionEvent(
            serverVersion: checksum == nil ? "5.5.62" : "9.7.4", created: 5,
            postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths,
            checksum: checksum)
        var bytes: [UInt8] = []
        description.encode(in: envelope, into: &bytes)
        let header = try check(bytes, type: .formatDescription, checksum: checksum == nil ? .none : .crc32)
        #expect(Int(header.endPosition) == 4 + bytes.count)
        #expect(try FormatDescriptionEvent(decoding: bytes.span.bytes) == description)
    }

    @Test("a server version longer than its field is cut, not spilled")
    func longServerVersion() throws {
        let description = FormatDescriptionEvent(
            serverVersion: "8.0.1-" + String(repeating: "x", count: 80), postHeaderLengths: [1, 2], checksum: .crc32)
        var bytes: [UInt8] = []
        description.encode(in: envelope, into: &bytes)
        let decoded = try FormatDescriptionEvent(decoding: bytes.span.bytes)
        #expect(decoded.serverVersion.utf8.count == 49 && decoded.postHeaderLengths == [1, 2])
    }

    @Test("a rewritten FORMAT_DESCRIPTION differs in nothing but what was asked for", arguments: BinlogFile.names)
    func rewriting(name: String) throws {
        let file = try BinlogFile(name)
        let original = file.events[0].bytes
        var bytes: [UInt8] = [0xaa]
        try FormatDescriptionEvent.encode(rewriting: original.span.bytes, created: 0, endPosition: 0, serverID: 99, into: &bytes)
        #expect(bytes.removeFirst() == 0xaa)
        let header = try check(bytes, type: .formatDescription, checksum: file.description.checksum == nil ? .none : .crc32)
        #expect(header.serverID == 99 && header.endPosition == 0 && !header.flags.contains(.binlogInUse))
        var expected = file.description
        expected.created = 0
        #expect(try FormatDescriptionEvent(decoding: bytes.span.bytes) == expected)
        #expect(expected.hasSameFormat(as: file.description))

        var same: [UInt8] = []
        let before = try EventHeader(decoding: original.span.bytes)
        try FormatDescriptionEvent.encode(
            rewriting: original.span.bytes, created: file.description.created, endPosition: before.endPosition, into: &same)
        if !before.flags.contains(.binlogInUse) { #expect(same == original) }
    }

    @Test("PREVIOUS_GTIDS and IGNORABLE say that they may be skipped")
    func ignorables() throws {
        var previous: [UInt8] = []
        let set = try GTIDSet(parsing: "01234567-89ab-cdef-0123-456789abcdef:1-7:9:tag:1-2")
        PreviousGTIDsEvent.encode(encodedSet: set.encoded(), in: envelope, into: &previous)
        #expect(try check(previous, type: .previousGTIDs).flags == .ignorable)
        let decoded = try PreviousGTIDsEvent(decoding: previous.span.bytes, checksum: .crc32).gtidSet()
        #expect(decoded == set)

        var ignorable: [UInt8] = []
        IgnorableEvent.encode(body: [1, 2, 3], in: EventEnvelope(serverID: 7, checksum: .crc32), into: &ignorable)
        let header = try check(ignorable, type: .ignorable)
        #expect(header.flags == .ignorable && header.timestamp == 0 && header.endPosition == 0)
        let body = try IgnorableEvent(decoding: ignorable.span.bytes, checksum: .crc32).body.array
        #expect(body == [1, 2, 3])
    }

    @Test("a heartbeat of version 2 carries a position beyond 4 GiB, one of version 1 its low half", arguments: [4, 1 << 32 + 17, 1 << 62])
    func heartbeats(position: UInt64) throws {
        let name = "binlog.000017"
        for checksum in [ChecksumAlgorithm.none, .crc32] {
            var old: [UInt8] = []
            HeartbeatEvent.encode(fileName: name.utf8, position: position, serverID: 7, checksum: checksum, into: &old)
            _ = try check(old, type: .heartbeat, checksum: checksum)
            let decodedOld = try HeartbeatEvent(decoding: old.span.bytes, checksum: checksum)
            let (oldPosition, oldName) = (decodedOld.position, decodedOld.fileName.string)
            #expect(oldPosition == position & 0xffff_ffff && oldName == name)

            var new: [UInt8] = []
            HeartbeatEvent.encodeV2(fileName: name.utf8, position: position, serverID: 7, checksum: checksum, into: &new)
            _ = try check(new, type: .heartbeatV2, checksum: checksum)
            let decodedNew = try HeartbeatEvent(decoding: new.span.bytes, checksum: checksum)
            let (newPosition, newName) = (decodedNew.position, decodedNew.fileName.string)
            #expect(newPosition == position && newName == name)
        }
    }

    @Test("a QUERY survives encoding and decoding")
    func query() throws {
        var bytes: [UInt8] = []
        QueryEvent.encode("XA ROLLBACK 'a'".utf8, database: "shop".utf8, threadID: 12, in: envelope, into: &bytes)
        _ = try check(bytes, type: .query)
        let event = try QueryEvent(decoding: bytes.span.bytes, checksum: .crc32)
        let (database, text, thread, isComplete) = (event.database.string, event.query.string, event.threadID, event.isComplete)
        #expect(database == "shop" && text == "XA ROLLBACK 'a'" && thread == 12 && isComplete)
    }

    @Test("the dummy that closes a statement has MySQL's dummy table and no rows")
    func statementEnd() throws {
        var bytes: [UInt8] = []
        StatementEndEvent.encode(in: envelope, into: &bytes)
        _ = try check(bytes, type: .writeRows)
        let body = Array(bytes[EventHeader.byteCount..<bytes.count - 4])
        #expect(body == [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 2, 0, 1, 0xff])
    }
}
