import NIOCore
import Raft
import Synchronization

/// The last report of each member, for any thread.
final class ClusterReports: Sendable {
    /// A member that was silent for longer does not count as reachable.
    static let maxSilence = TimeAmount.seconds(3)
    /// What is older is forgotten: whoever sent it may be no member any more.
    private static let maxAge = TimeAmount.hours(1)

    struct Heard: Sendable {
        var report: ClusterReport
        var at: NIODeadline

        func isFresh(_ now: NIODeadline) -> Bool { now - at <= ClusterReports.maxSilence }
    }

    private let reports = Mutex<[MemberID: Heard]>([:])

    /// Takes what a member sent. What is no report, or is another's, is ignored.
    func take(_ bytes: [UInt8], from member: MemberID, at now: NIODeadline = .now()) {
        guard let report = ClusterReport(decoding: bytes), MemberID(name: report.name, incarnation: report.incarnation) == member else {
            return
        }
        reports.withLock { reports in
            reports = reports.filter { now - $0.value.at <= Self.maxAge }
            reports[member] = Heard(report: report, at: now)
        }
    }

    var all: [MemberID: Heard] { reports.withLock { $0 } }
}
