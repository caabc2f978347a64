import Common
import Log
import NIOCore
import Testing

@testable import kingbus_node

/// The upstream's files as a consumer's copy of them has them.
@Suite struct DumpStreamFileTests {
    private let fixture: LogFixture

    /// Transaction 1 in the first file, none in the second and in the third.
    init() throws {
        fixture = try LogFixture()
        var first = SourceFile("b.000001")
        try fixture.append([first.format()])
        _ = first.previousGTIDs(GTIDSet())
        try fixture.append(first.transaction(1))
        try fixture.append([first.rotate(to: "b.000002")])
        var second = try begin("b.000002", behind: "1")
        try fixture.append([second.rotate(to: "b.000003")])
        _ = try begin("b.000003", behind: "1")
    }

    private func begin(_ name: String, behind set: String) throws -> SourceFile {
        var file = SourceFile(name)
        let format = file.format()
        try fixture.append(Batch(chunk: .whole, file: format.file, position: 4, payload: .bytes(format.bytes)))
        _ = file.previousGTIDs(SourceFile.set(set))
        return file
    }

    private func stream(file: String) throws -> DumpStream {
        let start = DumpRequest.Start.position(UpstreamPosition(file: Array(file.utf8), offset: 4))
        let request = DumpRequest(
            start: start, serverID: 2, isNonBlocking: false, wantsHeartbeatV2: true, wantsChecksums: true, heartbeatNanoseconds: nil,
            replicaUUID: "")
        return try DumpStream(request, catalog: fixture.log.catalog, committed: fixture.committed)
    }

    private func events(_ stream: DumpStream) throws -> [[UInt8]] {
        var buffer = ByteBuffer()
        #expect(try stream.fill(&buffer) == .caughtUp)
        let received = try #require(payloads(of: Array(buffer.readableBytesView)))
        return received.map { Array($0.bytes.dropFirst()) }
    }

    private func types(_ events: [[UInt8]]) -> [EventType] { events.map { EventType(rawValue: $0[4]) } }

    @Test func `a file without a transaction has its PREVIOUS_GTIDS, be it in the middle or the newest`() throws {
        let all = try events(try stream(file: "b.000001"))
        #expect(
            types(all) == [.rotate, .formatDescription, .previousGTIDs, .gtid, .query, .writeRows, .xid, .rotate]
                + [.rotate, .formatDescription, .previousGTIDs, .rotate] + [.rotate, .formatDescription, .previousGTIDs])
    }

    @Test func `what comes behind the PREVIOUS_GTIDS of the newest file has none before it again`() throws {
        let stream = try stream(file: "b.000003")
        #expect(try types(events(stream)) == [.rotate, .formatDescription, .previousGTIDs])
        var file = SourceFile("b.000003")
        _ = file.format()
        _ = file.previousGTIDs(SourceFile.set("1"))
        try fixture.append(file.transaction(2))
        #expect(try types(events(stream)) == [.gtid, .query, .writeRows, .xid])
    }

    @Test(arguments: ["b.000002", "b.000003"])
    func `PREVIOUS_GTIDS know the files before the one that was asked for`(file: String) throws {
        let event = try #require(try events(try stream(file: file)).first { $0[4] == EventType.previousGTIDs.rawValue })
        #expect(try PreviousGTIDsEvent(decoding: event.span.bytes, checksum: .crc32).gtidSet() == SourceFile.set("1"))
    }
}
