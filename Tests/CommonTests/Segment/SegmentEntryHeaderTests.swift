import Common
import Testing

@Suite struct SegmentEntryHeaderTests {
    private func sample(_ kind: EntryKind, chunk: Chunk = .whole, name: String = "binlog.000123") -> EntryHeader {
        EntryHeader(
            kind: kind, chunk: chunk, term: 5, index: 99, epoch: 2, file: Array(name.utf8), position: 1 << 35, commitIndex: 97,
            payloadLength: 4096, payloadChecksum: 0xdead_beef, chain: Chain(low: 1, high: 2))
    }

    @Test("a header survives encoding and decoding", arguments: EntryKind.allCases, [0, 1, 13, 255])
    func roundTrip(kind: EntryKind, nameLength: Int) throws {
        let header = sample(kind, chunk: kind == .events ? .middle : .whole, name: String(repeating: "x", count: nameLength))
        var bytes: [UInt8] = [1, 2, 3]
        header.encode(into: &bytes)
        #expect(bytes.count == 3 + header.byteCount)
        try expect(header, markedWith: 0, in: bytes.span.bytes.extracting(3..<bytes.count))
        header.stamp(durableMark: 42, in: &bytes, bodyAt: 3)
        try expect(header, markedWith: 42, in: bytes.span.bytes.extracting(3..<bytes.count))
    }

    private func expect(_ header: EntryHeader, markedWith mark: UInt64, in body: RawSpan) throws {
        #expect(try EntryHeader(decoding: body) == header)
        #expect(try EntryHeader(decoding: body, sharing: header) == header)
        #expect(header.durableMark(in: body) == mark)
    }

    @Test("every truncation and every flipped bit is an error, or touches the durable mark alone")
    func hostile() throws {
        let header = sample(.events)
        var bytes: [UInt8] = []
        header.encode(into: &bytes)
        for length in 0..<bytes.count {
            #expect(throws: CodecError.self) { try EntryHeader(decoding: bytes.span.bytes.extracting(0..<length)) }
        }
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if bit / 8 < bytes.count - 12 {
                let error = #expect(throws: CodecError.self) { try EntryHeader(decoding: changed.span.bytes) }
                #expect(error?.code != .unsupported, "a flipped bit looks like a newer version")
            } else {
                #expect(try EntryHeader(decoding: changed.span.bytes) == header)
                #expect(header.durableMark(in: changed.span.bytes) == nil)
            }
        }
    }

    @Test("an index that has no predecessor or no successor is refused", arguments: [0, UInt64.max])
    func impossible(index: UInt64) {
        var header = sample(.events)
        header.index = index
        var bytes: [UInt8] = []
        header.encode(into: &bytes)
        #expect(throws: CodecError.self) { try EntryHeader(decoding: bytes.span.bytes) }
    }

    @Test("the chain depends on every field and on what comes before")
    func chain() {
        let header = sample(.events)
        let chain = header.chain(after: .zero)
        #expect(chain != header.chain(after: Chain(low: 0, high: 1)))
        var changes: [EntryHeader] = Array(repeating: header, count: 9)
        changes[0].kind = .abort
        changes[1].chunk = .end
        changes[2].term += 1
        changes[3].index += 1
        changes[4].epoch += 1
        changes[5].file = []
        changes[6].position += 1
        changes[7].payloadLength += 1
        changes[8].payloadChecksum += 1
        #expect(changes.allSatisfy { $0.chain(after: .zero) != chain })
    }
}
