import Common

@testable import kingbus_node

/// Answers with every field set, as far as it is not the null that matters.
enum AdminSamples {
    static let upstream = UpstreamAnswer(
        urls: ["mysql://repl@db1:3306"], version: 3, started: true, hasPassword: true, state: .running, reason: nil)

    static let segments = SegmentsAnswer(segments: [
        SegmentAnswer(firstIndex: 1, path: "segments/00000000000000000001.binlog", bytes: 4096, gtidSetBefore: "")
    ])

    static let members = MembersAnswer(members: status.members)

    static let entry = EntryAnswer(
        EntryHeader(
            kind: .noop, term: 3, index: 42, epoch: 0, file: [], position: 0, commitIndex: 41, payloadLength: 0, payloadChecksum: 7,
            chain: Chain(low: 0x0123_4567_89ab_cdef, high: 0xff)))

    static let status = StatusAnswer(
        version: "1.0", clusterID: "c1", node: "n1", leader: nil, term: 3, commitIndex: 42, appliedIndex: 41, serverID: 1,
        serverUUID: "u1", executedGTIDSet: "u:1-5", purgedGTIDSet: "", alerts: [AlertAnswer(code: "disk", message: "m", hint: "h")],
        members: [
            MemberStatus(
                name: "n1", role: .leader, reachable: true, matchIndex: 42, appliedIndex: nil, peer: "127.0.0.1:7707",
                mysql: "127.0.0.1:3307", admin: "127.0.0.1:8707", diskFreeBytes: 1)
        ],
        upstream: UpstreamStatusAnswer(
            state: .running, host: "db1", port: 3306, reason: nil, semiSync: true, missingGTIDSet: "", errantGTIDSet: "", lagBytes: 0,
            lagSeconds: 0),
        replicas: [
            ReplicaStatus(
                id: 7, node: "n1", user: "repl", address: "127.0.0.1:5000", serverID: 2, serverUUID: "u2", state: .waiting, sentGTID: nil,
                lagTransactions: 0, lagSeconds: 0.5)
        ])
}
