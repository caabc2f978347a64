import Common

/// The hard state on disk: two slots of one file, each in a block of its own, with a sequence number and a checksum.
///
/// Every state is written to both slots, the older or damaged one first, each made durable before the next step. So a crash damages at most the
/// slot that was being written, whose state nobody has been told of, and the other holds the state before or the same; and a slot that
/// rots is covered by the other, where a single copy would silently bring back an older vote.
///
/// | offset in the slot | bytes | field |
/// |---|---|---|
/// | 0 | 4 | magic `KBH1` |
/// | 4 | 8 | sequence number |
/// | 12 | 8 | term |
/// | 20 | 8 | vote |
/// | 28 | 8 | durable |
/// | 36 | 8 | commit |
/// | 44 | 4 | CRC-32C of the bytes before |
struct HardStateFile {
    private static let magic: UInt32 = 0x3148_424B
    private static let slotByteCount = 48
    /// A block of its own each, so that writing one can not damage the other.
    private static let slotOffsets: [UInt64] = [0, 4096]

    private let file: any File
    private(set) var current: HardState
    private var sequence: UInt64
    /// The slot that is written first: where only one is intact, the other, so that there is always one.
    private var firstSlot = 0

    /// Makes the file with a state of zeros.
    static func create(_ path: String, in directory: String, _ fileSystem: any FileSystem) throws(LogError) {
        var bytes = encode(HardState(), sequence: 1)
        bytes.append(contentsOf: repeatElement(0, count: Int(slotOffsets[1]) - bytes.count))
        bytes.append(contentsOf: encode(HardState(), sequence: 1))
        try SmallFile.create(path, bytes, in: directory, fileSystem)
    }

    /// Reads the newest intact slot. Writes nothing.
    init(opening path: String, _ fileSystem: any FileSystem, mode: FileMode = .readWrite) throws(LogError) {
        file = try fileSystem.open(path, mode)
        var newest: (state: HardState, sequence: UInt64)?
        for (number, offset) in Self.slotOffsets.enumerated() {
            let bytes = try file.bytes(at: offset, count: Self.slotByteCount)
            guard let slot = Self.decode(bytes.span.bytes), slot.sequence > newest?.sequence ?? 0 else { continue }
            newest = slot
            firstSlot = 1 - number
        }
        guard let newest else {
            throw .corruption(file: path, "neither of its two slots is intact: the node's vote is not known")
        }
        current = newest.state
        sequence = newest.sequence
    }

    /// Makes `state` durable in both slots.
    mutating func write(_ state: HardState) throws(LogError) {
        let bytes = Self.encode(state, sequence: sequence + 1)
        for slot in [firstSlot, 1 - firstSlot] {
            try file.writeFully(bytes, at: Self.slotOffsets[slot])
            try file.sync()
        }
        sequence += 1
        current = state
    }

    private static func encode(_ state: HardState, sequence: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: magic)
        for field in [sequence, state.term, state.vote, state.durable, state.commit] { bytes.append(littleEndian: field) }
        return SmallFile.sealed(bytes)
    }

    private static func decode(_ bytes: RawSpan) -> (state: HardState, sequence: UInt64)? {
        guard let content = SmallFile.unsealed(bytes) else { return nil }
        var reader = ByteReader(content)
        guard (try? reader.uint32()) == magic, let sequence = try? reader.uint64(), let term = try? reader.uint64(),
            let vote = try? reader.uint64(), let durable = try? reader.uint64(), let commit = try? reader.uint64()
        else { return nil }
        return (HardState(term: term, vote: vote, durable: durable, commit: commit), sequence)
    }
}
