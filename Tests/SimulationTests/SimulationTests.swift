import Foundation
import Testing

/// Clusters under faults, one for each seed. `KINGBUS_SEED=N` runs one and prints its trace; `KINGBUS_LONG=1` runs thousands.
@Suite(.serialized) struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["KINGBUS_SEED"].flatMap { UInt64($0) }
    private static let first = environment["KINGBUS_FIRST_SEED"].flatMap { UInt64($0) } ?? 1
    private static let count = UInt64(environment["KINGBUS_LONG"] == "1" ? 5000 : 300)

    @Test func `nothing that is acknowledged is lost, and all nodes come to agree`() throws {
        if let seed = Self.seed { return try replay(seed) }
        var totals = Totals()
        for seed in Self.first..<Self.first + Self.count {
            let simulation = try Simulation(seed: seed)
            let violation = simulation.run()
            totals += simulation.oracle.totals
            if Self.environment["KINGBUS_EACH"] != nil { print(seed, simulation.oracle.totals) }
            if let violation {
                let again = try Simulation(seed: seed, trace: Trace(isOn: true))
                _ = again.run()
                Issue.record("KINGBUS_SEED=\(seed): \(violation)\n\(again.trace.text)")
                break
            }
        }
        print(totals)
    }

    private func replay(_ seed: UInt64) throws {
        let simulation = try Simulation(seed: seed, trace: Trace(isOn: true, printsAll: true))
        if let violation = simulation.run() { Issue.record("KINGBUS_SEED=\(seed): \(violation)") }
        print(simulation.oracle.totals)
    }
}
