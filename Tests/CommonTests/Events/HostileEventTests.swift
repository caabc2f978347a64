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

    /// Runs every decoder; whatever they answer is right, as long as they answer.
    private func decodeAll(_ bytes: [UInt8], _ boundary: inout TransactionBoundary) {
        let span = bytes.span.bytes
        for checksum in [ChecksumAlgorithm.none, .crc32] {
            _ = try? GTIDEvent(decoding: span, checksum: checksum)
            _ = try? XIDEvent(decoding: span, checksum: checksum)
            do throws(CodecError) { _ = try RotateEvent(decoding: span, checksum: checksum) } catch {}
            do throws(CodecError) { _ = try HeartbeatEvent(decoding: span, checksum: checksum) } catch {}
            do throws(CodecError) { _ = try PreviousGTIDsEvent(decoding: span, checksum: checksum) } catch {}
            do throws(CodecError) { _ = try IgnorableEvent(decoding: span, checksum: checksum) } catch {}
            do throws(CodecError) { _ = try QueryEvent(decoding: span, checksum: checksum) } catch {}
            do throws(CodecError) { _ = try XAPrepareEvent(decoding: span, checksum: checksum) } catch {}
            if let header = try? EventHeader(decoding: span) {
                if case .aborts? = try? boundary.consume(header, head: span, checksum: checksum) { boundary.reset() }
            }
        }
        _ = try? FormatDescriptionEvent(decoding: span)
        _ = try? verifyChecksum(event: span)
        var rewritten: [UInt8] = []
        try? FormatDescriptionEvent.encode(rewriting: span, created: 0, endPosition: 0, into: &rewritten)
    }

    @Test("the tagged sample is one")
    func taggedSample() throws {
        let bytes = try #require(try Self.samples().last)
        #expect(try GTIDEvent(decoding: bytes.span.bytes, checksum: .crc32).gtid?.tag.description == "tag")
    }

    @Test("an event cut off anywhere is an error or a value, whatever its length field says")
    func truncation() throws {
        var boundary = TransactionBoundary()
        for sample in try Self.samples() {
            for count in 0...sample.count {
                var bytes = Array(sample.prefix(count))
                decodeAll(bytes, &boundary)
                if count >= EventHeader.byteCount {
                    bytes.store(littleEndian: UInt32(count), at: 9)
                    decodeAll(bytes, &boundary)
                }
            }
        }
    }

    @Test("mutated events trap nothing", arguments: 0..<10)
    func mutations(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        var boundary = TransactionBoundary()
        let samples = try Self.samples()
        for _ in 0..<5_000 {
            var bytes = samples.randomElement(using: &generator)!
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
            if Bool.random(using: &generator), bytes.count >= EventHeader.byteCount {
                bytes.store(littleEndian: UInt32(bytes.count), at: 9)
            }
            decodeAll(bytes, &boundary)
        }
    }
}
