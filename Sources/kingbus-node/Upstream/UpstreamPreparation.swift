import Common

/// What is asked of an upstream between the login and the dump, and what the answers must be: a table of questions, without IO.
///
///     while let request = try preparation.nextRequest() {
///         // send it, then:
///         try preparation.receive(answer)
///     }
///     // preparation.dump is what to ask for
struct UpstreamPreparation {
    /// What Kingbus brings along.
    struct Ours: Sendable {
        /// Every committed transaction, and those that were lost before the first.
        var executed: GTIDSet
        /// Whether nothing has ever come from an upstream.
        var isFirstContact: Bool
        /// Begin after this set instead of the upstream's gtid_purged; on the first contact only.
        var startSet: GTIDSet?
        var serverID: UInt32
        var serverUUID: SourceID
        var heartbeatNanoseconds: UInt64
    }

    /// What the upstream told about itself.
    struct Facts: Hashable, Sendable {
        var version = ""
        var serverID: UInt32 = 0
        var serverUUID = ""
        var checksum = ChecksumAlgorithm.none
        var purged = GTIDSet()
        var owned = GTIDSet()
        var executed = GTIDSet()
    }

    private enum Step: Int {
        case facts, owned, executed, heartbeat, checksum, uuid, register, done
    }

    private let ours: Ours
    private var step = Step.facts
    private(set) var facts = Facts()
    /// The set to ask the dump for; known when there are no more requests.
    private(set) var dumpSet = GTIDSet()

    init(_ ours: Ours) { self.ours = ours }

    /// The next command to send, or nil when the dump can begin.
    func nextRequest() -> ClientCommand? {
        switch step {
        case .facts:
            .sql(
                "SELECT @@GLOBAL.version, @@GLOBAL.server_id, @@GLOBAL.server_uuid, @@GLOBAL.gtid_mode, @@GLOBAL.log_bin, "
                    + "@@GLOBAL.binlog_checksum, @@GLOBAL.gtid_purged")
        case .owned: .sql("SELECT @@GLOBAL.gtid_owned")
        case .executed: .sql("SELECT @@GLOBAL.gtid_executed")
        case .heartbeat:
            .sql("SET @master_heartbeat_period = \(ours.heartbeatNanoseconds), @source_heartbeat_period = \(ours.heartbeatNanoseconds)")
        case .checksum:
            .sql("SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum")
        case .uuid: .sql("SET @slave_uuid = '\(ours.serverUUID)', @replica_uuid = '\(ours.serverUUID)'")
        case .register: .registerReplica(RegisterReplicaCommand(serverID: ours.serverID))
        case .done: nil
        }
    }

    /// The command that begins the dump.
    var dumpCommand: ClientCommand {
        .binlogDumpGTID(
            BinlogDumpGTIDCommand(flags: [.throughGTID, .heartbeatV2], serverID: ours.serverID, encodedGTIDSet: dumpSet.encoded()))
    }

    /// Takes in the error that answers the current request.
    func failure(_ error: ErrorPacket) -> UpstreamFailure {
        if step == .facts, error.code == .unknownSystemVariable {
            return .blocked(
                "flavour", "the upstream is no MySQL server of 5.6 or newer: \(error.message)",
                hint: "Kingbus pulls from MySQL; name a MySQL server with kingbus-ctl upstream set.")
        }
        if error.code == .specificAccessDenied || error.code == .accessDenied {
            return .retry(
                "access_denied", "the upstream refuses: \(error.message)",
                hint: "Grant it there: GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO the user of the upstream's URL.")
        }
        return .retry("query_failed", "the upstream answered error \(error.code.rawValue): \(error.message)")
    }

    /// Takes in the answer to the current request: rows for a question, nil for an OK.
    mutating func receive(_ result: ResultSet?) throws(UpstreamFailure) {
        switch step {
        case .facts: try receiveFacts(result)
        case .owned: facts.owned = try set(Self.withoutOwners(result?.text(row: 0, column: 0) ?? ""), of: "gtid_owned")
        case .executed:
            facts.executed = try set(result?.text(row: 0, column: 0) ?? "", of: "gtid_executed")
            try compareSets()
        case .heartbeat, .checksum, .uuid, .register, .done: break
        }
        step = Step(rawValue: step.rawValue + 1) ?? .done
    }

    private mutating func receiveFacts(_ result: ResultSet?) throws(UpstreamFailure) {
        guard let result, result.rows.count == 1, result.columns.count == 7 else {
            throw .retry("query_failed", "the upstream's answer to the first question has no row")
        }
        facts.version = result.text(row: 0, column: 0) ?? ""
        facts.serverID = UInt32(result.text(row: 0, column: 1) ?? "") ?? 0
        facts.serverUUID = result.text(row: 0, column: 2) ?? ""
        let mode = result.text(row: 0, column: 3) ?? ""
        guard mode == "ON" else {
            throw .blocked(
                "gtid_mode", "the upstream has gtid_mode=\(mode), and Kingbus keeps transactions by their GTIDs",
                hint: "Set gtid_mode=ON and enforce_gtid_consistency=ON on the upstream.")
        }
        let logBin = result.text(row: 0, column: 4) ?? ""
        guard logBin == "1" || logBin.uppercased() == "ON" else {
            throw .blocked("log_bin", "the upstream writes no binary log", hint: "Start the upstream with --log-bin.")
        }
        guard facts.serverID != ours.serverID else {
            throw .blocked(
                "server_id", "the upstream's server_id \(facts.serverID) is Kingbus's own",
                hint: "Give one of them another: --server-id on a new data directory, or server_id on the upstream.")
        }
        facts.checksum = result.text(row: 0, column: 5)?.uppercased() == "CRC32" ? .crc32 : .none
        facts.purged = try set(result.text(row: 0, column: 6) ?? "", of: "gtid_purged")
    }

    private func set(_ text: String, of variable: String) throws(UpstreamFailure) -> GTIDSet {
        do throws(CodecError) { return try GTIDSet(parsing: text) } catch {
            throw .retry("query_failed", "the upstream's \(variable) cannot be read: \(error)")
        }
    }

    /// `uuid:5#12:6#13` names the thread that owns each number.
    private static func withoutOwners(_ text: String) -> String {
        var result = ""
        var isOwner = false
        for character in text {
            if character == "#" { isOwner = true } else if isOwner, !character.isNumber { isOwner = false }
            if !isOwner { result.append(character) }
        }
        return result
    }

    private mutating func compareSets() throws(UpstreamFailure) {
        dumpSet = ours.isFirstContact ? ours.startSet ?? facts.purged : ours.executed
        let errant = dumpSet.subtracting(facts.executed.union(facts.owned))
        guard errant.isEmpty else {
            var failure = UpstreamFailure.blocked(
                "errant",
                "the upstream lacks transactions that Kingbus holds: \(errant)",
                hint: "It was restored, reset or replaced by an older copy. Pull from a server that has them, or start an empty cluster.")
            failure.errant = errant
            throw failure
        }
        let missing = facts.purged.subtracting(dumpSet)
        guard missing.isEmpty else {
            var failure = UpstreamFailure.blocked(
                "purged", "the upstream has purged transactions that Kingbus needs: \(missing)",
                hint: "Pull from a server that still has them, or start an empty cluster.")
            failure.missing = missing
            throw failure
        }
    }
}

extension ClientCommand {
    fileprivate static func sql(_ text: String) -> ClientCommand { .query(Array(text.utf8)) }
}
