import Testing

@testable import kingbus_node

@Suite struct UpstreamPositionTests {
    private func position(_ text: String) -> UpstreamPosition {
        let parts = text.split(separator: ":")
        return UpstreamPosition(file: Array(parts[0].utf8), offset: UInt64(parts[1])!)
    }

    @Test(arguments: [
        ("b.000001:4", "b.000001:4", true), ("b.000001:5", "b.000001:4", true), ("b.000001:4", "b.000001:5", false),
        ("b.000002:4", "b.000001:900", true), ("b.000001:900", "b.000002:4", false), ("b.000010:4", "b.000009:4", true),
        ("b.1000000:4", "b.999999:4", true), ("b.999999:4", "b.1000000:4", false),
        // What comes under a new name is new.
        ("c.000001:4", "b.000009:900", true), ("nodot:4", "b.000001:900", true), ("b.x:4", "b.000001:900", true),
    ])
    func `files are ordered by their numbers and offsets`(place: String, other: String, isAtOrBehind: Bool) {
        #expect(position(place).isAtOrBehind(position(other)) == isAtOrBehind)
    }

    @Test(arguments: [
        // Offset before, length, end modulo 2^32, offset after.
        (4 as UInt64, 100 as UInt32, 104 as UInt32, 4 as UInt64), (4, 100, 300, 200), (0xffff_fff0, 100, 0x54, 0xffff_fff0),
        (0xffff_fff0, 100, 0x154, 0x1_0000_00f0), (0x1_0000_0000, 100, 100, 0x1_0000_0000), (0x5_0000_0010, 16, 0x30, 0x5_0000_0020),
        (0x3_ffff_fff0, 0x20, 0x30, 0x4_0000_0010),
    ])
    func `a position of 32 bits advances one of 64`(before: UInt64, length: UInt32, end: UInt32, after: UInt64) {
        var position = UpstreamPosition(file: [], offset: before)
        position.advance(toStartOf: length, endingAt: end)
        #expect(position.offset == after)
    }
}
