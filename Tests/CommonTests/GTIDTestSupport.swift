import Common

/// A seeded generator (SplitMix64): a failing round can be run again.
struct GTIDTestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

/// UUIDs whose order is that of their last digit.
enum TestUUID {
    static let zero = "00000000-0000-0000-0000-000000000000"
    static let one = "00000000-0000-0000-0000-000000000001"
    static let bytes = "00010203-0405-0607-0809-0a0b0c0d0e0f"
    static let high = "ffffffff-ffff-ffff-ffff-ffffffffffff"
}

/// The error of parsing `text` as a set, nil if it is one.
func gtidSetError(parsing text: String) -> CodecError? {
    do {
        _ = try GTIDSet(parsing: text)
        return nil
    } catch {
        return error
    }
}

/// The error of decoding `bytes` as a set, nil if they are one.
func gtidSetError(decoding bytes: [UInt8]) -> CodecError? {
    do {
        _ = try GTIDSet(decoding: bytes.span.bytes)
        return nil
    } catch {
        return error
    }
}
