import Foundation

/// What happens to the nodes of a cluster under traffic, and when.
struct ClusterFaultPlan {
    /// Something that happens to one node, or to all.
    struct Fault {
        enum Kind: String {
            case killLeader = "kill -9 of the leader"
            case killFollower = "kill -9 of a follower"
            case killAll = "kill -9 of all three"
            case pauseLeader = "SIGSTOP of the leader"
            case pauseFollower = "SIGSTOP of a follower"

            var isPause: Bool { self == .pauseLeader || self == .pauseFollower }
        }

        enum Moment {
            /// So long after the one before has ended.
            case after(Duration)
            /// When so many bytes of this transaction have come to the leader.
            case inside(BigTransaction, bytes: UInt64)
        }

        let kind: Kind
        let moment: Moment
        /// From the kill to the next start, or from SIGSTOP to SIGCONT.
        let duration: Duration

        var isInside: Bool { if case .inside = moment { true } else { false } }
    }

    let seed: UInt64
    /// Bytes of rows in the biggest transactions.
    let bigBytes: Int
    /// At most so many times every shape of transaction is sent while the faults happen.
    let rounds: Int
    /// The traffic ends with large rows and one more large transaction.
    let isLong: Bool
    let faults: [Fault]

    /// The plan of the normal run, or of the long one (`KINGBUS_LONG=1`); the same for the same `KINGBUS_SEED`.
    static func make() -> ClusterFaultPlan {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["KINGBUS_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...1_000_000)
        return environment["KINGBUS_LONG"] == "1"
            ? ClusterFaultPlan(seed: seed, count: 100, inside: 15, bigBytes: 200 << 20, longestPause: 5000, rounds: 40, isLong: true)
            : ClusterFaultPlan(seed: seed, count: 12, inside: 3, bigBytes: 32 << 20, longestPause: 2000, rounds: 4, isLong: false)
    }

    /// - Parameters:
    ///   - inside: so many of the faults are each inside a big transaction of its own.
    ///   - longestPause: milliseconds.
    private init(seed: UInt64, count: Int, inside: Int, bigBytes: Int, longestPause: Int, rounds: Int, isLong: Bool) {
        (self.seed, self.bigBytes, self.rounds, self.isLong) = (seed, bigBytes, rounds, isLong)
        var random = SeededRandom(state: seed)
        func duration(_ kind: Fault.Kind) -> Duration {
            .milliseconds(kind.isPause ? Int.random(in: 1000...longestPause, using: &random) : .random(in: 50...3000, using: &random))
        }

        var ordinary: [Fault.Kind] = []
        while ordinary.count < count - inside {
            let hand: [Fault.Kind] = [
                .killLeader, .killLeader, .killLeader, .killFollower, .killFollower, .pauseLeader, .pauseLeader, .pauseFollower, .killAll,
            ]
            ordinary += hand.shuffled(using: &random)
        }
        var faults = ordinary.prefix(count - inside).map { kind in
            Fault(kind: kind, moment: .after(.milliseconds(.random(in: 100...1500, using: &random))), duration: duration(kind))
        }
        // Kinds of faults and of transactions go round at different paces, so that all pairs come.
        let kinds: [Fault.Kind] = [.killLeader, .killAll, .killLeader, .pauseLeader, .killFollower]
        for number in 0..<inside {
            let kind = kinds[number % kinds.count]
            // Each is stored a dozen times over: on the nodes, and in binlogs, relay logs and tables of five servers.
            let size = number < 6 ? bigBytes : bigBytes / 4
            let transaction = BigTransaction(number: number, isXA: number % 3 == 1, statements: number % 3 == 2 ? 1 : 4, bytes: size)
            // Not near the end, behind which readers are sent it.
            let bytes = UInt64.random(in: UInt64(size / 20)...UInt64(size / 10 * 6), using: &random)
            let place = (number + 1) * faults.count / (inside + 1)
            faults.insert(
                Fault(kind: kind, moment: .inside(transaction, bytes: bytes), duration: duration(kind)), at: place)
        }
        self.faults = faults
    }
}

extension ClusterFaultPlan {
    /// How many of each kind, and how many of them inside a big transaction.
    var summary: String {
        let inside = faults.count(where: \.isInside)
        let kinds = Dictionary(grouping: faults, by: \.kind).map { "\($0.value.count) × \($0.key.rawValue)" }.sorted()
        return "\(faults.count) faults (\(kinds.joined(separator: ", "))), \(inside) of them inside a big transaction,"
    }
}
