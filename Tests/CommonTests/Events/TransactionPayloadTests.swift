import CZstd
import Common
import Testing

@Suite struct TransactionPayloadTests {
    private static let statements = "mysql-9.7.4-statements.000001"

    // MARK: - Making payloads

    private static func compressed(_ bytes: [UInt8], level: Int32 = 3) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
            count = bytes.withUnsafeBytes { ZSTD_compress(buffer.baseAddress, buffer.count, $0.baseAddress, $0.count, level) }
        }
    }

    private static func event(_ payload: [UInt8], compression: UInt64 = 0, size: Int? = nil, uncompressed: Int? = nil) -> [UInt8] {
        var body: [UInt8] = []
        func append(_ field: UInt64, _ number: UInt64) {
            var value: [UInt8] = []
            value.append(lengthEncoded: number)
            body.append(lengthEncoded: field)
            body.append(lengthEncoded: value)
        }
        append(2, compression)
        if let uncompressed { append(3, UInt64(uncompressed)) }
        append(1, UInt64(size ?? payload.count))
        body.append(0)
        return EventScript.raw(.transactionPayload, body: body + payload)
    }

    /// Events as they stand in a payload: without checksums.
    private static func inner(_ sizes: [Int]) -> [UInt8] {
        sizes.flatMap { EventScript.raw(.writeRows, body: [UInt8](repeating: UInt8($0 % 251), count: $0), checksum: .none) }
    }

    // MARK: - Reading them

    /// The events of a payload, read in pieces of `step` bytes.
    private func events(_ bytes: [UInt8], step: Int = .max, checksum: ChecksumAlgorithm = .crc32) throws(CodecError) -> [[UInt8]] {
        let event = try TransactionPayloadEvent(decoding: bytes.span.bytes, checksum: checksum)
        var reader = try TransactionPayloadReader(event)
        var events: [[UInt8]] = []
        var start = 0
        while true {
            let end = min(event.payload.byteCount, start + min(step, event.payload.byteCount))
            var piece = ByteReader(event.payload.extracting(start..<end))
            reading: while true {
                switch try reader.next(&piece) {
                case .event(let header):
                    #expect(Int(header.eventLength) == reader.event.byteCount)
                    events.append(reader.event.array)
                case .needsInput: break reading
                case .end: return events
                }
            }
            guard end > start else { throw CodecError(.truncated, at: end, "the payload is used up") }
            start = end
        }
    }

    @Test("the transactions of a real server are read whole, in pieces of any size", arguments: [1, 7, 64, Int.max])
    func real(step: Int) throws {
        let file = try BinlogFile(Self.statements)
        var shapes: [String] = []
        for (_, bytes) in file.events where try EventHeader(decoding: bytes.span.bytes).type == .transactionPayload {
            let inner = try events(bytes, step: step)
            let names = try inner.map { try EventHeader(decoding: $0.span.bytes).type.description }
            shapes.append(names.joined(separator: " "))
            let payload = try TransactionPayloadEvent(decoding: bytes.span.bytes, checksum: .crc32)
            #expect(payload.uncompressedSize == UInt64(inner.map(\.count).reduce(0, +)))
            for event in inner where try EventHeader(decoding: event.span.bytes).type == .query {
                let text = try QueryEvent(decoding: event.span.bytes, checksum: .none).query.string
                #expect(text == "BEGIN" || text.hasPrefix("XA "))
            }
        }
        let insert = "Query Rows_query Table_map Write_rows Xid"
        #expect(
            shapes == [
                "Query Rows_query Table_map Write_rows Rows_query Table_map Update_rows Rows_query Table_map Delete_rows Xid", insert,
                insert,
                insert, "Query Rows_query Table_map Write_rows Query XA_prepare",
            ])
    }

    @Test("events of every size come out as they went in", arguments: [1000, 65536, Int.max])
    func sizes(step: Int) throws {
        let sizes = [0, 1, 100, 131_053, 131_054, 300_000, 3, 1_000_000, 5]
        let bytes = Self.inner(sizes)
        for compression in [0, 255] as [UInt64] {
            let payload = compression == 0 ? Self.compressed(bytes) : bytes
            let read = try events(Self.event(payload, compression: compression, uncompressed: bytes.count), step: step)
            #expect(read.map(\.count) == sizes.map { $0 + EventHeader.byteCount })
            #expect(read.flatMap { $0 } == bytes)
        }
    }

    @Test("a payload may be several frames, or say nothing of its size, or be empty")
    func odd() throws {
        let (first, second) = (Self.inner([10, 20]), Self.inner([30]))
        #expect(try events(Self.event(Self.compressed(first) + Self.compressed(second))).count == 3)
        // A frame's end need not be an event's.
        let both = first + second
        let split = Self.compressed(Array(both[..<50])) + Self.compressed(Array(both[50...]))
        #expect(try events(Self.event(split)).count == 3)
        #expect(try events(Self.event([], uncompressed: 0)).isEmpty)
        #expect(try events(Self.event(Self.compressed([]), uncompressed: 0)).isEmpty)
    }

    @Test("a payload that lies or ends early is an error")
    func lies() throws {
        let bytes = Self.inner([100, 200])
        let payload = Self.compressed(bytes)
        var wrongLength = bytes
        wrongLength.store(littleEndian: UInt32.max, at: EventHeader.eventLengthOffset)
        var tooShort = bytes
        tooShort.store(littleEndian: UInt32(3), at: EventHeader.eventLengthOffset)
        var damaged = payload
        damaged[damaged.count / 2] ^= 0xff
        let lies: [([UInt8], CodecError.Code)] = [
            (Self.event(payload, size: payload.count + 1), .invalid),
            (Self.event(payload, size: Int.max), .invalid),
            (Self.event(payload, uncompressed: bytes.count - 1), .invalid),
            (Self.event(payload, uncompressed: bytes.count + 1), .invalid),
            (Self.event(payload, uncompressed: Int.max), .invalid),
            (Self.event(payload, compression: 1), .unsupported),
            (Self.event(Array(payload.dropLast(3))), .truncated),
            (Self.event(payload + [1, 2, 3, 4]), .invalid),
            (Self.event(Self.compressed(Array(bytes.dropLast()))), .truncated),
            (Self.event(Self.compressed(bytes + [1])), .truncated),
            (Self.event(Self.compressed(wrongLength)), .invalid),
            (Self.event(Self.compressed(tooShort)), .invalid),
            (Self.event(Self.compressed(Self.event(payload))), .invalid),
            (Self.event([1, 2, 3, 4, 5]), .invalid),
            (Self.event(bytes.dropLast(), compression: 255), .truncated),
        ]
        for (index, (event, code)) in lies.enumerated() {
            #expect("lie \(index)", performing: { _ = try events(event) }, throws: { ($0 as? CodecError)?.code == code })
        }
        // Wherever the damage is, there is an answer.
        do throws(CodecError) { _ = try events(Self.event(damaged)) } catch {}
        // A payload that says too little of itself.
        let silent = EventScript.raw(.transactionPayload, body: [1, 1, 0, 0])
        #expect(throws: CodecError.self) { _ = try TransactionPayloadEvent(decoding: silent.span.bytes, checksum: .crc32) }
    }

    @Test("a frame that wants a window larger than the bound is refused")
    func window() throws {
        // A frame header without a content size, whose window is 2^28 bytes; then one raw block of nothing.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, (28 - 10) << 3, 0x01, 0x00, 0x00]
        #expect { try events(Self.event(frame)) } throws: { "\($0)".contains("requires too much memory") }
        let largest: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, 0x01, 0x00, 0x00]
        #expect(try events(Self.event(largest)).isEmpty)
    }

    @Test("a large payload of small events is read without memory for it")
    func bounded() throws {
        // 200 MB that compress to next to nothing.
        let event = EventScript.raw(.writeRows, body: [UInt8](repeating: 7, count: 1 << 20), checksum: .none)
        let payload = (0..<200).flatMap { _ in Self.compressed(event) }
        let bytes = Self.event(payload, uncompressed: 200 * event.count)
        let head = try TransactionPayloadEvent(decoding: bytes.span.bytes, checksum: .crc32)
        var reader = try TransactionPayloadReader(head)
        var input = ByteReader(head.payload)
        var count = 0
        while case .event = try reader.next(&input) {
            #expect(reader.offset == UInt64(count * event.count))
            count += 1
        }
        #expect(count == 200)
    }

    @Test("the beginning of an event is enough for its sizes")
    func head() throws {
        let bytes = Self.event(Self.compressed(Self.inner([1000])), uncompressed: 1019)
        let head = try TransactionPayloadEvent(decoding: bytes.span.bytes.extracting(0..<45), checksum: .crc32)
        #expect(head.compression == .zstd && head.uncompressedSize == 1019)
        #expect(head.payloadOffset + Int(head.payloadSize) + 4 == bytes.count)
        #expect(head.payload.byteCount == 45 - head.payloadOffset)
    }
}
