import ClusterAPI
import Common
import Testing

@testable import kingbus_ctl

/// A status as a healthy node answers it, and what can be wrong with one.
enum SampleStatus {
    static let source = "3e11fa47-71ca-11e1-9e33-c80aa9429562"

    static func json(
        leader: String = "\"n1\"", reachable: Bool = true, upstream: String = upstream(), alerts: String = "",
        replicas: String = replica(lag: "0")
    ) -> [UInt8] {
        Array(
            """
            {"version":"0.1.0","cluster_id":"c","node":"n1","leader":\(leader),"term":3,"commit_index":42,"applied_index":42,
             "server_id":1,"server_uuid":"\(source)","executed_gtid_set":"\(source):1-23","purged_gtid_set":"","alerts":[\(alerts)],
             "members":[{"name":"n1","role":"leader","reachable":\(reachable),"match_index":42,"applied_index":42,
                         "peer":"127.0.0.1:7707","mysql":"127.0.0.1:3307","admin":"127.0.0.1:8707","disk_free_bytes":1073741824}],
             "upstream":\(upstream),"replicas":[\(replicas)],"something_new":{"later":true}}
            """.utf8)
    }

    static func upstream(state: String = "running", host: String = "\"db1\"", reason: String = "null") -> String {
        """
        {"state":"\(state)","host":\(host),"port":3306,"reason":\(reason),"semi_sync":true,"missing_gtid_set":"","errant_gtid_set":"",
         "lag_bytes":2048,"lag_seconds":0.5}
        """
    }

    static func replica(lag: String) -> String {
        """
        {"id":7,"node":"n1","user":"repl","address":"127.0.0.1:5555","server_id":2,"server_uuid":"\(source)","state":"streaming",
         "sent_gtid":"\(source):23","lag_transactions":\(lag),"lag_seconds":0}
        """
    }

    static func status(_ json: [UInt8]) throws -> ClusterStatus { try JSON.decode(ClusterStatus.self, from: json) }
}

@Suite struct StatusTests {
    @Test("a cluster with a leader, reachable members, a running upstream and no alerts is healthy")
    func healthy() throws {
        #expect(try SampleStatus.status(SampleStatus.json()).complaints.isEmpty)
    }

    @Test("a cluster without an upstream is healthy", arguments: ["null", SampleStatus.upstream(state: "stopped", host: "null")])
    func noUpstream(upstream: String) throws {
        #expect(try SampleStatus.status(SampleStatus.json(upstream: upstream)).complaints.isEmpty)
    }

    @Test(
        "what needs attention is told",
        arguments: [
            (SampleStatus.json(leader: "null"), "there is no leader"),
            (SampleStatus.json(reachable: false), "member n1 is not reachable"),
            (
                SampleStatus.json(upstream: SampleStatus.upstream(state: "blocked", reason: "\"purged\"")),
                "the upstream db1 is blocked: purged"
            ),
            (SampleStatus.json(upstream: SampleStatus.upstream(state: "stopped")), "the upstream db1 is stopped"),
            (SampleStatus.json(alerts: #"{"code":"disk","message":"disk nearly full","hint":"purge"}"#), "disk nearly full; purge"),
        ])
    func degraded(json: [UInt8], complaint: String) throws {
        #expect(try SampleStatus.status(json).complaints == [complaint])
    }

    @Test("the table is aligned, and colours show only where they are on")
    func text() throws {
        let status = try SampleStatus.status(SampleStatus.json())
        let plain = StatusText(status: status, palette: Palette(isOn: false)).text
        #expect(
            plain == """
                cluster      c
                answered by  n1 (version 0.1.0)
                leader       n1, term 3
                log          committed to 42, applied to 42
                executed     3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23
                purged       (empty)
                upstream     running, db1:3306, semi-sync, behind by 2.0 KiB, 0.5 s

                MEMBER  ROLE    REACHABLE  MATCH  APPLIED  PEER            MYSQL           ADMIN           FREE
                n1      leader  yes        42     42       127.0.0.1:7707  127.0.0.1:3307  127.0.0.1:8707  1.0 GiB

                REPLICA  NODE  USER  ADDRESS         SERVER ID  STATE      SENT                                     LAG
                7        n1    repl  127.0.0.1:5555  2          streaming  3e11fa47-71ca-11e1-9e33-c80aa9429562:23  0 transactions, 0 s

                healthy

                """)
        #expect(StatusText(status: status, palette: Palette(isOn: true)).text.contains("\u{1b}[32mhealthy\u{1b}[0m"))
    }

    @Test("sizes read in the unit that suits them")
    func sizes() {
        #expect(Wording.bytes(1023) == "1023 B")
        #expect(Wording.bytes(1536) == "1.5 KiB")
        #expect(Wording.bytes(1 << 30) == "1.0 GiB")
        #expect(Wording.bytes(150 << 20) == "150 MiB")
        #expect(Wording.bytes(.max) == "15.9 EiB")
    }
}

@Suite struct WaitTests {
    private func obstacle(_ goal: WaitCondition.Goal, _ set: String, _ json: [UInt8] = SampleStatus.json()) throws -> String? {
        try WaitCondition(goal: goal, wanted: try GTIDSet(parsing: set)).obstacle(in: try SampleStatus.status(json))
    }

    @Test("a set that is executed is committed and applied", arguments: [WaitCondition.Goal.committed, .applied])
    func executed(goal: WaitCondition.Goal) throws {
        #expect(try obstacle(goal, "\(SampleStatus.source):5-23") == nil)
        #expect(try obstacle(goal, "\(SampleStatus.source):5-25") == "n1 lacks \(SampleStatus.source):24-25")
    }

    @Test("replicas have a set once it is executed, one is connected, and none is behind")
    func replicas() throws {
        let set = "\(SampleStatus.source):1-23"
        #expect(try obstacle(.replicas, set) == nil)
        #expect(try obstacle(.replicas, set, SampleStatus.json(replicas: "")) == "no replica is connected")
        let behind = SampleStatus.json(replicas: SampleStatus.replica(lag: "0") + "," + SampleStatus.replica(lag: "3"))
        #expect(try obstacle(.replicas, set, behind) == "replica 7 at n1 is behind by 3 transactions")
        #expect(try obstacle(.replicas, set, SampleStatus.json(replicas: SampleStatus.replica(lag: "null"))) != nil)
        #expect(try obstacle(.replicas, "\(SampleStatus.source):24") == "n1 lacks \(SampleStatus.source):24")
    }

    @Test("times are numbers with a unit, seconds without one")
    func times() {
        #expect(WaitTime(parsing: "500ms")?.duration == .milliseconds(500))
        #expect(WaitTime(parsing: "30")?.duration == .seconds(30))
        #expect(WaitTime(parsing: "30s")?.duration == .seconds(30))
        #expect(WaitTime(parsing: "5m")?.duration == .seconds(300))
        #expect(WaitTime(parsing: "1h")?.duration == .seconds(3600))
        for text in ["", "s", "-1", "1.5s", "1 s", "99999999999", "5d"] { #expect(WaitTime(parsing: text) == nil, "\(text)") }
    }
}
