import ClusterAPI

extension ClusterStatus {
    /// What keeps the cluster from being healthy, worst first; empty for a healthy one.
    var complaints: [String] {
        var complaints: [String] = []
        if leader?.isEmpty ?? true { complaints.append("there is no leader") }
        for member in members where !member.reachable { complaints.append("member \(member.name) is not reachable") }
        if let upstream, let host = upstream.host, !host.isEmpty, upstream.state != "running" {
            complaints.append("the upstream \(host) is \(upstream.state)" + (upstream.reason.map { ": \($0)" } ?? ""))
        }
        // Those are told above.
        let told = ["no_leader", "member_unreachable"]
        for alert in alerts where !told.contains(alert.code) {
            let hint = alert.hint ?? ""
            complaints.append(alert.message + (hint.isEmpty ? "" : "; \(hint)"))
        }
        return complaints
    }
}
