@testable import kingbus_node

/// Damages bytes as a broken or hostile peer would.
enum Mutation {
    private static let edges: [UInt8] = [0, 1, 2, 3, 0x0e, 0x12, 0x1e, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]

    /// One to three damages: flips, overwrites, insertions, removals, cuts, repetitions.
    static func damage(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let at = Int.random(in: 0...max(0, bytes.count - 1), using: &random)
            let byte = Bool.random(using: &random) ? edges.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where !bytes.isEmpty: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1 where !bytes.isEmpty: bytes[at] = byte
            case 2: bytes.insert(byte, at: min(at, bytes.count))
            case 3 where !bytes.isEmpty: bytes.remove(at: at)
            case 4: bytes.removeSubrange(min(at, bytes.count)...)
            case 5: bytes.insert(contentsOf: bytes[min(at, bytes.count)...].prefix(24), at: min(at, bytes.count))
            case 6: bytes += (0..<Int.random(in: 1..<12, using: &random)).map { _ in byte }
            default:
                // Four bytes that are read as one number.
                for offset in at..<min(at + 4, bytes.count) { bytes[offset] = byte }
            }
        }
        return bytes
    }

    /// A payload in a packet that is mostly right, and otherwise lies about its length or its number.
    static func packet(_ payload: [UInt8], sequence: UInt8, _ random: inout SeededGenerator) -> [UInt8] {
        var length = payload.count
        var sequence = sequence
        switch Int.random(in: 0..<24, using: &random) {
        case 0: length += Int.random(in: 1...4, using: &random)
        case 1: length = max(0, length - Int.random(in: 1...4, using: &random))
        case 2: length = 0xff_ffff
        case 3: length = 0
        case 4: sequence = UInt8.random(in: 0...255, using: &random)
        default: break
        }
        return [
            UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length >> 16), sequence,
        ]
            + payload
    }

    /// Cuts bytes where a read may end.
    static func pieces(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
        guard bytes.count > 1, Int.random(in: 0..<3, using: &random) == 0 else { return [bytes] }
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...rest.count, using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}
