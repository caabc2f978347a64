import Foundation
import Testing

extension IntegrationTests {
    /// Random tables and changes. `KINGBUS_SEED=N` runs one case and prints it; `KINGBUS_LONG=1` runs a thousand, from
    /// `KINGBUS_FIRST_SEED` on.
    @Suite("Random flashback") struct RandomFlashback {
        private static let environment = ProcessInfo.processInfo.environment
        private static let seed = environment["KINGBUS_SEED"].flatMap { UInt64($0) }
        private static let first = environment["KINGBUS_FIRST_SEED"].flatMap { UInt64($0) } ?? 1
        private static let count = UInt64(environment["KINGBUS_LONG"] == "1" ? 1000 : 40)
        /// Cases that may fail before a server's others are left out.
        private static let maxFailures = 20

        private static let options = [
            "--sync-binlog=0", "--innodb-flush-log-at-trx-commit=0", "--binlog-row-event-max-size=1024", "--binlog-format=ROW",
        ]

        @Test("changes of random tables are undone exactly, or refused for what stands in their way")
        func random() async throws {
            let began = ContinuousClock.now
            async let even = Self.run(.mysql)
            let odd = try await Self.run(.mariadb)
            var all = try await even
            let parts = [("MySQL", all), ("MariaDB", odd)]
            all += odd
            print("random flashback: from seed \(Self.seed ?? Self.first) on, in \(ContinuousClock.now - began)")
            for (name, tally) in [("both", all)] + parts where tally.cases > 0 { print("\(name): \(tally.text)") }
            guard Self.seed == nil else { return }
            #expect(all.cases == Self.count)
            #expect(all.changed * 2 > all.cases)
            for way in RandomTally.Way.allCases { #expect(all.exactCount(way) > 0) }
            #expect(all.exactCount(.binlog) + all.refusedCount(.binlog) == all.cases)
            #expect(all.refusedCount(.binlog) > 0)
        }

        /// Even seeds are MySQL's, odd ones MariaDB's.
        private static func run(_ kind: ScriptedServer.Kind) async throws -> RandomTally {
            var tally = RandomTally()
            let seeds = (seed.map { $0...$0 } ?? first...first + count - 1).filter { ($0 % 2 == 0) == (kind == .mysql) }
            guard !seeds.isEmpty else { return tally }
            let server = try await ScriptedServer.start(kind, options: options)
            let folder = try TemporaryFolder("data")
            let data = try folder.write((0..<12).map { "\($0 * 2)\n" }.joined(), to: "numbers")
            var failures = 0
            for seed in seeds {
                let test = RandomCase(seed: seed, on: kind, data: data)
                if Self.seed != nil { print(test.script) }
                do { tally += try await RandomCaseRun(test, on: server).run() } catch {
                    Issue.record("KINGBUS_SEED=\(seed) on \(kind): \(error)")
                    failures += 1
                    tally.cases += 1
                }
                guard failures < maxFailures else { break }
                try await server.run(test.drop)
            }
            return tally
        }
    }
}
