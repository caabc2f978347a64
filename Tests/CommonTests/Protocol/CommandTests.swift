import Common
import Testing

@Suite struct CommandTests {
    /// Each command, and how many of its bytes are required.
    static let commands: [(command: ClientCommand, requiredBytes: Int)] = [
        (.quit, 1), (.ping, 1), (.statistics, 1), (.resetConnection, 1), (.initDatabase(Array("shop".utf8)), 1),
        (.query(Array("SELECT 1".utf8)), 1), (.processKill(77), 5), (.setOption(1), 3), (.unsupported(0x16), 1), (.unsupported(0xfa), 1),
        (
            .registerReplica(
                .init(serverID: 2, host: Array("replica-1".utf8), user: [], password: [], port: 3306, rank: 0, sourceID: 1)),
            1 + 4 + 10 + 1 + 1 + 2 + 4 + 4
        ),
        (.binlogDump(.init(position: 4, flags: .nonBlocking, serverID: 0, file: Array("binlog.000001".utf8))), 11),
        (
            .binlogDumpGTID(
                .init(flags: [.heartbeatV2, .throughGTID], serverID: 9, file: [0, 0, 0], position: 1 << 33, encodedGTIDSet: [8, 7, 6])),
            1 + 2 + 4 + 4 + 3 + 8 + 4 + 3
        ),
    ]

    @Test("a command survives, and each truncation of what it needs throws", arguments: commands)
    func roundTrip(command: ClientCommand, requiredBytes: Int) throws {
        let payload = command.encoded()
        #expect(try ClientCommand(decoding: payload.span.bytes) == command)
        for count in 0..<requiredBytes {
            #expect(throws: CodecError.self) { try ClientCommand(decoding: payload.span.bytes.extracting(0..<count)) }
        }
    }

    @Test("the layout of a GTID dump is the manual's")
    func dumpLayout() {
        let command = BinlogDumpGTIDCommand(flags: .throughGTID, serverID: 3, encodedGTIDSet: [0xaa])
        #expect(
            ClientCommand.binlogDumpGTID(command).encoded() == [
                0x1e, 4, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xaa,
            ])
    }

    @Test("bytes behind a command are passed over")
    func trailing() throws {
        let payload: [UInt8] = ClientCommand.ping.encoded() + [0, 1, 2]
        #expect(try ClientCommand(decoding: payload.span.bytes) == .ping)
    }

    @Test("a length that lies about a set of GTIDs throws")
    func lyingLength() {
        var payload = CommandTests.commands[CommandTests.commands.count - 1].command.encoded()
        payload.store(littleEndian: UInt32.max, at: payload.count - 7)
        #expect(throws: CodecError.self) { try ClientCommand(decoding: payload.span.bytes) }
    }

    @Test("a semi-sync ACK survives, with or without a zero byte at its end")
    func ack() throws {
        let ack = SemiSyncACK(file: Array("binlog.000003".utf8), position: 5 << 32)
        let payload = ack.encoded()
        #expect(payload.starts(with: [0xef, 0, 0, 0, 0, 5, 0, 0, 0, UInt8(ascii: "b")]))
        #expect(try SemiSyncACK(decoding: payload.span.bytes) == ack)
        let terminated = payload + [0]
        #expect(try SemiSyncACK(decoding: terminated.span.bytes) == ack)
        for count in 0..<9 { #expect(throws: CodecError.self) { try SemiSyncACK(decoding: payload.span.bytes.extracting(0..<count)) } }
        let otherMagic = [0xee] + payload.dropFirst()
        #expect(throws: CodecError.self) { try SemiSyncACK(decoding: otherMagic.span.bytes) }
    }

    @Test("the two bytes before a semi-sync event say whether an ACK is wanted", arguments: [false, true])
    func prefix(needsACK: Bool) throws {
        var bytes: [UInt8] = []
        SemiSyncEventPrefix(needsACK: needsACK).encode(into: &bytes)
        #expect(bytes == [0xef, needsACK ? 1 : 0])
        var reader = ByteReader(bytes.span.bytes)
        let prefix = try SemiSyncEventPrefix(reading: &reader)
        #expect(prefix.needsACK == needsACK)
        for broken: [UInt8] in [[], [0xef], [0xee, 1]] {
            #expect(throws: CodecError.self) {
                var reader = ByteReader(broken.span.bytes)
                _ = try SemiSyncEventPrefix(reading: &reader)
            }
        }
    }
}
