import Foundation
import Testing

extension IntegrationTests {
    /// What can be wrong with a data directory that is not full: each start in vain says why in one line, and changes nothing.
    @Suite("Data directory failures") struct DirectoryFailures {
        @Test("a second node on a data directory is refused under the process that holds it, which goes on")
        func locked() async throws {
            let node = try await NodeProcess.start(upstreamPort: nil)
            let second = try NodeProcess("n1", upstreamPort: nil, as: .init(), flags: ["--data-dir", node.dataDirectory])

            let (status, lines) = try await second.startInVain()

            #expect(status == .code(1))
            #expect(lines.count == 1, "\(lines)")
            let pid = try #require(node.pid)
            #expect(
                lines.last?.contains("\(node.dataDirectory)/lock") == true && lines.last?.contains("process \(pid);") == true, "\(lines)")
            #expect(try await node.get("/healthz").status == 200)
        }

        @Test(
            "a read-only data directory is named, and works when it can be written again",
            .enabled("needs to mount a file system, as root may outside most containers") { await SmallDisk.isPermitted() })
        func readOnly() async throws {
            let node = try NodeProcess("n1", upstreamPort: nil, as: .init(), flags: [])
            try FileManager.default.createDirectory(atPath: node.dataDirectory, withIntermediateDirectories: false)
            let disk = try await SmallDisk(on: node.dataDirectory, bytes: 20 << 20)
            try await node.start()
            try await node.stop()
            try await disk.becomeReadOnly(true)

            let (status, lines) = try await node.startInVain()

            #expect(status == .code(1))
            #expect(lines.count == 1, "\(lines)")
            #expect(lines.last?.contains(node.dataDirectory) == true, "\(lines)")
            #expect(lines.last?.lowercased().contains("read-only") == true, "\(lines)")
            try await disk.becomeReadOnly(false)
            try await node.start()
            try await node.stop()
        }

        @Test("a flipped bit in the durable part of the last segment stops the start under its file and place, and mending it mends all")
        func flippedBitInLastSegment() async throws {
            let (primary, node) = try await filledNode(flags: [])
            try await node.stop()
            let segment = try #require(try node.segmentFiles.last)
            let size = try fileBytes(segment).count

            for place in [size / 4, size / 2, size * 3 / 4] {
                let intact = try fileBytes(segment)
                try flipBit(of: segment, at: place)
                let damaged = try fileBytes(segment)

                let (status, lines) = try await node.startInVain()

                #expect(status == .code(65))
                #expect(lines.count == 1, "\(lines)")
                #expect(lines.last?.contains(segment) == true && lines.last?.contains(" at byte ") == true, "\(lines)")
                #expect(try fileBytes(segment) == damaged, "the damaged file was changed")
                try intact.write(to: URL(filePath: segment))
            }
            try await node.start()
            try await node.waitToHold(try await primary.executedGTIDSet())
        }

        @Test("a flipped bit in a closed segment is named when it is read, applied by nobody, and mending it mends all")
        func flippedBitInClosedSegment() async throws {
            let (primary, node) = try await filledNode(flags: ["--segment-size", "1MiB"])
            try await node.stop()
            let segments = try node.segmentFiles
            try #require(segments.count > 3)
            let segment = segments[segments.count / 2]
            let intact = try fileBytes(segment)
            try flipBit(of: segment, at: intact.count / 2)
            let damaged = try fileBytes(segment)
            try await node.start()

            let replica = try await MySQLServer.start("replica")
            try await replica.replicate(fromPort: node.mysqlPort)

            try await eventually("the node to name the damaged file") {
                node.errorLines(with: segment).contains { $0.contains(" at byte ") }
            }
            #expect(try fileBytes(segment) == damaged, "the damaged file was changed")
            try await node.stop()
            try intact.write(to: URL(filePath: segment))
            try await node.start()
            try await replica.waitToApply(try await primary.executedGTIDSet())
            #expect(try await replica.tableChecksums("shop") == primary.tableChecksums("shop"))
        }

        private func filledNode(flags: [String]) async throws -> (MySQLServer, NodeProcess) {
            let primary = try await MySQLServer.start("primary")
            try await primary.create()
            try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT)")
            for _ in 0..<10 {
                try await primary.execute(String(repeating: "INSERT INTO shop.t (note) VALUES (REPEAT('n', 20000));\n", count: 20))
            }
            let node = try await NodeProcess.start(upstreamPort: primary.port, flags: flags)
            try await node.waitToHold(try await primary.executedGTIDSet())
            return (primary, node)
        }

        private func fileBytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

        private func flipBit(of path: String, at offset: Int) throws {
            var bytes = try fileBytes(path)
            bytes[offset] ^= 0x10
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seek(toOffset: UInt64(offset))
            try handle.write(contentsOf: bytes[offset...offset])
            try handle.close()
        }
    }
}
