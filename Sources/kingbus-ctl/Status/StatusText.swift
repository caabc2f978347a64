import ClusterAPI

/// A status as people read it.
struct StatusText {
    let status: ClusterStatus
    let palette: Palette

    var text: String {
        var parts = [summary, MemberTable.text(status.members)]
        if !status.replicas.isEmpty { parts.append(replicas) }
        parts.append(health)
        return parts.joined(separator: "\n")
    }

    private var summary: String {
        var table = Table(["cluster", status.clusterId ?? Wording.absent])
        table.add(["answered by", "\(status.node) (version \(status.version))"])
        table.add(["leader", status.leader.map { "\($0), term \(status.term)" } ?? "none, term \(status.term)"])
        table.add(["log", "committed to \(status.commitIndex), applied to \(status.appliedIndex)"])
        table.add(["executed", Wording.set(status.executedGtidSet)])
        table.add(["purged", Wording.set(status.purgedGtidSet ?? "")])
        for (name, value) in upstream { table.add([name, value]) }
        return table.text
    }

    private var upstream: [(String, String)] {
        guard let upstream = status.upstream, let host = upstream.host, !host.isEmpty else {
            if let upstream = status.upstream, let reason = upstream.reason { return [("upstream", "\(upstream.state): \(reason)")] }
            return [("upstream", "none; set one with: kingbus-ctl upstream set mysql://user@host:3306")]
        }
        var words = ["\(upstream.state), \(host):\(upstream.port.map(String.init) ?? Wording.absent)"]
        if let semiSync = upstream.semiSync { words.append(semiSync ? "semi-sync" : "no semi-sync") }
        if let bytes = upstream.lagBytes { words.append("behind by \(Wording.bytes(bytes))") }
        if let seconds = upstream.lagSeconds { words.append(Self.seconds(seconds)) }
        var rows = [("upstream", words.joined(separator: ", "))]
        if let reason = upstream.reason { rows.append(("", reason)) }
        if let set = upstream.missingGtidSet, !set.isEmpty { rows.append(("missing there", set)) }
        if let set = upstream.errantGtidSet, !set.isEmpty { rows.append(("only there", set)) }
        return rows
    }

    private var replicas: String {
        var table = Table(["REPLICA", "NODE", "USER", "ADDRESS", "SERVER ID", "STATE", "SENT", "LAG"])
        for replica in status.replicas {
            let lag = [replica.lagTransactions.map { "\($0) transactions" }, replica.lagSeconds.map(Self.seconds)]
            table.add([
                "\(replica.id)", replica.node, replica.user ?? Wording.absent, replica.address ?? Wording.absent,
                replica.serverId.map(String.init) ?? Wording.absent, replica.state, replica.sentGtid ?? Wording.absent,
                lag.compactMap { $0 }.joined(separator: ", "),
            ])
        }
        return table.text
    }

    private var health: String {
        let complaints = status.complaints
        if complaints.isEmpty { return palette.good("healthy") + "\n" }
        return complaints.map { palette.bad("degraded") + ": \($0)\n" }.joined()
    }

    /// Whole seconds without a fraction.
    private static func seconds(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value)) s" : "\(value) s"
    }
}
