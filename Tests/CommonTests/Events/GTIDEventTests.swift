import Common
import Testing

@Suite struct GTIDEventTests {
    private static let uuid = "01234567-89ab-cdef-0123-456789abcdef"

    private static let uuidBytes: [UInt8] = [
        0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
    ]

    /// The fixed part: flags, UUID, number.
    private func head(number: UInt64) -> [UInt8] {
        var bytes: [UInt8] = [1] + Self.uuidBytes
        bytes.append(littleEndian: number)
        return bytes
    }

    private func clock(lastCommitted: UInt64, sequenceNumber: UInt64) -> [UInt8] {
        var bytes: [UInt8] = [2]
        bytes.append(littleEndian: lastCommitted)
        bytes.append(littleEndian: sequenceNumber)
        return bytes
    }

    private func decode(_ type: EventType, _ body: [UInt8], checksum: ChecksumAlgorithm = .crc32) throws -> GTIDEvent {
        let bytes = EventScript.raw(type, body: body, checksum: checksum)
        return try GTIDEvent(decoding: bytes.span.bytes, checksum: checksum)
    }

    @Test("5.6 ends behind the number, 5.7 behind the clock")
    func oldServers() throws {
        let old = try decode(.gtid, head(number: 23))
        #expect(old.gtid?.description == Self.uuid + ":23")
        #expect(old.lastCommitted == nil && old.transactionLength == nil)

        let newer = try decode(.gtid, head(number: 23) + clock(lastCommitted: 5, sequenceNumber: 6), checksum: .none)
        #expect(newer.lastCommitted == 5 && newer.sequenceNumber == 6 && newer.immediateCommitTimestamp == nil)

        let otherClock = try decode(.gtid, head(number: 23) + [1, 9, 9])
        #expect(otherClock.gtid != nil && otherClock.lastCommitted == nil)
    }

    @Test("8.0 adds times, length and versions; the original ones only where they differ")
    func newServers() throws {
        var body = head(number: 1) + clock(lastCommitted: 0, sequenceNumber: 1)
        body.append(1_700_000_000_000_000, byteCount: 7)
        body.append(lengthEncoded: 70_000)
        body.append(littleEndian: UInt32(80_036))
        var event = try decode(.gtid, body)
        #expect(event.immediateCommitTimestamp == 1_700_000_000_000_000 && event.originalCommitTimestamp == 1_700_000_000_000_000)
        #expect(event.transactionLength == 70_000)
        #expect(event.immediateServerVersion == 80_036 && event.originalServerVersion == 80_036 && event.commitGroupTicket == nil)

        body = head(number: 1) + clock(lastCommitted: 0, sequenceNumber: 1)
        body.append(1_700_000_000_000_001 | 1 << 55, byteCount: 7)
        body.append(1_700_000_000_000_000, byteCount: 7)
        body.append(lengthEncoded: 250)
        body.append(littleEndian: UInt32(90_704) | 1 << 31)
        body.append(littleEndian: UInt32(80_036))
        body.append(littleEndian: UInt64(12))
        event = try decode(.gtid, body)
        #expect(event.immediateCommitTimestamp == 1_700_000_000_000_001 && event.originalCommitTimestamp == 1_700_000_000_000_000)
        #expect(event.immediateServerVersion == 90_704 && event.originalServerVersion == 80_036 && event.commitGroupTicket == 12)
    }

    @Test("a number that no GTID can have is refused", arguments: [0, UInt64(Int64.max), UInt64.max])
    func badNumbers(number: UInt64) {
        #expect(throws: CodecError.self) { try decode(.gtid, head(number: number)) }
    }

    @Test("an anonymous group has no number")
    func anonymous() throws {
        #expect(try decode(.anonymousGTID, head(number: 0)).gtid == nil)
        #expect(throws: CodecError.self) { try decode(.anonymousGTID, head(number: 1)) }
    }

    // MARK: - Tagged

    /// MySQL's variable-length integer, written the slow way: the number's bits behind a run of ones and a zero.
    private func variable(_ value: UInt64) -> [UInt8] {
        var length = 1
        while length < 9, value >> UInt64(7 * length) != 0 { length += 1 }
        if length == 9 {
            var bytes: [UInt8] = [0xff]
            bytes.append(littleEndian: value)
            return bytes
        }
        var bytes: [UInt8] = []
        bytes.append(value << UInt64(length) | (1 << UInt64(length - 1) - 1), byteCount: length)
        return bytes
    }

    private func signed(_ value: Int64) -> [UInt8] { variable(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    private func message(_ fields: [(UInt64, [UInt8])], version: UInt64 = 1, lastThatMatters: UInt64 = 0) -> [UInt8] {
        let payload = variable(lastThatMatters) + fields.flatMap { variable($0.0) + $0.1 }
        var length = payload.count
        while variable(version).count + variable(UInt64(length)).count + payload.count != length { length += 1 }
        return variable(version) + variable(UInt64(length)) + payload
    }

    private var identity: [(UInt64, [UInt8])] {
        [(0, [2]), (1, Self.uuidBytes.flatMap { variable(UInt64($0)) }), (2, signed(42)), (3, variable(3) + Array("tag".utf8))]
    }

    @Test("the integers of the documentation are read as it says")
    func documentedIntegers() throws {
        #expect(variable(65_535) == [0b1111_1011, 0b1111_1111, 0b0000_0111])
        #expect(signed(-65_535) == [0b1110_1011, 0b1111_1111, 0b0000_1111])
    }

    @Test("a tagged event's fields are read; absent ones are as MySQL takes them")
    func tagged() throws {
        let few =
            identity + [(4, signed(7)), (5, signed(8)), (6, variable(1_700_000_000_000_000)), (8, variable(337)), (9, variable(90_704))]
        let event = try decode(.gtidTagged, message(few))
        #expect(event.gtid?.description == Self.uuid + ":tag:42")
        #expect(event.flags == 1 && event.lastCommitted == 7 && event.sequenceNumber == 8)
        #expect(event.originalCommitTimestamp == 1_700_000_000_000_000 && event.originalServerVersion == 90_704)
        #expect(event.transactionLength == 337 && event.commitGroupTicket == nil)

        let all = few.dropLast(2) + [(7, variable(9)), (8, variable(1)), (9, variable(90_704)), (10, variable(80_300)), (11, variable(3))]
        let full = try decode(.gtidTagged, message(Array(all)), checksum: .none)
        #expect(full.originalCommitTimestamp == 9 && full.originalServerVersion == 80_300 && full.commitGroupTicket == 3)
    }

    @Test("integers of every width are read", arguments: 0...64)
    func everyWidth(bits: Int) throws {
        let value = bits == 64 ? UInt64.max : (1 << UInt64(bits)) - 1
        let event = try decode(.gtidTagged, message(identity + [(8, variable(value))]))
        #expect(event.transactionLength == value)
        let minimum = Int64(bitPattern: ~(value >> 1))
        #expect(try decode(.gtidTagged, message(identity + [(4, signed(minimum))])).lastCommitted == minimum)
    }

    @Test("a field from the future is passed over if it may be, and an error if not")
    func futureFields() throws {
        let fields = identity + [(8, variable(99)), (12, [1, 2, 3])]
        #expect(try decode(.gtidTagged, message(fields)).transactionLength == 99)
        #expect(try decode(.gtidTagged, message(fields, lastThatMatters: 12)).transactionLength == 99)
        #expect(throws: CodecError.self) { try decode(.gtidTagged, message(fields, lastThatMatters: 13)) }
        #expect(throws: CodecError.self) { try decode(.gtidTagged, message(fields, version: 2)) }
    }

    @Test("a tagged event without its identity is refused", arguments: 1...3)
    func missingIdentity(field: UInt64) {
        #expect(throws: CodecError.self) { try decode(.gtidTagged, message(identity.filter { $0.0 != field })) }
    }
}
