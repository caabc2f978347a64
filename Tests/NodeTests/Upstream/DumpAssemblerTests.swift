import Common
import Log
import Testing

@testable import kingbus_node

/// What of a source's dump is stored, and where it then stands.
@Suite struct DumpAssemblerTests {
    private let fixture: LogFixture

    init() throws { fixture = try LogFixture() }

    /// Feeds bytes in pieces of `step`, and stores what becomes complete.
    @discardableResult
    private func store(_ assembler: inout DumpAssembler, _ bytes: [UInt8], step: Int = .max, startSet: GTIDSet = GTIDSet()) throws -> Int {
        var batches = 0
        var offset = 0
        while offset < bytes.count {
            let end = offset + min(step, bytes.count - offset)
            try assembler.receive(bytes.span.bytes.extracting(offset..<end))
            offset = end
            while let batch = assembler.takeBatch(eager: true) {
                try fixture.append(batch, startSet: startSet)
                batches += 1
            }
        }
        return batches
    }

    /// The prelude of every dump: a ROTATE that was made for it, and the file's FORMAT_DESCRIPTION and PREVIOUS_GTIDS.
    private func prelude(_ file: inout SourceFile, previous: GTIDSet = GTIDSet()) -> [SourceEvent] {
        [file.format(), file.previousGTIDs(previous)]
    }

    private func stream(_ file: String, _ events: [SourceEvent], from position: UInt64 = 4) -> [UInt8] {
        SourceStream.packets([SourceStream.artificialRotate(file, position: position)] + events.map(\.bytes))
    }

    @Test func `everything but PREVIOUS_GTIDS, STOP, heartbeats and the artificial ROTATE is stored`() throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        let one = file.transaction(1)
        let beat = SourceStream.heartbeat("b.000001", position: file.position)
        let stop = file.event(.stop)
        var assembler = DumpAssembler(fixture.assemblerStart())
        let bytes = SourceStream.packets(
            [SourceStream.artificialRotate("b.000001")] + (head + one).map(\.bytes) + [beat, stop.bytes])
        try store(&assembler, bytes)
        #expect(try fixture.storedEvents() == [head[0].bytes] + one.map(\.bytes))
        #expect(fixture.state.executed == SourceFile.set("1"))
        #expect(fixture.state.file == Array("b.000001".utf8))
        #expect(assembler.position.offset == file.position)
        #expect((assembler.transactions, assembler.events) == (1, 5))
        #expect(assembler.lastGTID == SourceFile.gtid(1))
    }

    @Test(arguments: [1, 3, 7, 100, 4096]) func `it does not matter how the bytes are cut into reads`(step: Int) throws {
        var file = SourceFile("b.000001")
        let events = prelude(&file) + file.transaction(1) + file.transaction(2, rowBytes: [300, 5000])
        var assembler = DumpAssembler(fixture.assemblerStart())
        try store(&assembler, stream("b.000001", events), step: step)
        #expect(try fixture.storedEvents() == events.map(\.bytes).filter { $0[4] != EventType.previousGTIDs.rawValue })
    }

    @Test(arguments: [(256, 4), (8, 1 << 63)] as [(Int, UInt64)])
    func `nothing is stored of a ROTATE that leads nowhere`(nameBytes: Int, position: UInt64) throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        var body: [UInt8] = []
        body.append(littleEndian: position)
        let rotate = file.event(.rotate, body + [UInt8](repeating: 0x62, count: nameBytes))
        var assembler = DumpAssembler(fixture.assemblerStart())
        try store(&assembler, stream("b.000001", head))
        #expect(throws: UpstreamFailure.self) {
            try assembler.receive(SourceStream.packets([rotate.bytes], sequence: 4).span.bytes)
        }
        // What came before the failure is still taken.
        #expect(assembler.takeBatch(eager: true)?.byteCount == nil)
    }

    @Test func `a real ROTATE is stored and leads to the next file`() throws {
        var file = SourceFile("b.000001")
        var events = prelude(&file) + file.transaction(1)
        events.append(file.rotate(to: "b.000002"))
        var next = SourceFile("b.000002")
        let behind = prelude(&next, previous: SourceFile.set("1")) + next.transaction(2)
        var assembler = DumpAssembler(fixture.assemblerStart())
        let bytes = SourceStream.packets(
            [SourceStream.artificialRotate("b.000001")] + events.map(\.bytes) + [SourceStream.artificialRotate("b.000002")]
                + behind.map(\.bytes))
        try store(&assembler, bytes)
        #expect(try fixture.storedEvents().map { $0[4] } == [15, 33, 2, 30, 16, 4, 15, 33, 2, 30, 16])
        #expect(fixture.state.file == Array("b.000002".utf8))
        #expect(fixture.state.position == next.position)
        // The format is the same: the file goes on.
        #expect(fixture.log.catalog.segments().count == 2)
    }

    @Test func `a FORMAT_DESCRIPTION that is sent again is not stored again, and held transactions are skipped`() throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        let one = file.transaction(1)
        let two = file.transaction(2)
        var first = DumpAssembler(fixture.assemblerStart())
        try store(&first, stream("b.000001", head + one))
        let stored = try fixture.storedEvents()

        var again = DumpAssembler(fixture.assemblerStart())
        try store(&again, stream("b.000001", head + one))
        #expect(try fixture.storedEvents() == stored)
        try store(&again, SourceStream.packets(two.map(\.bytes), sequence: 8))
        #expect(try fixture.storedEvents() == stored + two.map(\.bytes))
        #expect(fixture.state.position == file.position)
        #expect(fixture.state.executed == SourceFile.set("1-2"))
    }

    @Test func `a source that leaves out what is held says where it goes on`() throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        let one = file.transaction(1)
        var first = DumpAssembler(fixture.assemblerStart())
        try store(&first, stream("b.000001", head + one))
        let two = file.transaction(2)
        var again = DumpAssembler(fixture.assemblerStart())
        // The first of its events carries the position.
        try store(&again, stream("b.000001", head + two))
        #expect(try fixture.storedEvents() == [head[0].bytes] + (one + two).map(\.bytes))
        #expect(fixture.state.position == file.position)
    }

    @Test func `a changed format begins a segment`() throws {
        var file = SourceFile("b.000001")
        let events = prelude(&file) + file.transaction(1) + [file.rotate(to: "b.000002")]
        var assembler = DumpAssembler(fixture.assemblerStart())
        try store(&assembler, stream("b.000001", events))
        let before = fixture.log.catalog.segments().count
        var next = SourceFile("b.000002")
        next.serverVersion = "9.0.1"
        next.checksum = .none
        let behind = prelude(&next) + next.transaction(2)
        try store(&assembler, SourceStream.packets(behind.map(\.bytes), sequence: 9))
        #expect(fixture.log.catalog.segments().count == before + 1)
        #expect(fixture.state.checksum == .none)
        #expect(fixture.state.executed == SourceFile.set("1-2"))
    }

    @Test func `events of an older file with another format get that format's segment`() throws {
        var file = SourceFile("b.000007")
        var assembler = DumpAssembler(fixture.assemblerStart())
        try store(&assembler, stream("b.000007", prelude(&file) + file.transaction(9)))
        var older = SourceFile("b.000003")
        older.checksum = .none
        let events = prelude(&older) + older.transaction(5)
        var start = fixture.assemblerStart()
        start.checksum = .none
        var again = DumpAssembler(start)
        let rotate = SourceStream.artificialRotate("b.000003", checksum: .none)
        try store(&again, SourceStream.packets([rotate] + events.map(\.bytes)))
        #expect(fixture.state.executed == SourceFile.set("5:9"))
        #expect(fixture.state.checksum == .none)
    }

    @Test(arguments: [
        ([], "malformed_stream"),
        (["format", "transaction"], "malformed_stream"),
        (["rotate", "transaction"], "malformed_stream"),
        (["rotate", "format", "anonymous"], "anonymous_transaction"),
        (["rotate", "format", "query"], "anonymous_transaction"),
        (["rotate", "format", "gtid", "gtid"], "cut_off"),
        (["rotate", "format", "gtid", "format"], "cut_off"),
        (["rotate", "format", "gtid", "stop"], "cut_off"),
        (["rotate", "format", "gtid", "previous"], "cut_off"),
        (["rotate", "format", "gtid", "other"], "cut_off"),
        (["rotate", "format", "gtid", "gap"], "malformed_stream"),
        (["rotate", "format", "damaged"], "checksum"),
        (["rotate", "format", "unknown"], "malformed_stream"),
        (["rotate", "format", "short"], "malformed_stream"),
        (["rotate", "format", "empty"], "malformed_stream"),
        (["rotate", "format", "error"], "dump_error"),
        (["rotate", "format", "eof"], "dump_ended"),
        (["far"], "malformed_stream"),
        (["rotate", "format", "farBeat"], "malformed_stream"),
        (["rotate", "format", "longName"], "malformed_stream"),
    ])
    func `a stream that cannot go on says why`(words: [String], code: String) throws {
        var file = SourceFile("b.000001")
        var writer = PacketWriter(sequence: 1)
        for word in words {
            switch word {
            case "rotate": writer.append([0] + SourceStream.artificialRotate("b.000001"))
            case "other": writer.append([0] + SourceStream.artificialRotate("b.000002"))
            case "far": writer.append([0] + SourceStream.artificialRotate("b.000001", position: .max))
            case "farBeat": writer.append([0] + SourceStream.heartbeat("b.000001", position: .max - 3))
            case "longName": writer.append([0] + SourceStream.artificialRotate(String(repeating: "x", count: 256)))
            case "format": writer.append([0] + file.format().bytes)
            case "transaction": for event in file.transaction(1) { writer.append([0] + event.bytes) }
            case "gtid": writer.append([0] + file.gtid(1).bytes)
            case "anonymous": writer.append([0] + file.gtid(0, type: .anonymousGTID).bytes)
            case "query": writer.append([0] + file.query("BEGIN").bytes)
            case "stop": writer.append([0] + file.event(.stop).bytes)
            case "previous": writer.append([0] + file.previousGTIDs(GTIDSet()).bytes)
            case "unknown": writer.append([0] + file.event(EventType(rawValue: 99)).bytes)
            case "gap":
                file.position += 50
                writer.append([0] + file.query("BEGIN").bytes)
            case "damaged":
                var bytes = file.gtid(1).bytes
                bytes[25] ^= 1
                writer.append([0] + bytes)
            case "short": writer.append([0] + file.gtid(1).bytes.dropLast())
            case "empty": writer.append([])
            case "error": writer.append(ErrorPacket(.fatalErrorReadingBinlog, "gone").encoded(for: .supported))
            default: writer.append(EOFPacket().encoded(for: .supported))
            }
        }
        if words.isEmpty { writer.append([0, 1, 2]) }
        var assembler = DumpAssembler(fixture.assemblerStart())
        do {
            try store(&assembler, writer.bytes)
            Issue.record("the stream was accepted")
        } catch let failure as UpstreamFailure {
            #expect(failure.code == code)
            #expect((failure.kind == .blocked) == ["anonymous_transaction", "checksum"].contains(code))
        }
    }

    @Test func `a packet that is longer than its event is refused before it is held`() throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        var assembler = DumpAssembler(fixture.assemblerStart())
        try store(&assembler, stream("b.000001", head))
        var lie: [UInt8] = []
        PacketFraming.appendHeader(length: PacketFraming.maxPacketPayloadBytes, sequence: 4, to: &lie)
        lie += [0] + file.gtid(1).bytes + [UInt8](repeating: 0, count: 20_000)
        #expect(throws: UpstreamFailure.self) { try self.store(&assembler, lie, step: 4096) }
    }

    @Test(arguments: [0, 1, 2]) func `an event whose packet is of the largest size, or near it, arrives whole`(more: Int) throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        let overhead = EventHeader.byteCount + 4 + 1
        let events = head + file.transaction(1, rowBytes: [PacketFraming.maxPacketPayloadBytes - overhead - 1 + more])
        var assembler = DumpAssembler(fixture.assemblerStart())
        try store(&assembler, stream("b.000001", events), step: 512 << 10)
        #expect(try fixture.storedEvents()[3] == events[4].bytes)
        #expect(fixture.state.executed == SourceFile.set("1"))
    }

    @Test func `an event too large for memory goes through a file and arrives whole`() throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        let events = head + file.transaction(1, rowBytes: [DumpAssembler.maxEventBytesInMemory + 5])
        let bytes = stream("b.000001", events)
        var assembler = DumpAssembler(fixture.assemblerStart())
        var largest = 0
        var offset = 0
        while offset < bytes.count {
            let end = min(bytes.count, offset + 512 << 10)
            try assembler.receive(bytes.span.bytes.extracting(offset..<end))
            offset = end
            while let batch = assembler.takeBatch(eager: true) {
                if case .bytes(let held) = batch.payload { largest = max(largest, held.count) }
                try fixture.append(batch)
            }
        }
        #expect(largest < 1 << 20)
        #expect(try fixture.storedEvents()[3] == events[4].bytes)
        #expect(fixture.state.executed == SourceFile.set("1"))
    }

    @Test func `a spooled event with a wrong checksum blocks`() throws {
        var file = SourceFile("b.000001")
        let head = prelude(&file)
        var events = head + file.transaction(1, rowBytes: [DumpAssembler.maxEventBytesInMemory + 5])
        events[4].bytes[1_000_000] ^= 1
        var assembler = DumpAssembler(fixture.assemblerStart())
        do {
            try store(&assembler, stream("b.000001", events), step: 512 << 10)
            Issue.record("the event was accepted")
        } catch let failure as UpstreamFailure { #expect(failure.code == "checksum") }
    }

    @Test func `a real server's file is stored as it is`() throws {
        let events = try Corpus.events("mysql-9.7.4-shapes.000001")
        var assembler = DumpAssembler(fixture.assemblerStart())
        try store(&assembler, SourceStream.packets([SourceStream.artificialRotate("binlog.000001")] + events), step: 1000)
        let left = [EventType.previousGTIDs.rawValue, EventType.stop.rawValue]
        #expect(try fixture.storedEvents() == events.filter { !left.contains($0[4]) })
    }
}
