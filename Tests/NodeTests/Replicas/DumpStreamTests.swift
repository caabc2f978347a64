import Common
import Foundation
import Log
import NIOCore
import Testing

@testable import kingbus_node

/// What a consumer gets of a real log.
@Suite struct DumpStreamTests {
    private let fixture: LogFixture

    init() throws { fixture = try LogFixture() }

    private func request(
        _ start: DumpRequest.Start, wantsChecksums: Bool = true, wantsHeartbeatV2: Bool = true
    ) -> DumpRequest {
        DumpRequest(
            start: start, serverID: 2, isNonBlocking: false, wantsHeartbeatV2: wantsHeartbeatV2, wantsChecksums: wantsChecksums,
            heartbeatNanoseconds: nil, replicaUUID: "")
    }

    private func stream(_ request: DumpRequest) throws -> DumpStream {
        try DumpStream(request, catalog: fixture.log.catalog, committed: fixture.committed)
    }

    private func stream(_ set: String) throws -> DumpStream { try stream(request(.gtids(SourceFile.set(set)))) }

    private func stream(file: String, _ offset: UInt64) throws -> DumpStream {
        try stream(request(.position(UpstreamPosition(file: Array(file.utf8), offset: offset))))
    }

    /// Everything that the stream has now: packets, as bytes.
    private func bytes(_ stream: DumpStream) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var progress = DumpStream.Progress.more
        while progress == .more {
            var buffer = ByteBuffer()
            progress = try stream.fill(&buffer)
            bytes += buffer.readableBytesView
        }
        return bytes
    }

    private func events(_ stream: DumpStream) throws -> [[UInt8]] {
        let received = try #require(payloads(of: try bytes(stream)))
        #expect(received.allSatisfy { $0.bytes.first == 0 })
        return received.map { Array($0.bytes.dropFirst()) }
    }

    private func target(_ event: [UInt8]) throws -> UpstreamPosition {
        let rotate = try RotateEvent(decoding: event.span.bytes, checksum: .crc32)
        return UpstreamPosition(file: rotate.fileName.array, offset: rotate.position)
    }

    private func types(_ events: [[UInt8]]) -> [EventType] { events.map { EventType(rawValue: $0[4]) } }

    /// Two files: transactions 1 to 3 in the first, 4 and 5 in the second.
    private func fill() throws -> (first: [SourceEvent], second: [SourceEvent]) {
        var file = SourceFile("b.000001")
        let format = file.format()
        try fixture.append([format])
        _ = file.previousGTIDs(GTIDSet())
        var first = [format]
        for number: UInt64 in 1...3 {
            let events = file.transaction(number)
            try fixture.append(events)
            first += events
        }
        let rotate = file.rotate(to: "b.000002")
        var next = SourceFile("b.000002")
        let second = [next.format()]
        _ = next.previousGTIDs(SourceFile.set("1-3"))
        // One batch ends a file, the next begins one.
        try fixture.append([rotate])
        try fixture.append(Batch(chunk: .whole, file: second[0].file, position: 4, payload: .bytes(second[0].bytes)))
        var rest: [SourceEvent] = []
        for number: UInt64 in 4...5 { rest += next.transaction(number) }
        try fixture.append(rest)
        return (first + [rotate], second + rest)
    }

    @Test func `nothing is served before an upstream is known`() {
        let failure = #expect(throws: DumpFailure.self) { try self.stream("") }
        // Which would stop a replica for good.
        #expect(failure?.packet.code != .fatalErrorReadingBinlog)
    }

    @Test func `who has nothing gets everything behind a ROTATE and the file's FORMAT_DESCRIPTION`() throws {
        let (first, second) = try fill()
        let all = try events(try stream(""))
        #expect(
            types(all) == [.rotate, .formatDescription] + [.gtid, .query, .writeRows, .xid, .gtid, .query, .writeRows, .xid]
                + [.gtid, .query, .writeRows, .xid, .rotate] + [.rotate, .formatDescription, .previousGTIDs]
                + [.gtid, .query, .writeRows, .xid, .gtid, .query, .writeRows, .xid])
        // Verbatim, but for what was made here.
        #expect(Array(all[2...14]) == first[1...13].map(\.bytes))
        #expect(Array(all[18...]) == second[1...].map(\.bytes))
        #expect(try target(all[0]) == UpstreamPosition(file: Array("b.000001".utf8), offset: 4))
        let (rotate, format) = (all[0], all[1])
        let header = try EventHeader(decoding: rotate.span.bytes)
        #expect(header.serverID == 77)
        let description = try FormatDescriptionEvent(decoding: format.span.bytes)
        #expect(description.created == 0)
        for event in all { try verifyChecksum(event: event.span.bytes) }
    }

    @Test func `the PREVIOUS_GTIDS that is not stored is made as the source's file has it`() throws {
        _ = try fill()
        let all = try events(try stream(""))
        var file = SourceFile("b.000002")
        _ = file.format()
        #expect(all[17] == file.previousGTIDs(SourceFile.set("1-3")).bytes.withFlags(all[17]))
        let event = all[17]
        let made = try PreviousGTIDsEvent(decoding: event.span.bytes, checksum: .crc32).gtidSet()
        #expect(made == SourceFile.set("1-3"))
    }

    @Test(arguments: [
        ("", [1, 2, 3, 4, 5]), ("1", [2, 3, 4, 5]), ("2", [1, 3, 4, 5]), ("1-3", [4, 5]), ("1-4", [5]), ("1:3:5", [2, 4]), ("1-5", []),
        ("1-9", []),
    ])
    func `what is held is left out`(held: String, expected: [UInt64]) throws {
        _ = try fill()
        let all = try events(try stream(held))
        let gtids = try all.filter { $0[4] == EventType.gtid.rawValue }.map {
            try GTIDEvent(decoding: $0.span.bytes, checksum: .crc32).gtid
        }
        #expect(gtids == expected.map { SourceFile.gtid($0) })
        #expect(types(all).prefix(2) == [.rotate, .formatDescription])
        #expect(all.count { $0[4] == EventType.xid.rawValue } == expected.count)
    }

    @Test func `what was purged before the log began is refused with MySQL's own error`() throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()], startSet: SourceFile.set("1-10"))
        try fixture.append(file.transaction(11))
        #expect(fixture.committed.snapshot.purged == SourceFile.set("1-10"))
        do {
            _ = try stream("1-9")
            Issue.record("the dump was given")
        } catch let failure as DumpFailure {
            #expect(failure.packet.code == .fatalErrorReadingBinlog)
            #expect(failure.packet.message.hasPrefix("Cannot replicate because the source purged required binary logs."))
        }
        #expect(try events(try stream("1-10")).count == 6)
    }

    @Test func `a position in the middle of a file begins at that event`() throws {
        let (first, second) = try fill()
        // The second transaction's first event.
        let start = first[5]
        let all = try events(try stream(file: "b.000001", start.position))
        #expect(try target(all[0]).offset == start.position)
        #expect(types(all).prefix(3) == [.rotate, .formatDescription, .gtid])
        #expect(all[2] == start.bytes)
        #expect(all.last == second.last?.bytes)
    }

    @Test func `a file's beginning gives the file as it is`() throws {
        let (first, _) = try fill()
        let all = try events(try stream(file: "b.000001", 4))
        #expect(types(all).prefix(4) == [.rotate, .formatDescription, .previousGTIDs, .gtid])
        #expect(all[1] == first[0].bytes)
        let second = try events(try stream(file: "b.000002", 4))
        #expect(types(second).prefix(4) == [.rotate, .formatDescription, .previousGTIDs, .gtid])
        #expect(second.count { $0[4] == EventType.gtid.rawValue } == 2)
    }

    @Test(arguments: [("b.000003", 4), ("b.000002", 100_000)]) func `a place beyond the end is unknown`(file: String, offset: UInt64) throws
    {
        _ = try fill()
        #expect(throws: DumpFailure.self) { try self.stream(file: file, offset) }
    }

    @Test func `a position at a file's end begins with the next file's beginning`() throws {
        let (first, _) = try fill()
        let rotate = try #require(first.last)
        let all = try events(try stream(file: "b.000001", rotate.position + UInt64(rotate.bytes.count)))
        #expect(types(all).prefix(4) == [.rotate, .formatDescription, .previousGTIDs, .gtid])
        #expect(try target(all[0]) == UpstreamPosition(file: Array("b.000002".utf8), offset: 4))
    }

    @Test(arguments: ["mysql-bin.000001", "b", "b.", ".000001", "c.000002", "b.000002.000001"])
    func `a file of another server is unknown`(file: String) throws {
        _ = try fill()
        #expect(throws: DumpFailure.self) { try self.stream(file: file, 4) }
    }

    @Test func `files under a name that was given up are served, and what comes under the new one behind them`() throws {
        let (first, _) = try fill()
        var file = SourceFile("new.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(SourceFile.set("1-5"))
        try fixture.append(file.transaction(6))
        let old = try events(try stream(file: "b.000001", 4))
        #expect(old.count { $0[4] == EventType.gtid.rawValue } == 6)
        #expect(old[1] == first[0].bytes)
        let new = try events(try stream(file: "new.000001", 4))
        #expect(new.count { $0[4] == EventType.gtid.rawValue } == 1)
    }

    @Test func `a consumer without checksums gets one ROTATE without, and everything else as it is stored`() throws {
        _ = try fill()
        let all = try events(try stream(request(.gtids(GTIDSet()), wantsChecksums: false)))
        let with = try events(try stream(""))
        #expect(all[0].count == with[0].count - 4)
        #expect(Array(all[1...]) == Array(with[1...]))
    }

    @Test func `a segment roll in the middle of a file is not seen`() throws {
        _ = try fill()
        let before = try events(try stream("1-4"))
        try fixture.roll()
        var file = SourceFile("b.000002")
        file.position = fixture.state.position
        let more = file.transaction(6)
        try fixture.append(more)
        #expect(try events(try stream("1-4")) == before + more.map(\.bytes))
        #expect(try events(try stream("1-5")).suffix(4) == more.map(\.bytes)[...])
    }

    // MARK: - Runs

    /// A transaction in three chunks behind transaction 1.
    private func fillRun(isEnded: Bool = true) throws -> [SourceEvent] {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        try fixture.append(file.transaction(1))
        let run = file.transaction(2, rowBytes: [1000, 1000, 1000])
        try fixture.append(Array(run[0...2]), chunk: .begin)
        try fixture.append(Array(run[3...3]), chunk: .middle)
        if isEnded {
            try fixture.append(Array(run[4...]), chunk: .end)
            try fixture.append(file.transaction(3))
        }
        return run
    }

    @Test func `a transaction in chunks is served whole`() throws {
        let run = try fillRun()
        let all = try events(try stream("1"))
        #expect(Array(all[2...7]) == run.map(\.bytes))
        #expect(all.count == 12)
    }

    @Test func `a held transaction in chunks is skipped with all of them`() throws {
        _ = try fillRun()
        let withoutRun = try events(try stream("2"))
        #expect(withoutRun.count { $0[4] == EventType.writeRows.rawValue } == 2)
        #expect(try types(events(try stream("1-2"))) == [.rotate, .formatDescription, .gtid, .query, .writeRows, .xid])
    }

    @Test func `an incomplete run is not served until it ends`() throws {
        let run = try fillRun(isEnded: false)
        let stream = try stream("")
        let early = try events(stream)
        #expect(early.count { $0[4] == EventType.gtid.rawValue } == 1)
        try fixture.append(Array(run[4...]), chunk: .end)
        #expect(try events(stream) == run.map(\.bytes))
    }

    @Test func `an aborted run is never served, and the transaction is when it comes again`() throws {
        let run = try fillRun(isEnded: false)
        let early = try stream("")
        _ = try events(early)
        try fixture.abort()
        var file = SourceFile("b.000001")
        file.position = run[0].position
        let again = file.transaction(2, rowBytes: [1000, 1000, 1000])
        try fixture.append(again)
        #expect(try events(early) == again.map(\.bytes))
        let late = try events(try stream(""))
        #expect(late.count { $0[4] == EventType.gtid.rawValue } == 2)
        #expect(Array(late.suffix(6)) == again.map(\.bytes))
        #expect(try events(try stream("1")).suffix(6) == again.map(\.bytes)[...])
        // By place it is the same.
        #expect(try events(try stream(file: "b.000001", run[0].position)).suffix(6) == again.map(\.bytes)[...])
    }

    // MARK: - Sizes

    @Test(arguments: [(-2, 1), (-1, 1), (0, 2), (1, 2)]) func `an event fills a packet, and one of the largest size is followed by another`(
        more: Int, packets: Int
    ) throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        let overhead = 1 + EventHeader.byteCount + 4
        let events = file.transaction(1, rowBytes: [PacketFraming.maxPacketPayloadBytes - overhead + more])
        #expect(events[2].bytes.count + 1 == PacketFraming.maxPacketPayloadBytes + more)
        try fixture.append(events)
        let sent = try bytes(try stream(""))
        let received = try #require(payloads(of: sent))
        #expect(received[4].bytes.dropFirst().elementsEqual(events[2].bytes))
        // Two of the prelude, two events and the last around it.
        #expect(received.last?.sequence == UInt8(5 + packets))
        #expect(received.count == 6)
    }

    @Test func `an event of several packets is whole`() throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        let events = file.transaction(1, rowBytes: [2 * PacketFraming.maxPacketPayloadBytes - 1 - EventHeader.byteCount - 4])
        #expect(events[2].bytes.count + 1 == 2 * PacketFraming.maxPacketPayloadBytes)
        try fixture.append(events)
        let received = try #require(payloads(of: try bytes(try stream(""))))
        #expect(received[4].bytes.dropFirst().elementsEqual(events[2].bytes))
        #expect(received[5].sequence == received[4].sequence + 3)
    }

    @Test(arguments: [true, false]) func `a heartbeat says where the consumer is`(isV2: Bool) throws {
        let (_, second) = try fill()
        let stream = try stream(request(.gtids(GTIDSet()), wantsHeartbeatV2: isV2))
        var early = ByteBuffer()
        stream.writeHeartbeat(into: &early)
        #expect(early.readableBytes == 0)
        _ = try bytes(stream)
        var buffer = ByteBuffer()
        stream.writeHeartbeat(into: &buffer)
        let event = Array(try #require(payloads(of: Array(buffer.readableBytesView))?.first).bytes.dropFirst())
        let beat = try HeartbeatEvent(decoding: event.span.bytes, checksum: .crc32)
        #expect(event[4] == (isV2 ? EventType.heartbeatV2 : .heartbeat).rawValue)
        let place = UpstreamPosition(file: beat.fileName.array, offset: beat.position)
        #expect(place == UpstreamPosition(file: Array("b.000002".utf8), offset: second[8].position + UInt64(second[8].bytes.count)))
    }
}

extension DumpStreamTests {
    /// What a replica of MySQL 9.7 knows of its place after these events (`queue_event` in its `rpl_replica.cc`).
    private func place(behind events: [[UInt8]]) throws -> UpstreamPosition {
        var place = UpstreamPosition(file: [], offset: 0)
        for event in events {
            let header = try EventHeader(decoding: event.span.bytes)
            switch header.type {
            case .rotate: place = try target(event)
            case .formatDescription: place.offset += header.endPosition == 0 ? 0 : UInt64(event.count)
            default: place.offset += UInt64(event.count)
            }
        }
        return place
    }

    /// Where the stream's next heartbeat says that the consumer is.
    private func heartbeat(_ stream: DumpStream) throws -> UpstreamPosition {
        var buffer = ByteBuffer()
        stream.writeHeartbeat(into: &buffer)
        let event = Array(try #require(payloads(of: Array(buffer.readableBytesView))?.first).bytes.dropFirst())
        let beat = try HeartbeatEvent(decoding: event.span.bytes, checksum: .crc32)
        return UpstreamPosition(file: beat.fileName.array, offset: beat.position)
    }

    /// A replica stops for good at a heartbeat of another file than its own, or of a place before its own.
    private func expectHeartbeat(of stream: DumpStream, fits received: [[UInt8]]) throws {
        let (replica, told) = (try place(behind: received), try heartbeat(stream))
        #expect(told.file == replica.file && told.offset >= replica.offset, "\(told) for a replica at \(replica)")
    }

    @Test(arguments: ["", "1-3", "1-4", "1-5"]) func `a heartbeat is never behind what a replica has counted`(held: String) throws {
        _ = try fill()
        let stream = try stream(held)
        try expectHeartbeat(of: stream, fits: try events(stream))
    }

    @Test func `a format that is sent once more, by the file itself, is not counted twice`() throws {
        var file = SourceFile("b.000001")
        let format = file.format()
        try fixture.begin(format)
        let stream = try stream("")
        var received = try events(stream)
        #expect(types(received) == [.rotate, .formatDescription])
        try expectHeartbeat(of: stream, fits: received)
        try fixture.append(Batch(chunk: .whole, file: format.file, position: format.position, payload: .bytes(format.bytes)))
        _ = file.previousGTIDs(GTIDSet())
        try fixture.append(file.transaction(1))
        received += try events(stream)
        #expect(types(received).suffix(7) == [.rotate, .formatDescription, .previousGTIDs, .gtid, .query, .writeRows, .xid])
        try expectHeartbeat(of: stream, fits: received)
    }

    @Test func `what is held is skipped in steps, between which heartbeats keep the connection`() throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        for number: UInt64 in 1...40 { try fixture.append(file.transaction(number, rowBytes: [100_000])) }
        try fixture.append([file.rotate(to: "b.000002")])
        file = SourceFile("b.000002")
        let format = file.format()
        try fixture.append(Batch(chunk: .whole, file: format.file, position: format.position, payload: .bytes(format.bytes)))
        _ = file.previousGTIDs(SourceFile.set("1-40"))
        try fixture.append(file.transaction(41))
        let stream = try stream("1-40")
        var received: [[UInt8]] = []
        var steps = 0
        var progress = DumpStream.Progress.more
        while progress == .more {
            var buffer = ByteBuffer()
            progress = try stream.fill(&buffer)
            steps += 1
            received += try #require(payloads(of: Array(buffer.readableBytesView))).map { Array($0.bytes.dropFirst()) }
            try expectHeartbeat(of: stream, fits: received)
        }
        #expect(steps >= 4)
        #expect(
            types(received) == [.rotate, .formatDescription, .rotate, .rotate, .formatDescription, .previousGTIDs]
                + [.gtid, .query, .writeRows, .xid])
    }

    @Test(arguments: [[100], [200_000], [200_000, 200_000, 200_000], [2_000_000]])
    func `nothing of an entry that rotted is sent, and all of it once it was mended`(rowBytes: [Int]) throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        try fixture.append(file.transaction(1))
        let start = fixture.state.index
        try fixture.append(file.transaction(2, rowBytes: rowBytes))
        #expect(fixture.state.index == start + 1)
        let segment = try #require(fixture.log.catalog.segments().last)
        let intact = try Data(contentsOf: URL(filePath: segment.path))
        // The last byte of the last event, as far behind what could have been sent before as it can be.
        var damaged = intact
        damaged[Int(segment.byteCount) - 1] ^= 0x10
        try damaged.write(to: URL(filePath: segment.path), options: [])
        let broken = try stream("")
        var received: [UInt8] = []
        let error = #expect(throws: LogError.self) {
            while true {
                var buffer = ByteBuffer()
                defer { received += buffer.readableBytesView }
                guard try broken.fill(&buffer) == .more else { return }
            }
        }
        #expect(error?.code == .corruption && error?.index == start + 1)
        let sent = try #require(payloads(of: received)).map { EventType(rawValue: $0.bytes[5]) }
        #expect(sent == [.rotate, .formatDescription, .gtid, .query, .writeRows, .xid])

        try intact.write(to: URL(filePath: segment.path), options: [])
        #expect(types(try events(try stream("1"))).suffix(2) == [.writeRows, .xid])
    }

    @Test func `behind the upstream's ROTATE a heartbeat names the file that it leads to`() throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        try fixture.append(file.transaction(1))
        try fixture.append([file.rotate(to: "b.000002")])
        let stream = try stream("")
        let received = try events(stream)
        #expect(types(received).last == .rotate)
        #expect(try heartbeat(stream) == UpstreamPosition(file: Array("b.000002".utf8), offset: 4))
    }
}

extension [UInt8] {
    /// The same event with the flags of another, and the checksum that follows.
    fileprivate func withFlags(_ other: [UInt8]) -> [UInt8] {
        var bytes = self
        bytes[17] = other[17]
        bytes[18] = other[18]
        let end = bytes.count - 4
        bytes.store(littleEndian: eventChecksum(of: bytes.span.bytes.extracting(0..<end)), at: end)
        return bytes
    }
}
