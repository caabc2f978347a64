import SimulatedDisk

/// How one run is made, all of it drawn from its seed. Times are in microseconds.
struct Plan {
    var nodes: Int
    /// How long faults last.
    var duration: UInt64
    var heartbeatTicks: Int
    var tick: UInt64
    var segmentSize: UInt64
    var maxAppendEntries: Int
    var maxInflightMessages: Int
    /// Batches that an upstream connection proposes without waiting.
    var window: Int

    // The network.
    var lossPercent: Int
    var repeatPercent: Int
    var latency: ClosedRange<UInt64>
    /// Of a thousand messages, how many take up to ten times an election timeout.
    var stragglerPerThousand: Int
    /// Some messages are overtaken by later ones.
    var reorders: Bool

    // The disks.
    var writeTime: ClosedRange<UInt64>
    var hasShortTransfers: Bool

    /// What goes wrong, each as often as it stands here. A run has some kinds of faults only: with all of them no cluster gets far.
    var faults: [Fault]
    /// Between two faults, on average.
    var faultGap: UInt64
    /// Between two transactions of the source, on average.
    var transactionGap: UInt64
    /// GTIDs that the source no longer had at the first contact.
    var purgedAtStart: UInt64

    var electionTimeoutTicks: Int { 10 * heartbeatTicks }
    var electionTimeout: UInt64 { UInt64(electionTimeoutTicks) * tick }

    init(_ random: inout SeededGenerator) {
        func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }
        nodes = pick([1, 3, 3, 3, 3, 3, 3, 5, 5])
        duration = UInt64.random(in: 4_000_000...8_000_000, using: &random)
        heartbeatTicks = Int.random(in: 1...4, using: &random)
        tick = UInt64.random(in: 20_000...50_000, using: &random) / UInt64(heartbeatTicks)
        segmentSize = pick([4096, 16 << 10, 64 << 10])
        maxAppendEntries = pick([1, 3, 16, 1024])
        maxInflightMessages = pick([1, 2, 8, 256])
        window = pick([1, 2, 4, 8])
        lossPercent = pick([0, 0, 1, 5, 15, 30])
        repeatPercent = pick([0, 1, 10])
        latency = pick([100...500, 200...3000, 1000...20_000, 100...60_000])
        stragglerPerThousand = pick([0, 2, 10])
        reorders = Bool.random(using: &random)
        writeTime = pick([50...300, 200...4000, 1000...30_000])
        hasShortTransfers = pick([false, false, true])
        let kinds = Fault.allCases.filter { _ in Bool.random(using: &random) }
        faults = (kinds.isEmpty ? [.death] : kinds).flatMap { Array(repeating: $0, count: $0.weight) }
        faultGap = pick([200_000, 400_000, 800_000, 1_500_000])
        transactionGap = pick([25_000, 60_000, 150_000])
        purgedAtStart = pick([0, 0, 4])
    }
}
