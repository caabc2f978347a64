import Common

/// What a consumer announced in user variables before its dump command. Newer servers set each under two names; the newer one counts.
extension SessionVariables {
    enum AnnouncedChecksum: Hashable, Sendable {
        /// The consumer said nothing: it cannot read events that carry checksums.
        case unaware
        case none
        case crc32
        /// A name that is neither NONE nor CRC32.
        case unknown(String)
    }

    private func announced(_ names: String...) -> SQLValue? {
        names.lazy.map(userVariable).first { $0 != .null }
    }

    /// Nanoseconds between heartbeats; 0 turns them off, nil was not said.
    var heartbeatPeriodNanoseconds: UInt64? {
        announced("source_heartbeat_period", "master_heartbeat_period")?.unsignedInteger
    }

    var announcedChecksum: AnnouncedChecksum {
        guard let value = announced("source_binlog_checksum", "master_binlog_checksum"), let text = value.text else { return .unaware }
        switch text.uppercased() {
        case "NONE", "0": return .none
        case "CRC32", "1": return .crc32
        default: return .unknown(text)
        }
    }

    /// The replica's server_uuid, as it wrote it, and no longer than one is: it goes into the log and into status answers.
    var replicaUUID: String? {
        guard let text = announced("replica_uuid", "slave_uuid")?.text else { return nil }
        return String(decoding: text.utf8.prefix(SourceID.textByteCount), as: UTF8.self)
    }

    /// The consumer wants semi-synchronous replication.
    var isSemiSyncReplica: Bool { announced("rpl_semi_sync_replica", "rpl_semi_sync_slave")?.truth ?? false }

    /// MariaDB's MARIA_SLAVE_CAPABILITY_…: 4 reads GTID events; nil for MySQL.
    var mariaDBCapability: UInt64? { announced("mariadb_slave_capability")?.unsignedInteger }

    /// MariaDB's start position as a list of domain-server-sequence.
    var slaveConnectState: String? { announced("slave_connect_state")?.text }
    var slaveGTIDStrictMode: Bool { announced("slave_gtid_strict_mode")?.truth ?? false }
    var slaveGTIDIgnoreDuplicates: Bool { announced("slave_gtid_ignore_duplicates")?.truth ?? false }
    var slaveUntilGTID: String? { announced("slave_until_gtid")?.text }
}
