import Common
import Foundation
import Testing

@testable import MySQLClient

/// Dumps read as files, against a server that does what a script says.
@Suite struct DumpStreamTests {
    private static func stream(
        _ request: DumpRequest = DumpRequest(.file("", position: 4), follows: false), from server: FakeServer
    ) throws -> DumpStream {
        try DumpStream(request, on: try MySQLConnection(to: try server.url(), password: nil))
    }

    /// Reads all files, by pieces of a size.
    private static func files(of stream: DumpStream, pieceBytes: Int) throws -> [(BinlogPosition, [UInt8])] {
        var files: [(BinlogPosition, [UInt8])] = []
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while let position = try stream.nextFile() {
            var file: [UInt8] = []
            while case let count = try piece.withUnsafeMutableBytes({ try stream.read(into: $0) }), count > 0 { file += piece[..<count] }
            files.append((position, file))
        }
        return files
    }

    private static func code(_ body: () throws -> Void) -> ClientError.Code? {
        do { try body() } catch let error as ClientError { return error.code } catch {}
        return nil
    }

    @Test(arguments: [1, 7, 5000, 1 << 20]) func `a dump reads like the server's files`(pieceBytes: Int) throws {
        let two = TwoFiles()
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            try session.write(two.stream)
            session.waitForEnd()
        }
        let files = try Self.files(of: try Self.stream(from: server), pieceBytes: pieceBytes)
        #expect(files.map(\.0.file) == ["binlog.000001", "binlog.000002"])
        #expect(files.map(\.1) == two.files)
    }

    @Test func `what came with the end of a dump is read before the end is told`() throws {
        let two = TwoFiles()
        let refusal = ErrorPacket(code: .serverShutdown, sqlState: "08S01", message: "Server shutdown in progress")
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            let payloads = [DumpEvents.rotate(to: "binlog.000001", checksum: .none)] + two.first.dropLast()
            try session.write(DumpEvents.packets(payloads.map(DumpEvents.payload) + [refusal.encoded(for: [.protocol41])]))
            session.waitForEnd()
        }
        let stream = try Self.stream(from: server)
        #expect(try stream.nextFile()?.file == "binlog.000001")
        var (file, piece) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 20))
        let code = Self.code {
            while case let count = try piece.withUnsafeMutableBytes({ try stream.read(into: $0) }), count > 0 { file += piece[..<count] }
        }
        #expect(file == DumpEvents.magic + two.first.dropLast().joined())
        #expect(code == .server(.serverShutdown))
    }

    @Test func `the rest of a file may be passed over`() throws {
        let two = TwoFiles()
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            try session.write(two.stream)
            session.waitForEnd()
        }
        let stream = try Self.stream(from: server)
        var head = [UInt8](repeating: 0, count: 10)
        #expect(try stream.nextFile()?.file == "binlog.000001")
        #expect(try head.withUnsafeMutableBytes { try stream.read(into: $0) } == 10)
        #expect(try stream.nextFile()?.file == "binlog.000002")
        #expect(try stream.nextFile() == nil)
    }

    @Test func `an event larger than a packet comes whole, and no more of it than is asked for is held`() throws {
        let body = 70 << 20
        let written = Record(0)
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            try session.write(DumpEvents.packets([DumpEvents.payload(DumpEvents.rotate(to: "b.1", checksum: .none))]))
            var writer = PacketWriter(sequence: 2)
            writer.append(DumpEvents.payload(DumpEvents.event(.writeRows, body: [UInt8](repeating: 0x5a, count: body))))
            for start in stride(from: 0, to: writer.bytes.count, by: 1 << 20) {
                try session.write(Array(writer.bytes[start..<min(writer.bytes.count, start + 1 << 20)]))
                written.change { $0 += 1 << 20 }
            }
            var end = PacketWriter(sequence: writer.sequence)
            end.append(DumpEvents.end)
            try session.write(end.bytes)
            session.waitForEnd()
        }
        let stream = try Self.stream(from: server)
        _ = try stream.nextFile()
        // It comes to rest once the sockets of both ends are full, of which the kernel decides how much that is: a few MiB.
        var last = 0
        let deadline = ContinuousClock.now + .seconds(60)
        while last == 0 || last != written.value, ContinuousClock.now < deadline {
            last = written.value
            Thread.sleep(forTimeInterval: 0.3)
        }
        #expect(1 << 20..<24 << 20 ~= last)
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var total = 0
        while case let count = try piece.withUnsafeMutableBytes({ try stream.read(into: $0) }), count > 0 { total += count }
        #expect(total == BinlogMagic.byteCount + EventHeader.byteCount + body)
        #expect(piece[1000] == 0x5a)
        #expect(try stream.nextFile() == nil)
    }

    @Test func `a server is asked in its own way`() throws {
        let asked = Record<[(ClientCommand, [String])]>([])
        let script: @Sendable (String) -> FakeServer = { version in
            FakeServer { session in
                try session.logIn(version: version)
                let dump = try session.awaitDump()
                asked.change { $0.append(dump) }
                try session.write(DumpEvents.packets([DumpEvents.end]))
                session.waitForEnd()
            }
        }
        let set = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5")
        let mysql = script("9.7.4")
        let mariaDB = script("5.5.5-10.11.19-MariaDB-log")
        #expect(try Self.stream(DumpRequest(.gtids(lacking: set), follows: false), from: mysql).nextFile() == nil)
        #expect(try Self.stream(DumpRequest(.file("b.000007", position: 120), follows: false), from: mysql).nextFile() == nil)
        let position = try MariaDBGTIDPosition(parsing: "0-1-42")
        #expect(try Self.stream(DumpRequest(.mariaDB(behind: position), follows: false), from: mariaDB).nextFile() == nil)

        let dumps = asked.value
        guard dumps.count == 3, case .binlogDumpGTID(let byGTID) = dumps[0].0, case .binlogDump(let byFile) = dumps[1].0,
            case .binlogDump(let byDomain) = dumps[2].0
        else {
            Issue.record("\(dumps)")
            return
        }
        #expect(byGTID.encodedGTIDSet == set.encoded() && byGTID.flags.contains(.nonBlocking) && byGTID.serverID == 0)
        #expect(byFile.file == Array("b.000007".utf8) && byFile.position == 120)
        #expect(byDomain.flags.contains(.sendAnnotateRows) && byDomain.file.isEmpty)
        for (_, statements) in dumps {
            #expect(statements.contains { $0.contains("@master_binlog_checksum") && $0.contains("@source_binlog_checksum") })
            #expect(statements.contains { $0.contains("@master_heartbeat_period") && $0.contains("@source_heartbeat_period") })
        }
        #expect(!dumps[0].1.contains { $0.contains("mariadb") })
        #expect(dumps[2].1.contains("SET @mariadb_slave_capability = 4"))
        #expect(dumps[2].1.contains("SET @slave_connect_state = '0-1-42'"))
    }

    @Test func `a dump that follows draws a server id, and one may be given`() {
        #expect(DumpRequest(.file("", position: 4), follows: true).serverID >= 1 << 31)
        #expect(DumpRequest(.file("", position: 4), follows: true, serverID: 99).serverID == 99)
    }

    @Test func `a position beyond the protocol's is refused before anything is asked`() throws {
        let server = FakeServer { session in
            try session.logIn()
            session.waitForEnd()
        }
        #expect(
            Self.code { _ = try Self.stream(DumpRequest(.file("b.1", position: 1 << 32), follows: false), from: server) } == .unsupported)
    }

    @Test func `a refused dump is told in the server's words`() throws {
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            try session.error(.fatalErrorReadingBinlog, "Cannot replicate because the source purged required binary logs.")
            session.waitForEnd()
        }
        let stream = try Self.stream(from: server)
        let error = #expect(throws: ClientError.self) { try stream.nextFile() }
        #expect(error?.code == .server(.fatalErrorReadingBinlog))
        #expect(error?.reason.contains("purged required binary logs") == true)
    }

    @Test func `a dump that breaks off is no end of the file`() throws {
        let two = TwoFiles()
        for missing in [1, 9, 15_000] {
            let server = FakeServer { session in
                try session.logIn()
                _ = try session.awaitDump()
                try session.write(Array(two.stream.dropLast(missing)))
            }
            let stream = try Self.stream(from: server)
            #expect(Self.code { _ = try Self.files(of: stream, pieceBytes: 1000) } == .closed)
        }
    }

    @Test func `a dump that follows does not end where the server ends it`() throws {
        let two = TwoFiles()
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            try session.write(two.stream)
            session.waitForEnd()
        }
        let stream = try Self.stream(DumpRequest(.file("", position: 4), follows: true), from: server)
        #expect(Self.code { _ = try Self.files(of: stream, pieceBytes: 1000) } == .closed)
    }

    @Test func `a server without heartbeats is given up, and one with them is waited for`() throws {
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            var writer = PacketWriter(sequence: 1)
            writer.append(DumpEvents.payload(DumpEvents.rotate(to: "b.1", checksum: .crc32)))
            for _ in 0..<8 {
                writer.append(DumpEvents.payload(DumpEvents.heartbeat(in: "b.1", version2: true)))
                try session.write(writer.bytes)
                writer = PacketWriter(sequence: writer.sequence)
                usleep(100_000)
            }
            writer.append(DumpEvents.payload(DumpEvents.event(.formatDescription, body: [])))
            try session.write(writer.bytes)
            session.waitForEnd()
        }
        var request = DumpRequest(.file("", position: 4), follows: true)
        request.heartbeatMilliseconds = 100
        let stream = try Self.stream(request, from: server)
        _ = try stream.nextFile()
        #expect(!stream.isIdle)
        var piece = [UInt8](repeating: 0, count: 1000)
        var total = 0
        let code = Self.code {
            while true {
                total += try piece.withUnsafeMutableBytes { try stream.read(into: $0) }
                if total == BinlogMagic.byteCount + EventHeader.byteCount { #expect(stream.isIdle) }
            }
        }
        #expect(code == .silent)
        #expect(total == BinlogMagic.byteCount + EventHeader.byteCount)
    }

    @Test func `another thread ends the waiting for events`() throws {
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.awaitDump()
            session.waitForEnd()
        }
        let stream = try Self.stream(DumpRequest(.file("", position: 4), follows: true), from: server)
        let interrupter = stream.interrupter
        Thread.detachNewThread {
            usleep(50_000)
            interrupter.interrupt()
        }
        #expect(Self.code { _ = try stream.nextFile() } == .interrupted)
    }
}
