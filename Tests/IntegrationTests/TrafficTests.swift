import Testing

extension IntegrationTests {
    /// Real traffic of all shapes and sizes through one node, and what is left of it in all places.
    @Suite("Traffic", .traffic) struct Traffic {
        @Test("the primary wrote every shape that is to be shown, so that the other tests mean something")
        func primaryWroteAllShapes() async throws {
            let types = Set(try TrafficServers.current.primaryEvents().map(\.type))
            // QUERY, ROTATE, INTVAR, RAND, USER_VAR, FORMAT_DESCRIPTION, XID, BEGIN_LOAD_QUERY, EXECUTE_LOAD_QUERY, TABLE_MAP,
            // ROWS_QUERY, WRITE_ROWS, UPDATE_ROWS, DELETE_ROWS, GTID, XA_PREPARE, PARTIAL_UPDATE_ROWS, TRANSACTION_PAYLOAD, GTID_TAGGED
            #expect(types.isSuperset(of: [2, 4, 5, 13, 14, 15, 16, 17, 18, 19, 29, 30, 31, 32, 33, 38, 39, 40, 42]))
        }

        @Test("both replicas end with the primary's tables and its GTIDs")
        func replicasEqualPrimary() async throws {
            let servers = try TrafficServers.current
            try await servers.settle()
            let checksums = try await servers.primary.trafficChecksums()
            #expect(checksums.count > 15)
            for replica in servers.replicas {
                #expect(try await replica.trafficChecksums() == checksums)
                #expect(try await replica.executedGTIDSet() == servers.primary.executedGTIDSet())
                #expect(try await replica.query("XA RECOVER").isEmpty)
            }
        }
    }
}

extension MySQLServer {
    /// `CHECKSUM TABLE` of every table that the traffic fills.
    func trafficChecksums() async throws -> [String: String] {
        var checksums: [String: String] = [:]
        for database in TrafficShapes.databases { checksums.merge(try await tableChecksums(database)) { $1 } }
        return checksums
    }
}
