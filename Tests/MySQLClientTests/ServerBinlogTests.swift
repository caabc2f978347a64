import Common
import Foundation
import Testing

@testable import MySQLClient

/// A server's binlog over connections that are lost.
@Suite struct ServerBinlogTests {
    /// Reads until as many bytes are there as the file has, or the reading fails.
    private static func read(_ source: FakeSource, told: Record<[String]> = Record([])) throws -> (bytes: [UInt8], files: Int) {
        let server = FakeServer { try source.serve($0) }
        let binlog = try ServerBinlog(
            at: try server.url(), password: nil, follows: true, tell: { line in told.change { $0.append(line) } })
        var bytes: [UInt8] = []
        var files = 0
        var piece = [UInt8](repeating: 0, count: 1000)
        while bytes.count < source.bytes.count, try binlog.nextFile() != nil {
            files += 1
            while bytes.count < source.bytes.count {
                let count = try piece.withUnsafeMutableBytes { try binlog.read(into: $0) }
                if count == 0 { break }
                bytes += piece[..<count]
            }
        }
        return (bytes, files)
    }

    @Test(arguments: [true, false]) func `wherever a connection is lost, nothing comes twice or is left out`(hasGTIDs: Bool) throws {
        let name = "mysql-9.7.4-shapes.000001"
        let size = try FakeSource(name, hasGTIDs: hasGTIDs, cuts: []).bytes.count
        // Three losses to a run, so that each place is looked at from before, from inside, and from behind.
        for run in 0..<10 {
            let cuts = [size * run / 10 + 7 * run, 60 + 331 * run, 10 + 677 * run]
            let source = try FakeSource(name, hasGTIDs: hasGTIDs, cuts: cuts)
            let told = Record<[String]>([])
            let (bytes, files) = try Self.read(source, told: told)
            #expect(bytes == source.bytes, "cuts at \(cuts)")
            #expect(files == 1)
            #expect(2...6 ~= told.value.count, "\(told.value)")
        }
    }

    @Test func `a server with GTIDs is asked for what is missing, another one for a place`() throws {
        let withGTIDs = try FakeSource("mysql-9.7.4-shapes.000001", hasGTIDs: true, cuts: [9000])
        _ = try Self.read(withGTIDs)
        guard withGTIDs.requests.value.count == 2, case .binlogDump(let first) = withGTIDs.requests.value[0],
            case .binlogDumpGTID(let second) = withGTIDs.requests.value[1]
        else {
            Issue.record("\(withGTIDs.requests.value)")
            return
        }
        #expect(first.file.isEmpty && first.position == 4)
        #expect(try !GTIDSet(decoding: second.encodedGTIDSet.span.bytes).isEmpty)

        let without = try FakeSource("mysql-9.7.4-shapes.000001", hasGTIDs: false, cuts: [9000])
        _ = try Self.read(without)
        guard without.requests.value.count == 2, case .binlogDump(let again) = without.requests.value[1] else {
            Issue.record("\(without.requests.value)")
            return
        }
        #expect(again.file == Array(FakeSource.file.utf8) && again.position > 4)
    }

    @Test func `another server in the place of the first one is not read`() throws {
        let source = try FakeSource("mysql-9.7.4-shapes.000001", hasGTIDs: true, cuts: [5000])
        let server = FakeServer { session in
            try source.serve(session)
            source.identity.change { $0 = "another" }
        }
        let binlog = try ServerBinlog(at: try server.url(), password: nil, follows: true)
        var piece = [UInt8](repeating: 0, count: 100_000)
        let error = #expect(throws: ClientError.self) {
            _ = try binlog.nextFile()
            while true { _ = try piece.withUnsafeMutableBytes { try binlog.read(into: $0) } }
        }
        #expect(error?.code == .unsupported)
    }

    @Test func `a dump that is not to follow fails where its connection is lost`() throws {
        let source = try FakeSource("mysql-9.7.4-shapes.000001", hasGTIDs: true, cuts: [5000])
        let server = FakeServer { try source.serve($0) }
        let binlog = try ServerBinlog(at: try server.url(), password: nil, follows: false)
        var piece = [UInt8](repeating: 0, count: 1000)
        let error = #expect(throws: ClientError.self) {
            _ = try binlog.nextFile()
            while true { _ = try piece.withUnsafeMutableBytes { try binlog.read(into: $0) } }
        }
        #expect(error?.code == .closed)
    }

    @Test func `waiting for a server that is gone can be ended`() throws {
        let stopper = Stopper()
        let source = try FakeSource("mysql-9.7.4-shapes.000001", hasGTIDs: true, cuts: [5000])
        var server: FakeServer? = FakeServer { try source.serve($0) }
        let binlog = try ServerBinlog(
            at: try #require(server).url(), password: nil, follows: true, stopper: stopper,
            tell: { _ in
                Thread.detachNewThread {
                    usleep(300_000)
                    stopper.stop()
                }
            })
        server = nil
        var piece = [UInt8](repeating: 0, count: 100_000)
        let error = #expect(throws: ClientError.self) {
            _ = try binlog.nextFile()
            while true { _ = try piece.withUnsafeMutableBytes { try binlog.read(into: $0) } }
        }
        #expect(error?.code == .interrupted)
    }
}
