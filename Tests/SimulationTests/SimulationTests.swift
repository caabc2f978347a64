import Foundation
import Testing

/// Clusters under faults, one for each seed. `KINGBUS_SEED=N` runs one and prints its trace; `KINGBUS_LONG=1` runs thousands.
@Suite(.serialized) struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["KINGBUS_SEED"].flatMap { UInt64($0) }
    private static let first = environment["KINGBUS_FIRST_SEED"].flatMap { UInt64($0) } ?? 1
    private static let count = environment["KINGBUS_SEEDS"].flatMap { UInt64($0) } ?? (environment["KINGBUS_LONG"] == "1" ? 5000 : 300)

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

    @Test(arguments: Sabotage.allCases) func `what is broken on purpose is seen`(sabotage: Sabotage) throws {
        for seed in 1...Self.count {
            let simulation = try Simulation(seed: seed, sabotage: sabotage, adjust: sabotage.adjust)
            guard let violation = simulation.run() else { continue }
            print("\(sabotage) is seen with seed \(seed): \(violation)")
            return
        }
        Issue.record("\(sabotage) is not seen with any seed")
    }

    /// Nodes lose their directories and come back, and nothing else happens: on a clock that ticks rarely a leader has few moments in
    /// which it could let a learner vote.
    @Test func `a node that comes back empty votes again in the end, whatever its leader's clock shows`() throws {
        for seed: UInt64 in 1...10 {
            let simulation = try Simulation(seed: seed) { plan in
                plan.nodes = 3
                plan.heartbeatTicks = 1
                plan.tick = 50_000
                plan.faults = [.wipe]
                plan.lossPercent = 0
                plan.latency = 100...3000
                plan.stragglerPerThousand = 0
            }
            if let violation = simulation.run() {
                Issue.record("seed \(seed): \(violation)")
                return
            }
        }
    }

    private func replay(_ seed: UInt64) throws {
        let simulation = try Simulation(seed: seed, trace: Trace(isOn: true, printsAll: true))
        if let violation = simulation.run() { Issue.record("KINGBUS_SEED=\(seed): \(violation)") }
        print(simulation.oracle.totals)
    }
}
