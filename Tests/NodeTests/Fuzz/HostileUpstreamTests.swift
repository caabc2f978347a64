import Common
import Testing

@testable import kingbus_node

/// Whatever a source sends: it is stored as a log that folds, or the connection ends with a reason.
@Suite struct HostileUpstreamTests {
    private static let files = [
        "mysql-9.7.4-shapes.000001", "mysql-9.7.4-shapes.000002", "kingbus-5.7.23-gtid.000011", "connector-nochecksum.000001",
    ]

    /// Takes what the assembler has, and folds it as consensus would; nothing is written.
    private func take(_ assembler: inout DumpAssembler, _ factory: inout EntryFactory) throws -> Int {
        var bytes = 0
        while let batch = assembler.takeBatch(eager: true) {
            bytes += batch.byteCount
            if let format = batch.newFormat {
                var next = factory.state
                next.formatDescription = format
                next.epoch = 1
                next.file = batch.file
                next.position = batch.position
                _ = try factory.segment(next, term: 1, commitIndex: 0)
            }
            _ = try factory.events(batch, term: 1, commitIndex: 0)
        }
        return bytes
    }

    @Test(arguments: files) func `mutated dumps of real files end in a reason or in a log that folds`(name: String) throws {
        let fixture = try LogFixture()
        let events = try Corpus.events(name)
        var random = SeededGenerator(seed: UInt64(Self.files.firstIndex(of: name) ?? 0))
        var outcomes: [String: Int] = [:]
        for _ in 0..<600 {
            let first = Int.random(in: 0..<max(1, events.count - 60), using: &random)
            var stream = [events[0]] + events[max(1, first)...].prefix(Int.random(in: 1...60, using: &random))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let victim = Int.random(in: 0..<stream.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: stream.swapAt(victim, Int.random(in: 0..<stream.count, using: &random))
                case 1: stream.remove(at: victim)
                case 2: stream.insert(stream[victim], at: victim)
                default:
                    var event = Mutation.damage(stream[victim], &random)
                    repair(&event, &random)
                    stream[victim] = event
                }
                if stream.isEmpty { stream = [events[0]] }
            }
            var start = fixture.assemblerStart()
            if name.contains("nochecksum") { start.checksum = .none }
            var bytes = SourceStream.packets([SourceStream.artificialRotate("b.000001", checksum: start.checksum)] + stream)
            if Int.random(in: 0..<4, using: &random) == 0 { bytes = Mutation.damage(bytes, &random) }
            var assembler = DumpAssembler(start)
            var factory = fixture.factory
            var taken = 0
            do {
                for piece in Mutation.pieces(bytes, &random) {
                    try assembler.receive(piece.span.bytes)
                    taken += try take(&assembler, &factory)
                }
                outcomes["accepted", default: 0] += 1
            } catch let failure as UpstreamFailure { outcomes[failure.code, default: 0] += 1 }
            // Every fold above succeeded, and nothing is held beyond what came.
            #expect(assembler.builder.byteCount + taken <= bytes.count)
        }
        print("hostile dump of \(name): \(outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
        #expect(outcomes["malformed_stream", default: 0] > 0)
    }

    /// Often makes length and checksum right again, so that the damage is met behind those two checks.
    private func repair(_ event: inout [UInt8], _ random: inout SeededGenerator) {
        guard event.count >= EventHeader.byteCount + 4, Int.random(in: 0..<4, using: &random) > 0 else { return }
        event.store(littleEndian: UInt32(event.count), at: 9)
        let end = event.count - 4
        event.store(littleEndian: eventChecksum(of: event.span.bytes.extracting(0..<end)), at: end)
    }

    @Test func `fifty thousand answers of a hostile server end the login or the preparation`() {
        var random = SeededGenerator(seed: 41)
        let ours = UpstreamPreparation.Ours(
            executed: SourceFile.set("1-9"), isFirstContact: false, startSet: nil, serverID: 77, serverUUID: SourceFile.source,
            heartbeatNanoseconds: 1)
        let seeds = ["ON", "1", "CRC32", "\(SourceFile.source):1-9", "\(SourceFile.source):5#12:6#13", "", "8.4.3"].map { Array($0.utf8) }
        var outcomes: [String: Int] = [:]
        for _ in 0..<50_000 {
            var preparation = UpstreamPreparation(ours)
            do throws(UpstreamFailure) {
                while preparation.nextRequest() != nil {
                    let row: [[UInt8]?] = (0..<7).map { index in
                        let value = index == 3 || index == 4 ? seeds[index == 3 ? 0 : 1] : seeds.randomElement(using: &random) ?? []
                        return Int.random(in: 0..<9, using: &random) == 0 ? Mutation.damage(value, &random) : value
                    }
                    try preparation.receive(ResultSet(columns: row.map { _ in ColumnDefinition.text("c") }, rows: [row]))
                }
                outcomes["accepted", default: 0] += 1
            } catch { outcomes[error.code, default: 0] += 1 }
        }
        #expect(outcomes.count > 3)
    }
}
