import Common
import NIOCore
import Raft
import Testing

@testable import kingbus_node

@Suite struct ClusterReportTests {
    private func id(_ name: String) -> MemberID { memberID(ClusterFixture.member(name)) }

    @Test func `a report comes back from its bytes`() {
        let report = ClusterFixture.report("n2", role: .leader, matches: ["n1": .max, "n2": 0], replicas: 3)
        #expect(ClusterReport(decoding: report.encoded()) == report)
    }

    @Test func `a report that is too long leaves out replicas until it fits`() throws {
        let report = ClusterFixture.report("n2", replicas: 5000)
        let bytes = report.encoded()
        #expect(bytes.count <= ClusterReport.maxBytes)
        let decoded = try #require(ClusterReport(decoding: bytes))
        #expect((1..<5000).contains(decoded.replicas.count))
        #expect(decoded.appliedIndex == report.appliedIndex)
        var wide = ClusterFixture.report("n2", replicas: 10)
        wide.upstream.missingGTIDSet = String(repeating: "1-2:", count: ClusterReport.maxBytes / 4)
        let rest = try #require(ClusterReport(decoding: wide.encoded()))
        #expect(rest.upstream.missingGTIDSet.isEmpty && rest.replicas.isEmpty)
    }

    @Test func `what is no report, or another's, changes nothing`() {
        let reports = ClusterReports()
        let report = ClusterFixture.report("n2")
        reports.take(report.encoded(), from: id("n2"), at: ClusterFixture.now)
        let bytes = report.encoded()
        for wrong in [[], [0x7b], Array("{}".utf8), Array(bytes.dropLast()), [UInt8](repeating: 0x5b, count: 200_000)] {
            reports.take(wrong, from: id("n2"), at: ClusterFixture.now)
        }
        reports.take(bytes, from: id("n3"), at: ClusterFixture.now)
        reports.take(bytes + [UInt8](repeating: 0x20, count: ClusterReport.maxBytes), from: id("n2"), at: ClusterFixture.now + .seconds(1))
        #expect(reports.all.mapValues(\.report) == [id("n2"): report])
        #expect(reports.all[id("n2")]?.at == ClusterFixture.now)
    }

    @Test func `a newer report takes the place of an older, and old ones are forgotten`() {
        let reports = ClusterReports()
        var report = ClusterFixture.report("n2")
        reports.take(report.encoded(), from: id("n2"), at: ClusterFixture.now)
        report.appliedIndex = 99
        reports.take(report.encoded(), from: id("n2"), at: ClusterFixture.now + .seconds(1))
        #expect(reports.all[id("n2")]?.report.appliedIndex == 99)
        reports.take(ClusterFixture.report("n3").encoded(), from: id("n3"), at: ClusterFixture.now + .hours(2))
        #expect(Array(reports.all.keys) == [id("n3")])
    }
}
