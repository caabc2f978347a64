import Common
import Testing

@Suite struct SegmentStateTests {
    @Test("a state survives encoding and decoding, and its file header is the same")
    func roundTrip() throws {
        let state = try SegmentSamples.fullState()
        let decoded = try LogState(decoding: state.encoded().span.bytes)
        #expect(decoded == state)
        #expect(try decoded.fileHeader() == state.fileHeader())
    }

    @Test("the checksum algorithm follows the format description", arguments: [ChecksumAlgorithm.none, .crc32, nil])
    func checksum(algorithm: ChecksumAlgorithm?) throws {
        var state = try SegmentSamples.fullState()
        var description = SegmentSamples.formatDescription(algorithm ?? .crc32)
        if algorithm == nil {
            // A server before 5.6.1 does not say.
            description = []
            FormatDescriptionEvent(serverVersion: "5.5.27", postHeaderLengths: [56, 13, 0, 8], checksum: nil)
                .encode(in: EventEnvelope(serverID: 1, checksum: .none), into: &description)
        }
        state.formatDescription = description
        #expect(state.checksum == algorithm ?? .none)
        let decoded = try LogState(decoding: state.encoded().span.bytes)
        #expect(decoded.checksum == algorithm ?? .none && decoded == state)
        #expect(try !decoded.fileHeader().isEmpty)
    }

    @Test("truncated and altered states are errors or states, and never trap")
    func hostile() throws {
        let bytes = try SegmentSamples.fullState().encoded()
        for length in 0..<bytes.count { _ = try? LogState(decoding: bytes.span.bytes.extracting(0..<length)) }
        var random = SplitMix64(seed: 11)
        for _ in 0..<20_000 {
            var changed = bytes
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let state = try? LogState(decoding: changed.span.bytes) else { continue }
            _ = try? state.fileHeader()
        }
    }

    @Test("a field of a newer version is an error of its own")
    func unknownField() throws {
        var bytes = try SegmentSamples.fullState().encoded()
        bytes.append(littleEndian: UInt16(999))
        bytes.append(littleEndian: UInt32(0))
        let error = #expect(throws: CodecError.self) { try LogState(decoding: bytes.span.bytes) }
        #expect(error?.code == .unsupported)
    }
}
