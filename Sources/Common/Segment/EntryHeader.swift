/// The first 16 bytes of SHA-256 over an entry's predecessor's chain and its own header: equal chains mean equal logs up to there.
public struct Chain: Hashable, Sendable {
    public static let byteCount = 16

    /// The 16 bytes, as two little-endian halves.
    public var low: UInt64
    public var high: UInt64

    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    public static let zero = Chain(low: 0, high: 0)
}

/// The header of a log entry, kept in a binlog file as the body of an IGNORABLE_LOG_EVENT, which every stock tool and replica skips.
///
/// Layout of the body, little-endian (`n` is the length of the upstream file name):
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 4 | magic `KBE1` |
/// | 4 | 1 | kind |
/// | 5 | 1 | chunk |
/// | 6 | 2 | n, at most 255 |
/// | 8 | 8 | term |
/// | 16 | 8 | index |
/// | 24 | 8 | epoch |
/// | 32 | 8 | upstream position |
/// | 40 | 8 | leader's commit index |
/// | 48 | 8 | payload length |
/// | 56 | 4 | CRC-32C of the payload |
/// | 60 | n | upstream file name |
/// | 60 + n | 16 | chain |
/// | 76 + n | 4 | CRC-32C of the bytes before |
/// | 80 + n | 8 | durable mark: highest index that this node knew durable when it wrote the record |
/// | 88 + n | 4 | CRC-32C of the durable mark |
/// | 92 + n | | payload, for kinds whose payload stands inside |
///
/// The durable mark belongs to the node and not to the entry: it is zero on the wire and outside the chain.
public struct EntryHeader: Hashable, Sendable {
    public static let magic: UInt32 = 0x3145_424B
    /// Bytes of the body without file name and payload.
    public static let fixedByteCount = 92
    /// The longest file name that an upstream may have (FN_REFLEN allows more in a path, not in a name).
    public static let maxFileNameBytes = 255
    /// The largest payload of one entry: one event of MySQL's largest packet, 1 GiB, and its header.
    public static let maxPayloadBytes: UInt64 = (1 << 30) + (1 << 20)

    public var kind: EntryKind
    public var chunk: Chunk
    public var term: UInt64
    public var index: UInt64
    /// Counts the upstreams that this cluster has had; 0 before the first.
    public var epoch: UInt64
    /// Name of the upstream's binlog file that holds the first event; empty where there is none.
    public var file: [UInt8]
    /// Offset of the first event in that file, in bytes; 64 bits, unlike `log_pos`.
    public var position: UInt64
    public var commitIndex: UInt64
    /// Bytes of payload.
    public var payloadLength: UInt64
    /// CRC-32C of the payload.
    public var payloadChecksum: UInt32
    public var chain: Chain

    public init(
        kind: EntryKind, chunk: Chunk = .whole, term: UInt64, index: UInt64, epoch: UInt64, file: [UInt8], position: UInt64,
        commitIndex: UInt64, payloadLength: UInt64, payloadChecksum: UInt32, chain: Chain = .zero
    ) {
        precondition(file.count <= Self.maxFileNameBytes)
        self.kind = kind
        self.chunk = chunk
        self.term = term
        self.index = index
        self.epoch = epoch
        self.file = file
        self.position = position
        self.commitIndex = commitIndex
        self.payloadLength = payloadLength
        self.payloadChecksum = payloadChecksum
        self.chain = chain
    }

    /// Bytes of the body, without a payload that stands inside.
    public var byteCount: Int { Self.fixedByteCount + file.count }

    /// Bytes of the whole entry in a file: event header, body, payload, and the header event's CRC-32 where the file has checksums.
    public func storedByteCount(checksum: ChecksumAlgorithm) -> UInt64 {
        UInt64(EventHeader.byteCount + byteCount + checksum.byteCount) + payloadLength
    }

    /// Decodes a body, which may be followed by more bytes.
    ///
    /// - Parameters:
    ///   - body: the bytes behind the event header.
    ///   - previous: a header decoded before, whose file name is shared where it is the same, so that a scan allocates nothing.
    /// - Throws: ``CodecError`` where the bytes are too few, a field is out of range or the header's CRC-32C is wrong.
    public init(decoding body: RawSpan, sharing previous: EntryHeader? = nil) throws(CodecError) {
        var reader = ByteReader(body)
        guard try reader.uint32() == Self.magic else { throw CodecError(.invalid, at: 0, "no entry header: the magic number is missing") }
        let kindByte = try reader.uint8()
        let chunkByte = try reader.uint8()
        let nameLength = Int(try reader.uint16())
        guard nameLength <= Self.maxFileNameBytes else {
            throw CodecError(.invalid, at: 6, "a file name of \(nameLength) bytes is too long")
        }
        term = try reader.uint64()
        index = try reader.uint64()
        epoch = try reader.uint64()
        position = try reader.uint64()
        commitIndex = try reader.uint64()
        payloadLength = try reader.uint64()
        payloadChecksum = try reader.uint32()
        let name = try reader.bytes(nameLength)
        chain = Chain(low: try reader.uint64(), high: try reader.uint64())
        let covered = reader.offset
        guard CRC32C.checksum(of: body.extracting(0..<covered)) == (try reader.uint32()) else {
            throw CodecError(.checksumMismatch, at: covered, "the entry header's CRC-32C is wrong")
        }
        try reader.skip(Self.durableMarkByteCount)
        // Only intact bytes can tell that a newer version wrote them: a flipped bit must not look like one.
        guard let kind = EntryKind(rawValue: kindByte) else { throw CodecError(.unsupported, at: 4, "entry kind \(kindByte) is unknown") }
        guard let chunk = Chunk(rawValue: chunkByte) else {
            throw CodecError(.unsupported, at: 5, "chunk position \(chunkByte) is unknown")
        }
        guard chunk == .whole || kind == .events else {
            throw CodecError(.invalid, at: 5, "chunk position \(chunkByte) is impossible in an entry of kind \(kind)")
        }
        guard index > 0, index < .max else { throw CodecError(.invalid, at: 16, "no entry has the index \(index)") }
        guard payloadLength <= Self.maxPayloadBytes else {
            throw CodecError(.invalid, at: 48, "a payload of \(payloadLength) bytes is larger than an entry may be")
        }
        self.kind = kind
        self.chunk = chunk
        if let previous, previous.file.span.bytes.isEqual(to: name) { file = previous.file } else { file = name.array }
    }

    /// Appends the fields that the chain covers.
    private func encodeFields(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: Self.magic)
        bytes.append(kind.rawValue)
        bytes.append(chunk.rawValue)
        bytes.append(littleEndian: UInt16(file.count))
        bytes.append(littleEndian: term)
        bytes.append(littleEndian: index)
        bytes.append(littleEndian: epoch)
        bytes.append(littleEndian: position)
        bytes.append(littleEndian: commitIndex)
        bytes.append(littleEndian: payloadLength)
        bytes.append(littleEndian: payloadChecksum)
        bytes.append(contentsOf: file)
    }

    /// The chain value that this header has behind a predecessor with chain `previous`.
    public func chain(after previous: Chain) -> Chain {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Chain.byteCount + byteCount)
        bytes.append(littleEndian: previous.low)
        bytes.append(littleEndian: previous.high)
        encodeFields(into: &bytes)
        return Chain(digesting: bytes.span.bytes)
    }

    /// Appends the body with a durable mark of zero, as it travels between nodes.
    public func encode(into bytes: inout [UInt8]) {
        let start = bytes.count
        encodeFields(into: &bytes)
        bytes.append(littleEndian: chain.low)
        bytes.append(littleEndian: chain.high)
        let covered = bytes.count
        bytes.append(littleEndian: CRC32C.checksum(of: bytes.span.bytes.extracting(start..<covered)))
        let mark = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: Self.durableMarkByteCount))
        Self.store(durableMark: 0, in: &bytes, at: mark)
    }

    /// Bytes of the durable mark and its checksum.
    private static let durableMarkByteCount = 12

    /// Where the durable mark stands in the body.
    private var durableMarkOffset: Int { 80 + file.count }

    private static func store(durableMark mark: UInt64, in bytes: inout [UInt8], at offset: Int) {
        bytes.store(littleEndian: mark, at: offset)
        let checksum = CRC32C.checksum(of: bytes.span.bytes.extracting(offset..<offset + 8))
        bytes.store(littleEndian: checksum, at: offset + 8)
    }

    /// Writes a durable mark and its checksum into bytes that hold this header's body from `start` on.
    public func stamp(durableMark mark: UInt64, in bytes: inout [UInt8], bodyAt start: Int) {
        precondition(mark < index)
        Self.store(durableMark: mark, in: &bytes, at: start + durableMarkOffset)
    }

    /// The durable mark of a body that was decoded to this header, or nil where its own CRC-32C is wrong.
    public func durableMark(in body: RawSpan) -> UInt64? {
        guard body.byteCount >= durableMarkOffset + Self.durableMarkByteCount else { return nil }
        let mark = body.extracting(durableMarkOffset..<durableMarkOffset + 8)
        let stored = body.unsafeLoadUnaligned(fromByteOffset: durableMarkOffset + 8, as: UInt32.self)
        guard CRC32C.checksum(of: mark) == UInt32(littleEndian: stored) else { return nil }
        return UInt64(littleEndian: mark.unsafeLoadUnaligned(as: UInt64.self))
    }
}
