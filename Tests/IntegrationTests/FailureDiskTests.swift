import Foundation
import Testing

extension IntegrationTests {
    /// A disk that becomes full.
    @Suite(
        "Full disks", .enabled("needs to mount a file system, as root may outside most containers") { await SmallDisk.isPermitted() })
    struct FullDisks {
        @Test("ingest pauses before the disk is full, what is stored is served, and ingest goes on by itself when there is space")
        func pausesAndResumes() async throws {
            async let starting = MySQLServer.start("replica")
            let primary = try await MySQLServer.start("primary")
            let replica = try await starting
            try await prepare(primary)
            let (node, disk) = try await nodeOnSmallDisk(primary, minimumFree: "6MiB")
            try disk.fill("filler", bytes: 10 << 20)
            try await node.start()
            try await replica.replicate(fromPort: node.mysqlPort)

            var rows = 0
            try await eventually("the node to say that the disk is nearly full") {
                try await write(to: primary)
                rows += 1
                return try await node.report().alerts.contains { $0.code == "disk_space" }
            }

            // In the middle of a transaction or not, nothing more is stored now.
            let alert = try #require(try await node.report().alerts.first { $0.code == "disk_space" })
            #expect(alert.message.contains(node.dataDirectory) && alert.message.contains("--min-free"), "\(alert)")
            for _ in 0..<4 { try await write(to: primary) }
            let held = try await node.report().executedGTIDSet
            try await replica.waitToApply(held)
            #expect(try await node.report().executedGTIDSet == held)
            #expect(held != (try await primary.executedGTIDSet()))
            #expect(node.errorLines(with: "ingest pauses").count == 1, "\(node.errors)")

            try disk.free("filler")
            let executed = try await primary.executedGTIDSet()
            try await node.waitToHold(executed)
            try await replica.waitToApply(executed)
            #expect(try await replica.tableChecksums("shop") == primary.tableChecksums("shop"))
            try await node.stop()
        }

        @Test("a full disk ends the process under one line, also when it is started again, and with space nothing is missing")
        func endsAndRestarts() async throws {
            let primary = try await MySQLServer.start("primary")
            try await prepare(primary)
            let (node, disk) = try await nodeOnSmallDisk(primary, minimumFree: "0%")
            try disk.fill("filler", bytes: 12 << 20)
            let process = try node.launch()
            try await node.waitToHold(try await primary.executedGTIDSet())

            try await eventually("the node to end") {
                if process.isRunning { try await write(to: primary) }
                return !process.isRunning
            }

            #expect(process.exitStatus == .code(1))
            let last = try #require(node.errors.split(separator: "\n").last)
            #expect(last.hasPrefix("kingbus-node: ") && last.contains(node.dataDirectory) && last.contains("No space left"), "\(last)")
            let (status, lines) = try await node.startInVain()
            #expect(status == .code(1))
            #expect(lines.last?.contains("No space left") == true, "\(lines)")

            try disk.free("filler")
            try await node.start()
            let executed = try await primary.executedGTIDSet()
            try await node.waitToHold(executed)
            let replica = try await MySQLServer.start("replica")
            try await replica.replicate(fromPort: node.mysqlPort)
            try await replica.waitToApply(executed)
            #expect(try await replica.tableChecksums("shop") == primary.tableChecksums("shop"))
            try await node.stop()
            try await Mysqlbinlog.decode(try node.segmentFiles, options: ["--verify-binlog-checksum"], output: "/dev/null")
        }

        private func prepare(_ primary: MySQLServer) async throws {
            try await primary.create()
            try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, note LONGTEXT)")
        }

        private func write(to primary: MySQLServer) async throws {
            try await primary.execute("INSERT INTO shop.t (note) VALUES (REPEAT('n', 700000))")
        }

        private func nodeOnSmallDisk(_ primary: MySQLServer, minimumFree: String) async throws -> (NodeProcess, SmallDisk) {
            let node = try NodeProcess("n1", upstreamPort: primary.port, as: .init(), flags: ["--min-free", minimumFree])
            try FileManager.default.createDirectory(atPath: node.dataDirectory, withIntermediateDirectories: false)
            return (node, try await SmallDisk(on: node.dataDirectory, bytes: 24 << 20))
        }
    }
}
