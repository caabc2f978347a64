import Foundation
import Glibc

/// Does to a cluster what a plan says, and notes when, and whose node it was.
///
/// A fault strikes inside a big XA transaction while that comes to the leader, and none while replicas are sent it: a MySQL replica that
/// loses its source in the middle of one, even a MySQL source, stops with error 1399 (MySQL's bugs 87385 and 94803).
struct ClusterFaultInjector {
    /// A fault that has happened.
    struct Struck {
        let fault: ClusterFaultPlan.Fault
        /// The nodes that it struck.
        let names: [String]
        /// Microseconds since 1970.
        let time: UInt64
        /// By replica: whether it read from a node that the fault struck.
        let isStruck: [Bool]
    }

    let servers: ClusterServers

    func carryOut(_ plan: ClusterFaultPlan) async throws -> [Struck] {
        var struck: [Struck] = []
        var committing: Task<Void, any Error>?
        for (number, fault) in plan.faults.enumerated() {
            switch fault.moment {
            case .after(let pause):
                try await Task.sleep(for: pause)
                struck.append(try await strike(fault, try await aim(fault.kind, number)))
            case .inside(let transaction, let bytes):
                try await committing?.value
                let leader = try await servers.cluster.waitForLeader()
                let target = try await aim(fault.kind, number)
                let before = try leader.segmentBytes
                committing = Task { [primary = servers.primary] in try await primary.execute(transaction.sql, within: .seconds(600)) }
                try await waitUntilStored(before + bytes, on: leader)
                struck.append(try await strike(fault, target))
            }
            if case .inside(let transaction, _) = fault.moment, transaction.isXA {
                try await committing?.value
                try await servers.settleReplicas(within: .seconds(120))
            }
            for replica in servers.replicas { try await servers.expectReplicating(replica) }
        }
        try await committing?.value
        return struck
    }

    /// Whom a fault is to strike.
    private struct Target {
        let names: [String]
        let isStruck: [Bool]
    }

    private func aim(_ kind: ClusterFaultPlan.Fault.Kind, _ number: Int) async throws -> Target {
        let names = try await victims(of: kind, number)
        let ports = Set(names.map { servers.cluster[$0].mysqlPort })
        return Target(names: names, isStruck: try await sourcePorts().map { $0.map(ports.contains) ?? false })
    }

    /// - Returns: when the nodes run again, which need not be ready.
    private func strike(_ fault: ClusterFaultPlan.Fault, _ target: Target) async throws -> Struck {
        let cluster = servers.cluster
        let time = Self.now()
        if fault.kind.isPause {
            for name in target.names { cluster.pause(name) }
            try await Task.sleep(for: fault.duration)
            for name in target.names { cluster.resume(name) }
        } else {
            await cluster.kill(target.names)
            try await Task.sleep(for: fault.duration)
            for name in target.names { _ = try cluster[name].launch() }
        }
        return Struck(fault: fault, names: target.names, time: time, isStruck: target.isStruck)
    }

    private func victims(of kind: ClusterFaultPlan.Fault.Kind, _ number: Int) async throws -> [String] {
        if kind == .killAll { return NodeCluster.names }
        let leader = try await servers.cluster.waitForLeader().name
        if kind == .killLeader || kind == .pauseLeader { return [leader] }
        let followers = NodeCluster.names.filter { $0 != leader }
        return [followers[number % followers.count]]
    }

    private func sourcePorts() async throws -> [Int?] {
        let replicas = servers.replicas
        async let first = replicas[0].sourcePort()
        async let second = replicas[1].sourcePort()
        async let third = replicas[2].sourcePort()
        return try await [first, second, third]
    }

    /// Looks oftener than `eventually`, which a fast node would outrun.
    private func waitUntilStored(_ bytes: UInt64, on node: NodeProcess) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(120)
        while try node.segmentBytes < bytes {
            guard clock.now < end else {
                throw CommandFailed(description: "\(node.name) has not stored \(bytes) bytes in 120 s; \(servers.cluster.logs)")
            }
            try await clock.sleep(for: .milliseconds(1))
        }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
