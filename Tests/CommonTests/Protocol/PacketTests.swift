import Common
import Testing

@Suite struct PacketTests {
    private static let full = PacketFraming.maxPacketPayloadBytes

    private func payloads(_ parser: inout PacketParser) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        while let range = try parser.next() { found.append(parser.payload(range).array) }
        return found
    }

    @Test("a packet is three bytes of length, one of sequence, and the payload")
    func layout() {
        var writer = PacketWriter(sequence: 3)
        writer.append([0xaa, 0xbb])
        writer.append([])
        #expect(writer.bytes == [2, 0, 0, 3, 0xaa, 0xbb, 0, 0, 0, 4])
        #expect(writer.sequence == 5)
    }

    @Test("a long payload is split, and an exact multiple ends with an empty packet", arguments: [(-1, 1), (0, 2), (1, 2)])
    func split(difference: Int, packets: Int) throws {
        let payload = [UInt8](repeating: 7, count: Self.full + difference)
        var writer = PacketWriter(sequence: 255)
        writer.append(payload)
        #expect(writer.bytes.count == PacketFraming.framedByteCount(of: payload.count))
        #expect(writer.bytes.count == payload.count + packets * PacketFraming.headerByteCount)
        #expect(writer.sequence == 255 &+ UInt8(packets))

        var parser = PacketParser(nextSequence: 255, maxPayloadBytes: payload.count)
        parser.feed(writer.bytes.span.bytes)
        #expect(try payloads(&parser) == [payload])
        #expect(parser.nextSequence == writer.sequence)
        #expect(parser.bufferedByteCount == 0)
    }

    @Test("two full packets and a short one make one payload, with the next payload behind it")
    func joined() throws {
        var generator = SeededGenerator(seed: 5)
        let payload = (0..<2 * Self.full + 10).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        var writer = PacketWriter(sequence: 0)
        writer.append(payload)
        writer.append([1, 2, 3])
        var parser = PacketParser(maxPayloadBytes: .max)
        var found: [[UInt8]] = []
        for start in stride(from: 0, to: writer.bytes.count, by: 3_000_001) {
            parser.feed(writer.bytes.span.bytes.extracting(start..<min(start + 3_000_001, writer.bytes.count)))
            found += try payloads(&parser)
        }
        #expect(found == [payload, [1, 2, 3]])
    }

    @Test("packets may arrive in pieces of any size", arguments: 1...11)
    func pieces(size: Int) throws {
        let sent: [[UInt8]] = [[1], [], [2, 3, 4, 5, 6, 7], [8, 9]]
        var writer = PacketWriter(sequence: 0)
        for payload in sent { writer.append(payload) }
        var parser = PacketParser()
        var found: [[UInt8]] = []
        for start in stride(from: 0, to: writer.bytes.count, by: size) {
            parser.feed(writer.bytes.span.bytes.extracting(start..<min(start + size, writer.bytes.count)))
            found += try payloads(&parser)
        }
        #expect(found == sent)
    }

    @Test("a payload over the limit is refused at its header, before any byte of it is held")
    func limit() throws {
        var parser = PacketParser(maxPayloadBytes: 100)
        parser.feed(([100, 0, 0, 0] as [UInt8]).span.bytes)
        #expect(try parser.next() == nil)
        parser = PacketParser(maxPayloadBytes: 100)
        parser.feed(([101, 0, 0, 0] as [UInt8]).span.bytes)
        #expect(throws: PacketError.tooLarge(limitBytes: 100)) { try parser.next() }
        #expect(throws: PacketError.tooLarge(limitBytes: 100)) { try parser.next() }
    }

    @Test("continuation packets count towards the limit together")
    func limitOfJoined() throws {
        var writer = PacketWriter(sequence: 0)
        writer.append([UInt8](repeating: 0, count: Self.full + 1))
        var parser = PacketParser(maxPayloadBytes: Self.full)
        parser.feed(writer.bytes.span.bytes)
        #expect(throws: PacketError.tooLarge(limitBytes: Self.full)) { try parser.next() }
    }

    @Test("a wrong sequence number is an error unless the check is off")
    func sequence() throws {
        let bytes: [UInt8] = [0, 0, 0, 4]
        var parser = PacketParser(nextSequence: 3)
        parser.feed(bytes.span.bytes)
        #expect(throws: PacketError.outOfOrder(expected: 3, found: 4)) { try parser.next() }
        var scanner = PacketScanner(nextSequence: 3)
        scanner.checksSequence = false
        var offset = 0
        #expect(try scanner.next(in: bytes.span.bytes, from: &offset)?.endsPayload == true)
        #expect(scanner.nextSequence == 5)
    }

    @Test("the bytes behind a packet can be taken back, for the TLS layer")
    func unscanned() throws {
        var parser = PacketParser()
        parser.feed(([1, 0, 0, 0, 9, 0x16, 0x03, 0x01] as [UInt8]).span.bytes)
        let range = try #require(try parser.next())
        let payload = parser.payload(range).array
        #expect(payload == [9])
        #expect(parser.takeUnscanned() == [0x16, 0x03, 0x01])
        parser.feed(([1, 0, 0, 1, 8] as [UInt8]).span.bytes)
        #expect(try payloads(&parser) == [[8]])
    }

    @Test("a scanner hands out a long payload in fragments and marks its two ends")
    func fragments() throws {
        var scanner = PacketScanner()
        /// Where fragments stand, which of them begin a payload and which end one.
        func scan(_ bytes: [UInt8]) throws -> [(Range<Int>, begins: Bool, ends: Bool)] {
            var offset = 0
            var found: [(Range<Int>, begins: Bool, ends: Bool)] = []
            while let fragment = try scanner.next(in: bytes.span.bytes, from: &offset) {
                found.append((fragment.range, fragment.beginsPayload, fragment.endsPayload))
            }
            return found
        }
        #expect(try scan([5, 0]).isEmpty)
        #expect(scanner.isInsidePayload)
        let first = try scan([0, 0, 1, 2])
        #expect(first.elementsEqual([(2..<4, begins: true, ends: false)], by: ==))
        let second = try scan([3, 4, 5, 0, 0, 0, 1])
        #expect(second.elementsEqual([(0..<3, begins: false, ends: true), (7..<7, begins: true, ends: true)], by: ==))
        #expect(!scanner.isInsidePayload)
    }
}
