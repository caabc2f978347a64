import Testing

extension IntegrationTests.Traffic {
    @Test("event by event, the segments hold what the primary's own files hold")
    func segmentsEqualPrimaryFiles() async throws {
        let servers = try TrafficServers.current
        try await servers.settle()
        let expected = try servers.primaryEvents()
        let stored = try await servers.segmentEvents()
        #expect(try servers.segments.count > 2)
        #expect(stored.count == expected.count)
        let difference = zip(stored, expected).first { $0.comparable != $1.comparable }
        #expect(difference == nil, "\(String(describing: difference))")
    }

    @Test("the segments' checksums are right to stock mysqlbinlog, which with stock mysql makes an empty server equal to the primary")
    func segmentsReproduceTables() async throws {
        let servers = try TrafficServers.current
        try await servers.settle()
        let empty = try await MySQLServer.start(
            "restored", options: TrafficServers.quickOptions + ["--disable-log-bin", "--local-infile=ON"])
        try await Mysqlbinlog.replay(servers.segments, into: empty)
        #expect(try await empty.trafficChecksums() == servers.primary.trafficChecksums())
        #expect(try await empty.executedGTIDSet() == servers.primary.executedGTIDSet())
        #expect(try await empty.query("XA RECOVER").isEmpty)
    }
}
