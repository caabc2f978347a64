import Common

/// GTID sets as text and encoded, what is reckoned with them, and MariaDB's lists. What was read must come back from what is written of it.
///
/// Input: what it is, in one byte, then its bytes.
enum GTIDTarget: Target {
    private static let kindCount: UInt8 = 7
    /// Bytes of the first fields: the count and a source's id, or an id as text.
    private static let headerByteCount = 16

    static func run(_ input: UnsafeRawBufferPointer) -> Depth {
        guard let kind = input.first else { return .refused }
        do throws(CodecError) {
            try read(input.dropping(1), kind % kindCount)
            return .answered
        } catch {
            return error.offset >= headerByteCount ? .pastHeader : .refused
        }
    }

    private static func read(_ input: UnsafeRawBufferPointer, _ kind: UInt8) throws(CodecError) {
        let bytes = input.bytes
        let halves = (bytes.extracting(0..<bytes.byteCount / 2), bytes.extracting(bytes.byteCount / 2..<bytes.byteCount))
        switch kind {
        case 0: check(try GTIDSet(parsing: bytes))
        case 1: check(try GTIDSet(decoding: bytes))
        case 2: check(try MariaDBGTIDPosition(parsing: bytes.string))
        case 3:
            let gtid = try GTID(parsing: bytes.string)
            precondition((try? GTID(parsing: gtid.description)) == gtid)
        case 4:
            var event: [UInt8] = []
            EventHeader(type: .gtidList, serverID: 1, eventLength: UInt32(EventHeader.byteCount + bytes.byteCount)).encode(into: &event)
            event.append(bytes)
            check(try GTIDListEvent(decoding: event.span.bytes, checksum: .none).position)
        case 5: check(try GTIDSet(parsing: halves.0), try GTIDSet(parsing: halves.1))
        default: check(try GTIDSet(decoding: halves.0), try GTIDSet(decoding: halves.1))
        }
    }

    private static func check(_ position: MariaDBGTIDPosition) {
        precondition((try? MariaDBGTIDPosition(parsing: position.description)) == position)
    }

    private static func check(_ set: GTIDSet) {
        precondition((try? GTIDSet(decoding: set.encoded().span.bytes)) == set)
        precondition((try? GTIDSet(parsing: set.description)) == set)
        check(set, GTIDSet())
    }

    private static func check(_ first: GTIDSet, _ second: GTIDSet) {
        let union = first.union(second)
        let common = first.intersection(second)
        precondition(first.isSubset(of: union) && second.isSubset(of: union))
        precondition(common.isSubset(of: first) && common.isSubset(of: second))
        precondition(first.subtracting(second).union(common) == first)
        precondition(first.subtracting(second).intersection(second).isEmpty)
    }

    static func seeds() throws -> [[UInt8]] {
        let source = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
        let sets = [
            "", "\(source):1", "\(source):1-5:7:9-11", "\(source):1-3:tag:5-9:other:1",
            "\(source):1-18446744073709551614,d3cbdedb-e555-11f1-a893-02fc00000001:9223372036854775806",
            "214eb71f-e555-11f1-a893-02fc00000001:1-1000:2000-3000,\n\(source):5:a_tag:1",
        ]
        var seeds: [[UInt8]] = []
        for text in sets {
            seeds.append([0] + text.utf8)
            seeds.append([5] + text.utf8 + text.utf8)
            guard let set = try? GTIDSet(parsing: text) else { continue }
            seeds.append([1] + set.encoded())
            seeds.append([6] + set.encoded() + set.encoded())
        }
        for text in ["0-1-1", "0-1-100,7-42-18446744073709551615", "4294967295-1-5"] { seeds.append([2] + text.utf8) }
        for text in ["\(source):1", "\(source):tag:77"] { seeds.append([3] + text.utf8) }
        for (_, events) in try Recorded.files() {
            for event in events where event.count <= Recorded.maxEventBytes {
                if event[4] == EventType.gtidList.rawValue { seeds.append([4] + event[EventHeader.byteCount...]) }
                if event[4] == EventType.previousGTIDs.rawValue { seeds.append([1] + event[EventHeader.byteCount...]) }
            }
        }
        return seeds
    }
}
