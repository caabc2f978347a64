import Foundation

/// How often, and where, the node is killed.
struct KillPlan {
    /// When the node is killed after it was started again.
    enum Moment {
        /// After some time, which may be in the middle of its start.
        case after(Duration)
        /// In the middle of a big transaction: when so much of it is stored.
        case inside(BigTransaction, bytes: UInt64)
    }

    let seed: UInt64
    /// Bytes of rows in a big transaction.
    let bigBytes: Int
    let moments: [Moment]

    /// The plan of the normal run, or of the long one (`KINGBUS_LONG=1`); the same for the same `KINGBUS_SEED`.
    static func make() -> KillPlan {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["KINGBUS_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...1_000_000)
        return environment["KINGBUS_LONG"] == "1"
            ? KillPlan(seed: seed, kills: 100, bigTransactions: 4, killsInEach: 5, bigBytes: 200 << 20, longestLife: 3000)
            : KillPlan(seed: seed, kills: 12, bigTransactions: 2, killsInEach: 2, bigBytes: 32 << 20, longestLife: 1500)
    }

    /// - Parameters:
    ///   - killsInEach: so many of the kills are in each big transaction, one after the other.
    ///   - longestLife: milliseconds from a start to a kill.
    private init(seed: UInt64, kills: Int, bigTransactions: Int, killsInEach: Int, bigBytes: Int, longestLife: Int) {
        self.seed = seed
        self.bigBytes = bigBytes
        var random = SeededRandom(state: seed)
        let betweenBig = (kills - bigTransactions * killsInEach) / bigTransactions
        var moments: [Moment] = []
        for number in 0..<bigTransactions {
            for _ in 0..<betweenBig { moments.append(.after(.milliseconds(Int.random(in: 1...longestLife, using: &random)))) }
            let transaction = BigTransaction(number: number, isXA: number % 2 == 1, bytes: bigBytes)
            for _ in 0..<killsInEach {
                moments.append(.inside(transaction, bytes: .random(in: UInt64(bigBytes / 20)...UInt64(bigBytes / 10 * 8), using: &random)))
            }
        }
        self.moments = moments
    }
}

/// SplitMix64: small, and the same everywhere.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
