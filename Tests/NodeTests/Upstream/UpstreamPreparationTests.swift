import Common
import Testing

@testable import kingbus_node

@Suite struct UpstreamPreparationTests {
    private static let uuid = SourceFile.source.description

    private func ours(executed: String = "", isFirstContact: Bool = false, startSet: String? = nil) -> UpstreamPreparation.Ours {
        UpstreamPreparation.Ours(
            executed: SourceFile.set(executed), isFirstContact: isFirstContact, startSet: startSet.map(SourceFile.set), serverID: 77,
            serverUUID: SourceID(high: 1, low: 2), heartbeatNanoseconds: 5_000_000_000)
    }

    private func row(_ values: [String]) -> ResultSet {
        ResultSet(columns: values.map { ColumnDefinition.text($0) }, rows: [values.map { Array($0.utf8) }])
    }

    private func facts(
        serverID: String = "1", mode: String = "ON", logBin: String = "1", checksum: String = "CRC32", purged: String = ""
    ) -> ResultSet {
        row(["8.4.3", serverID, Self.uuid, mode, logBin, checksum, purged])
    }

    /// Answers the questions in order; the failure, or nil when the dump may begin.
    private func run(
        _ preparation: inout UpstreamPreparation, facts: ResultSet, owned: String = "", executed: String = ""
    ) -> UpstreamFailure? {
        var questions = 0
        do throws(UpstreamFailure) {
            while let request = preparation.nextRequest() {
                questions += 1
                guard case .query(let bytes) = request else {
                    try preparation.receive(nil)
                    continue
                }
                let text = String(decoding: bytes, as: UTF8.self)
                if text.contains("gtid_mode") {
                    try preparation.receive(facts)
                } else if text.contains("gtid_owned") {
                    try preparation.receive(row([owned]))
                } else if text.contains("gtid_executed") {
                    try preparation.receive(row([executed]))
                } else {
                    try preparation.receive(nil)
                }
            }
        } catch { return error }
        #expect(questions == 7)
        return nil
    }

    @Test(arguments: [
        ("OFF", "1", "1", "gtid_mode"), ("ON_PERMISSIVE", "1", "1", "gtid_mode"), ("ON", "0", "1", "log_bin"),
        ("ON", "1", "77", "server_id"),
    ])
    func `an upstream that cannot be pulled from blocks`(mode: String, logBin: String, serverID: String, code: String) {
        var preparation = UpstreamPreparation(ours())
        let failure = run(&preparation, facts: facts(serverID: serverID, mode: mode, logBin: logBin))
        #expect(failure?.kind == .blocked)
        #expect(failure?.code == code)
    }

    @Test func `an unknown variable means another flavour, a denied one a missing grant, anything else another try`() {
        let preparation = UpstreamPreparation(ours())
        #expect(preparation.failure(ErrorPacket(.unknownSystemVariable, "x")).code == "flavour")
        #expect(preparation.failure(ErrorPacket(.unknownSystemVariable, "x")).kind == .blocked)
        #expect(preparation.failure(ErrorPacket(.specificAccessDenied, "x")).code == "access_denied")
        #expect(preparation.failure(ErrorPacket(.specificAccessDenied, "x")).kind == .retry)
        #expect(preparation.failure(ErrorPacket(.serverShutdown, "x")).code == "query_failed")
    }

    @Test func `the first contact begins behind what the upstream purged, or behind the set that was given`() {
        let purged = "\(Self.uuid):1-5"
        var preparation = UpstreamPreparation(ours(isFirstContact: true))
        #expect(run(&preparation, facts: facts(purged: purged), executed: "\(Self.uuid):1-9") == nil)
        #expect(preparation.dumpSet == SourceFile.set("1-5"))
        var given = UpstreamPreparation(ours(isFirstContact: true, startSet: "1-7"))
        #expect(run(&given, facts: facts(purged: purged), executed: "\(Self.uuid):1-9") == nil)
        #expect(given.dumpSet == SourceFile.set("1-7"))
    }

    @Test func `later contacts ask for what is committed, whatever start set was given`() {
        var preparation = UpstreamPreparation(ours(executed: "1-8", startSet: "1-2"))
        #expect(run(&preparation, facts: facts(), executed: "\(Self.uuid):1-9") == nil)
        #expect(preparation.dumpSet == SourceFile.set("1-8"))
        guard case .binlogDumpGTID(let command) = preparation.dumpCommand else {
            Issue.record("no dump by GTID")
            return
        }
        #expect(command.encodedGTIDSet == SourceFile.set("1-8").encoded())
        #expect(command.serverID == 77)
    }

    @Test func `what the upstream purged and we lack is named`() {
        var preparation = UpstreamPreparation(ours(executed: "1-3"))
        let failure = run(&preparation, facts: facts(purged: "\(Self.uuid):1-5"), executed: "\(Self.uuid):1-9")
        #expect(failure?.code == "purged")
        #expect(failure?.kind == .blocked)
        #expect(failure?.missing == SourceFile.set("4-5"))
    }

    @Test func `what we hold and the upstream does not know is named`() {
        var preparation = UpstreamPreparation(ours(executed: "1-12"))
        let failure = run(&preparation, facts: facts(), executed: "\(Self.uuid):1-9")
        #expect(failure?.code == "errant")
        #expect(failure?.errant == SourceFile.set("10-12"))
    }

    @Test func `a transaction that waits for its acknowledgement is owned, and no errant one`() {
        var preparation = UpstreamPreparation(ours(executed: "1-12"))
        let failure = run(
            &preparation, facts: facts(), owned: "\(Self.uuid):10#41:11#42:12#7,\n4e11fa47-71ca-11e1-9e33-c80aa9429562:5#3",
            executed: "\(Self.uuid):1-9")
        #expect(failure == nil)
        #expect(preparation.facts.owned.isSubset(of: SourceFile.set("10-12")) == false)
        #expect(SourceFile.set("10-12").isSubset(of: preparation.facts.owned))
    }

    @Test(arguments: ["not a set", "\(uuid):0", "\(uuid):5-"])
    func `a set that cannot be read is worth another try`(text: String) {
        var preparation = UpstreamPreparation(ours())
        #expect(run(&preparation, facts: facts(), executed: text)?.code == "query_failed")
        var other = UpstreamPreparation(ours())
        #expect(run(&other, facts: facts(purged: text))?.kind == .retry)
    }

    @Test func `an answer without a row, or with too few columns, is worth another try`() {
        var preparation = UpstreamPreparation(ours())
        #expect(throws: UpstreamFailure.self) { try preparation.receive(nil) }
        #expect(throws: UpstreamFailure.self) { try preparation.receive(self.row(["8.4.3", "1"])) }
    }

    @Test(arguments: [("CRC32", ChecksumAlgorithm.crc32), ("crc32", .crc32), ("NONE", .none)])
    func `the checksum that the upstream writes is known before its first event`(text: String, algorithm: ChecksumAlgorithm) {
        var preparation = UpstreamPreparation(ours())
        #expect(run(&preparation, facts: facts(checksum: text)) == nil)
        #expect(preparation.facts.checksum == algorithm)
    }
}
