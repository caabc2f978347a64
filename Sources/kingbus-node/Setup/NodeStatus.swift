import Common
import Log
import NIOCore

/// What the node tells about itself over HTTP.
extension Node {
    func statusAnswer() -> StatusAnswer {
        let snapshot = committed.snapshot
        let state = snapshot.state
        let role = consensus.currentRole
        let view = clusterView()
        return StatusAnswer(
            version: kingbusVersion, clusterID: "\(state.clusterID)", node: identity.name, leader: view.leader, term: role.term,
            commitIndex: max(role.commitIndex, state.index), appliedIndex: state.index, serverID: state.serverID,
            serverUUID: "\(state.serverUUID)", executedGTIDSet: "\(state.executed)", purgedGTIDSet: "\(snapshot.purged)",
            alerts: view.alerts, members: view.members, upstream: view.upstream, replicas: view.replicas)
    }

    /// The cluster as this node knows it, from itself and from what the others report.
    func clusterView() -> ClusterView {
        let role = consensus.currentRole
        return ClusterView(
            own: report(), membership: committed.snapshot.state.membership, leader: role.isLeader ? identity.name : role.leaderName,
            heard: reports.all, refusals: peers.refusals, now: .now())
    }

    /// What this node tells the others of itself.
    func report() -> ClusterReport {
        let state = committed.snapshot.state
        let role = consensus.currentRole
        return ClusterReport(
            name: identity.name, incarnation: identity.incarnation, version: kingbusVersion, term: role.term,
            role: ownRole(role, state.membership), priority: configuration.leaderPriority, appliedIndex: state.index,
            commitIndex: max(role.commitIndex, state.index),
            diskFreeBytes: diskGuard.space.freeBytes,
            addresses: ("\(configuration.peerAdvertise)", "\(configuration.mysqlAdvertise)", "\(configuration.adminAdvertise)"),
            matches: matches(role, state.membership), upstream: upstreamStatus(state), alerts: alerts(state),
            replicas: replicaStatuses(state))
    }

    private func ownRole(_ role: Consensus.Role, _ membership: Membership) -> MemberStatus.Role {
        if role.isLeader { return .leader }
        if role.isCandidate { return .candidate }
        return membership.members.contains { $0.name == identity.name && $0.role == .learner } ? .learner : .follower
    }

    /// How far the leader knows each log to be durable, its own too; empty where this node does not lead.
    private func matches(_ role: Consensus.Role, _ membership: Membership) -> [String: UInt64] {
        guard role.isLeader else { return [:] }
        var matches = [identity.name: role.durableIndex]
        for member in membership.members where member.name != identity.name { matches[member.name] = role.matches[memberID(member)] }
        return matches
    }

    private func alerts(_ state: LogState) -> [AlertAnswer] {
        var alerts: [AlertAnswer] = []
        let space = diskGuard.space
        if space.isLow {
            alerts.append(
                AlertAnswer(
                    code: "disk_space",
                    message:
                        "\(log.directory) has \(space.freeBytes) bytes free, less than the \(space.minimumBytes) of --min-free: ingest is paused",
                    hint: "Free space on that disk; ingest goes on by itself."))
        }
        // What another once met that led then is no news.
        if consensus.currentRole.isLeader, state.settings.upstream.isStarted, let failure = upstream.status.failure {
            alerts.append(AlertAnswer(code: "upstream_" + failure.code, message: failure.message, hint: failure.hint))
        }
        return alerts
    }

    private func upstreamStatus(_ state: LogState) -> UpstreamStatusAnswer {
        let status = upstream.status
        let isRunning = status.state == .running
        // The source sends what it has as it has it: with nothing on the way, nothing is behind.
        let lagSeconds = status.pendingBytes == 0 ? 0 : max(0, Double(UnixTime.now.seconds) - Double(status.lastTimestamp))
        return UpstreamStatusAnswer(
            state: UpstreamState(status.state), host: status.host.isEmpty ? nil : status.host,
            port: status.host.isEmpty ? nil : status.port,
            reason: status.failure?.message, semiSync: false, missingGTIDSet: "\(status.failure?.missing ?? GTIDSet())",
            errantGTIDSet: "\(status.failure?.errant ?? GTIDSet())", lagBytes: isRunning ? UInt64(status.pendingBytes) : nil,
            lagSeconds: isRunning ? lagSeconds : nil)
    }

    func replicaStatuses(_ state: LogState) -> [ReplicaStatus] {
        mysql.registry.connections.filter(\.isDumping).map { connection in
            let isWaiting = connection.activity == .waiting
            return ReplicaStatus(
                id: UInt64(connection.id), node: identity.name, user: connection.user, address: connection.address,
                serverID: connection.serverID, serverUUID: connection.serverUUID.isEmpty ? nil : connection.serverUUID,
                state: isWaiting ? .waiting : .streaming, sentGTID: connection.sentGTID.map { "\($0)" },
                lagTransactions: isWaiting
                    ? 0
                    : connection.heldTransactions.map {
                        let (sent, overflow) = $0.addingReportingOverflow(connection.sentTransactions)
                        return overflow ? 0 : state.executed.count - min(state.executed.count, sent)
                    }, lagSeconds: isWaiting ? 0 : lagSeconds(connection))
        }
    }

    /// How old the last event is that a replica was sent while more is there for it.
    private func lagSeconds(_ connection: ReplicaRegistry.Connection) -> Double? {
        guard connection.sentTimestamp > 0 else { return nil }
        return max(0, Double(UnixTime.now.seconds) - Double(connection.sentTimestamp))
    }

    func upstreamAnswer() -> UpstreamAnswer {
        let settings = committed.snapshot.state.settings.upstream
        let status = clusterView().upstream
        return UpstreamAnswer(
            urls: settings.urls, version: settings.version, started: settings.isStarted, hasPassword: !settings.sealedPassword.isEmpty,
            state: status.state, reason: status.reason)
    }

    func segmentsAnswer() -> SegmentsAnswer {
        SegmentsAnswer(
            segments: log.catalog.segments().map {
                SegmentAnswer(firstIndex: $0.firstIndex, path: $0.path, bytes: $0.byteCount, gtidSetBefore: "\($0.startState.executed)")
            })
    }

    func readiness() -> ReadinessAnswer {
        guard consensus.currentRole.leader != nil else { return ReadinessAnswer(ready: false, reason: "there is no leader yet") }
        let state = committed.snapshot.state
        guard state.epoch > 0 || state.settings.upstream.urls.isEmpty else {
            return ReadinessAnswer(
                ready: false, reason: "nothing has come from the upstream yet: \(clusterView().upstream.reason ?? "connecting")")
        }
        guard isListening else { return ReadinessAnswer(ready: false, reason: "the MySQL port is not open yet") }
        return ReadinessAnswer(ready: true, reason: "")
    }

    func writeMetrics(_ metrics: inout MetricsWriter) {
        let snapshot = committed.snapshot
        let role = consensus.currentRole
        let status = upstream.status
        metrics.gauge("kingbus_leader", "1 on the node that leads.", role.isLeader ? 1 : 0)
        metrics.counter(
            "kingbus_leader_changes_total", "Times that this node saw another leader, or another term of one.", role.leaderChanges)
        let members = clusterView().members
        metrics.gauge(
            "kingbus_members_reachable", "Members that this node hears from, itself among them.", members.count(where: \.reachable))
        for member in members {
            guard let index = member.matchIndex else { continue }
            metrics.gauge(
                "kingbus_member_match_index", "How far the leader knows a member's log to be durable and equal to its own.",
                labels: ["member": member.name], index)
        }
        metrics.gauge("kingbus_term", "The Raft term.", role.term)
        metrics.gauge("kingbus_last_index", "Index of the last entry in the log.", role.lastIndex)
        metrics.gauge("kingbus_durable_index", "Index of the last entry that is durable on this node.", role.durableIndex)
        metrics.gauge("kingbus_commit_index", "Index of the last committed entry.", snapshot.state.index)
        metrics.gauge("kingbus_log_bytes", "Bytes of all segment files.", log.catalog.segments().reduce(0) { $0 + $1.byteCount })
        metrics.gauge("kingbus_segments", "Segment files.", log.catalog.segments().count)
        metrics.gauge("kingbus_queued_bytes", "Bytes handed to the disk and not yet durable.", log.queuedBytes)
        metrics.gauge("kingbus_disk_free_bytes", "Free bytes on the data directory's disk.", diskGuard.space.freeBytes)
        metrics.gauge("kingbus_upstream_running", "1 while events are pulled from the upstream.", status.state == .running ? 1 : 0)
        metrics.counter("kingbus_upstream_connections_total", "Dumps begun at an upstream.", status.connections)
        metrics.counter("kingbus_upstream_transactions_total", "Transactions received from upstreams.", status.transactions)
        metrics.counter("kingbus_upstream_events_total", "Events received from upstreams and stored.", status.events)
        metrics.counter("kingbus_upstream_bytes_total", "Bytes of those events.", status.bytes)
        metrics.gauge("kingbus_connections", "Connections to the MySQL port.", mysql.registry.count)
        for replica in mysql.registry.connections where replica.isDumping {
            let label = "\(replica.id)"
            metrics.counter(
                "kingbus_replica_sent_bytes_total", "Bytes sent to a replica.",
                labels: ["connection": label, "server_id": "\(replica.serverID)"], replica.sentBytes)
            metrics.counter(
                "kingbus_replica_sent_transactions_total", "Transactions sent to a replica.",
                labels: ["connection": label, "server_id": "\(replica.serverID)"], replica.sentTransactions)
        }
    }
}

extension UpstreamState {
    init(_ state: Upstream.State) {
        switch state {
        case .running: self = .running
        case .connecting: self = .connecting
        case .stopped: self = .stopped
        case .blocked: self = .blocked
        }
    }
}
