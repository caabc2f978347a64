import Foundation
import Testing

extension IntegrationTests {
    /// Three nodes on machines of their own, whose leader dies and whose network fails. `KINGBUS_LONG=1` lets it do so oftener and longer.
    @Suite("Network faults", .enabled("needs root, network namespaces and iptables") { await NamespaceNetwork.isPermitted() })
    struct NetworkFaults {
        private static let isLong = ProcessInfo.processInfo.environment["KINGBUS_LONG"] == "1"
        private static let losses = isLong ? 50 : 5

        @Test("when the leader is killed, another commits new events within a second")
        func leaderKilled() async throws {
            let cluster = try await NamespaceCluster.start()
            try await NetworkRows.during(on: cluster.primary) { rows in
                var changes = LeaderChanges()
                for _ in 0..<Self.losses {
                    let (lost, watches) = try await changes.measure(in: cluster, rows) { await cluster.nodes[$0].kill() }
                    for watch in watches { watch.stop() }
                    try cluster.nodes[lost].launch()
                    try await cluster.settle()
                }
                print("leader killed: \(changes)")
                #expect(changes.worst < .seconds(1), "\(changes.waits)\n\(changes.worstEnds)")
            }
            try await cluster.settle()
        }

        @Test("when the leader is cut off, another commits new events within 2.5 seconds")
        func leaderCutOff() async throws {
            let cluster = try await NamespaceCluster.start()
            try await NetworkRows.during(on: cluster.primary) { rows in
                // A leader that still reaches the primary is the worse one: it goes on pulling.
                var fromMembers = LeaderChanges()
                var fromAll = LeaderChanges()
                for number in 0..<Self.losses {
                    let isPartition = number % 2 == 0
                    let fault = isPartition ? NetworkFault.partition : .isolation
                    let cut = { try await cluster.network.apply([fault], to: $0) }
                    let (lost, watches) =
                        isPartition
                        ? try await fromMembers.measure(in: cluster, rows, cut) : try await fromAll.measure(in: cluster, rows, cut)
                    for watch in watches { watch.stop() }
                    try await cluster.network.apply([], to: lost)
                    try await cluster.settle()
                }
                print("leader cut off from the other nodes: \(fromMembers)")
                print("leader cut off from all: \(fromAll)")
                #expect(
                    max(fromMembers.worst, fromAll.worst) < .milliseconds(2500),
                    "\(fromMembers.waits) \(fromAll.waits)\n\((fromMembers.worst > fromAll.worst ? fromMembers : fromAll).worstEnds)")
            }
            try await cluster.settle()
        }

        @Test(
            "a leader that hears nobody, or whom nobody hears, is replaced once at most",
            arguments: [NetworkFault.deafness, .muteness])
        func oneWay(fault: NetworkFault) async throws {
            let cluster = try await NamespaceCluster.start()
            try await NetworkRows.during(on: cluster.primary) { rows in
                var changes = LeaderChanges()
                let (lost, watches) = try await changes.measure(in: cluster, rows) { try await cluster.network.apply([fault], to: $0) }
                print("leader with \(fault): \(changes)")
                try await commit(300, in: watches)
                let leader = try cluster.leader()
                try await cluster.network.apply([], to: lost)
                try await cluster.settle()
                try await commit(100, in: watches)
                #expect(try cluster.leader() == leader)
                for watch in watches { #expect(watch.leaders.count <= 2, "\(watch.leaders)") }
            }
            try await cluster.settle()
        }

        @Test("with one packet in a hundred lost the leader stays, and everything arrives")
        func lossyNetwork() async throws {
            let cluster = try await NamespaceCluster.start()
            try await NetworkRows.during(on: cluster.primary) { rows in
                let watches = cluster.nodes.map { StatusWatch($0) }
                for member in cluster.nodes.indices { try await cluster.network.apply([.loss(perMille: 10)], to: member) }
                let began = WallTime.now
                for _ in 0..<(Self.isLong ? 60 : 6) {
                    try await cluster.primary.execute("CALL network.write_bulk(4, 1000000)")
                    try await commit(100, in: watches)
                }
                try await cluster.settle()
                let terms = Set(watches.flatMap(\.sightings).map(\.term))
                let transactions = try await NetworkRows.committed(on: cluster.primary)
                print("1 % loss: \(transactions) transactions in \((WallTime.now - began).milliseconds) ms, terms \(terms)")
                #expect(terms.count == 1, "there was an election")
            }
            try await cluster.settle()
        }

        /// Waits until every watch has seen so many more transactions committed.
        private func commit(_ count: UInt64, in watches: [StatusWatch]) async throws {
            let wanted = watches.compactMap { $0.sightings.last?.transactions }.reduce(0, max) + count
            try await eventually("\(count) more transactions") { watches.allSatisfy { $0.time(of: wanted) != nil } }
        }
    }
}
