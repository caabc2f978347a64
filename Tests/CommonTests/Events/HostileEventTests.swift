import Common
import Testing

/// Bytes that no server wrote: every decoder answers with a value or an error.
@Suite struct HostileEventTests {
    /// Events of every kind that has a decoder.
    private static func samples() throws -> [[UInt8]] {
        var samples: [[UInt8]] = []
        for name in ["kingbus-5.7.23-relay.000286", "connector-nochecksum.000001", "mysql-9.7.4-shapes.000001"] {
            samples += try BinlogFile(name).events.map(\.bytes).filter { $0.count < 600 }.prefix(name.contains("shapes") ? 80 : 25)
        }
        let envelope = EventEnvelope(serverID: 1, checksum: .crc32)
        var bytes: [UInt8] = []
        HeartbeatEvent.encodeV2(fileName: "binlog.000001".utf8, position: 1 << 40, serverID: 1, checksum: .crc32, into: &bytes)
        samples.append(bytes)
        bytes = []
        HeartbeatEvent.encode(fileName: "binlog.000001".utf8, position: 1 << 40, serverID: 1, checksum: .crc32, into: &bytes)
        samples.append(bytes)
        bytes = []
        QueryEvent.encode("XA START X'61',X'62',1".utf8, database: "d".utf8, in: envelope, into: &bytes)
        samples.append(bytes)
        let xid: [UInt8] = [1, 1, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0] + Array("abcde".utf8)
        samples.append(EventScript.raw(.xaPrepare, body: xid))
        let tagged: [UInt8] =
            [0x02, 0x5a, 0x00, 0x00, 0x02, 0x02] + [UInt8](repeating: 0x24, count: 16) + [0x04, 0x54, 0x06, 0x06]
            + Array("tag".utf8) + [0x08, 0x00, 0x0a, 0x04, 0x0c, 0x7f, 0x00, 0x3e, 0x89, 0x00, 0xfa, 0x5b, 0x06, 0x10, 0x45, 0x05]
        samples.append(EventScript.raw(.gtidTagged, body: tagged))
        return samples
    }

    @Test("the tagged sample is one")
    func taggedSample() throws {
        let bytes = try #require(try Self.samples().last)
        #expect(try GTIDEvent(decoding: bytes.span.bytes, checksum: .crc32).gtid?.tag.description == "tag")
    }

    @Test("an event cut off anywhere is an error or a value, whatever its length field says")
    func truncation() throws {
        var decoders = EveryDecoder()
        for sample in try Self.samples() {
            for count in 0...sample.count {
                var bytes = Array(sample.prefix(count))
                decoders.run(bytes)
                if count >= EventHeader.byteCount {
                    bytes.store(littleEndian: UInt32(count), at: 9)
                    decoders.run(bytes)
                }
            }
        }
    }

    @Test("mutated events trap nothing", arguments: 0..<10)
    func mutations(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        var decoders = EveryDecoder()
        let samples = try Self.samples()
        for _ in 0..<5_000 { decoders.run(Self.mutated(samples.randomElement(using: &generator)!, &generator)) }
    }

    private static func mutated(_ event: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
        var bytes = event
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: bytes.removeLast(Int.random(in: 0...min(8, bytes.count), using: &generator))
            case 1: bytes += generator.bytes(Int.random(in: 0...9, using: &generator))
            case 2 where !bytes.isEmpty:
                bytes[bytes.indices.randomElement(using: &generator)!] = [0, 1, 0x7f, 0x80, 0xfc, 0xfe, 0xff].randomElement(
                    using: &generator)!
            default:
                if let index = bytes.indices.randomElement(using: &generator) {
                    bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
            }
        }
        if Bool.random(using: &generator), bytes.count >= EventHeader.byteCount { bytes.store(littleEndian: UInt32(bytes.count), at: 9) }
        return bytes
    }

    /// Every event of the corpus, and the kinds that no server of today writes under the types of those that it does.
    private static func recorded() throws -> [[UInt8]] {
        try BinlogFile.names.flatMap { try BinlogFile($0).events.map(\.bytes) }.filter { $0.count < 2048 }
    }

    @Test("all recorded events, mutated 100 000 times, trap nothing and claim no memory that they do not fill", arguments: 0..<10)
    func recordedMutations(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(1000 + seed))
        var decoders = EveryDecoder()
        let samples = Dictionary(grouping: try Self.recorded()) { $0[4] }.values.map { Array($0.prefix(40)) }.sorted { $0[0][4] < $1[0][4] }
        #expect(samples.count > 30)
        let types = samples.map { $0[0][4] } + [1, 6, 8, 9, 10, 11, 12, 26, 36, 37, 41, 43, 163, 164, 169, 170, 171, 172]
        for _ in 0..<10_000 {
            // Each type as often as any other, whatever the corpus has most of; now and then another type's body.
            var bytes = samples.randomElement(using: &generator)!.randomElement(using: &generator)!
            if Int.random(in: 0..<4, using: &generator) == 0 { bytes[4] = types.randomElement(using: &generator)! }
            decoders.run(Self.mutated(bytes, &generator))
        }
        // The largest real one has 300 045 bytes. Nothing that a flipped bit claims comes near the bounds.
        #expect(decoders.longest < 1 << 20)
        // Many mutations leave an event that can be read; most of them go past the header.
        #expect(decoders.answers > 2_000)
    }
}
