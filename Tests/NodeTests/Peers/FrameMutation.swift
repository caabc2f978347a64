import Common

@testable import kingbus_node

/// Damages a row of frames as a broken or hostile peer would.
enum FrameMutation {
    /// Flips, cuts and insertions in one of the frames; frames that come twice, in another order, or not at all. Half of the damaged
    /// frames have a right checksum, so that they reach the decoders.
    static func damage(_ frames: [RecordedFrame], _ random: inout SeededGenerator) -> [UInt8] {
        var frames = frames
        guard !frames.isEmpty else { return [] }
        let at = Int.random(in: 0..<frames.count, using: &random)
        var raw: [UInt8]?
        switch Int.random(in: 0..<10, using: &random) {
        case 0: frames.insert(frames[at], at: Int.random(in: 0...frames.count, using: &random))
        case 1: frames.swapAt(at, Int.random(in: 0..<frames.count, using: &random))
        case 2: frames.remove(at: at)
        case 3, 4, 5, 6: frames[at] = damaged(frames[at], &random)
        default: raw = Mutation.damage(frames[at].bytes, &random)
        }
        var bytes: [UInt8] = []
        for (number, frame) in frames.enumerated() {
            if number == at, let raw { bytes += raw } else { bytes += frame.bytes }
        }
        return bytes
    }

    private static func damaged(_ frame: RecordedFrame, _ random: inout SeededGenerator) -> RecordedFrame {
        var frame = frame
        switch Int.random(in: 0..<8, using: &random) {
        case 0: frame.kind = UInt8.random(in: 0...12, using: &random)
        case 1: frame.flags = UInt8.random(in: 0...3, using: &random)
        case 2: repair(&frame, &random)
        default: frame.body = Mutation.damage(frame.body, &random)
        }
        return frame
    }

    /// Changes a field of an entry's header and makes the header's own checksum right.
    private static func repair(_ frame: inout RecordedFrame, _ random: inout SeededGenerator) {
        guard frame.kind == PeerFrame.Kind.entry.rawValue || frame.kind == PeerFrame.Kind.found.rawValue, frame.body.count > 100 else {
            frame.body = Mutation.damage(frame.body, &random)
            return
        }
        let covered = 76 + Int(frame.body[6])
        guard covered + 4 <= frame.body.count else { return }
        let at = Int.random(in: 4..<60, using: &random)
        frame.body[at] = UInt8.random(in: 0...255, using: &random)
        frame.body.store(littleEndian: CRC32C.checksum(of: frame.body.span.bytes.extracting(0..<covered)), at: covered)
    }
}
