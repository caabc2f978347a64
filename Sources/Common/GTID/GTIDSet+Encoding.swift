/// MySQL's binary forms of a set, as they stand in PREVIOUS_GTIDS events and in COM_BINLOG_DUMP_GTID (`Gtid_set::encode` in
/// sql/rpl_gtid_set.cc).
///
///     u64   untagged: number of sources
///           tagged: 1 in the lowest and in the highest byte, number of sources and tags between
///     for each source and tag:
///       16  source
///       u8  tagged only: twice the length of the tag, then its characters
///       u64 number of ranges
///       for each range: u64 first number, u64 last number + 1
///
/// The tagged form exists since 8.3 and is used only for sets that have a tag. Newer sources also know a compact third form
/// (libs/mysql/gtids/readme.md, "Binary v2"), which no server writes; it is refused as unsupported.
extension GTIDSet {
    /// What the highest byte of the first word says.
    private enum Format: UInt8 {
        case untagged = 0
        case tagged = 1

        /// Bytes of a source without ranges and with an empty tag.
        var minEntryByteCount: Int {
            switch self {
            case .untagged: SourceID.byteCount + 8
            case .tagged: SourceID.byteCount + 1 + 8
            }
        }
    }

    private static let rangeByteCount = 16
    /// Sources that the tagged form can count.
    private static let taggedCountMask: UInt64 = (1 << 48) - 1
    private static let untaggedCountMask: UInt64 = (1 << 56) - 1

    private var format: Format { hasTags ? .tagged : .untagged }

    /// Bytes that ``encode(into:)`` appends.
    public var encodedByteCount: Int {
        let entryByteCount = format.minEntryByteCount
        return entries.reduce(8) { $0 + entryByteCount + $1.tag.byteCount + $1.ranges.count * Self.rangeByteCount }
    }

    /// The set in binary: the untagged form unless a GTID has a tag.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Appends the set in binary: the untagged form unless a GTID has a tag.
    public func encode(into bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + encodedByteCount)
        let format = format
        let marker = UInt64(format.rawValue)
        switch format {
        case .untagged: bytes.append(littleEndian: UInt64(entries.count))
        case .tagged: bytes.append(littleEndian: marker << 56 | UInt64(entries.count) << 8 | marker)
        }
        for entry in entries {
            entry.source.encode(into: &bytes)
            if format == .tagged {
                // A variable-length integer of MySQL's serialization library: below 128 it is one byte whose lowest bit is 0.
                bytes.append(UInt8(entry.tag.byteCount) << 1)
                entry.tag.appendText(to: &bytes)
            }
            bytes.append(littleEndian: UInt64(entry.ranges.count))
            for range in entry.ranges {
                bytes.append(littleEndian: range.lowerBound)
                bytes.append(littleEndian: range.upperBound + 1)
            }
        }
    }

    /// Reads a set that fills `span`, in either form.
    ///
    /// As on a server, the ranges of a source must be in order with a gap between them, while sources may come in any order and again.
    ///
    /// - Throws: `CodecError`: truncated, invalid, or unsupported for a form that is not known.
    public init(decoding span: RawSpan) throws(CodecError) {
        var reader = ByteReader(span)
        let word = try reader.uint64()
        guard let format = Format(rawValue: UInt8(truncatingIfNeeded: word >> 56)) else {
            throw CodecError(.unsupported, at: 7, "GTID set encoding \(word >> 56) is not known")
        }
        let count: UInt64
        switch format {
        case .untagged: count = word & Self.untaggedCountMask
        case .tagged:
            guard UInt8(truncatingIfNeeded: word) == format.rawValue else {
                throw CodecError(.invalid, at: 0, "the two format marks of a GTID set differ")
            }
            count = word >> 8 & Self.taggedCountMask
        }
        guard count <= UInt64(reader.remaining / format.minEntryByteCount) else {
            throw CodecError(.truncated, at: 0, "\(count) sources cannot fit into \(reader.remaining) bytes")
        }
        var builder = GTIDSetBuilder()
        for _ in 0..<count {
            let source = try SourceID(from: &reader)
            let tag = format == .tagged ? try Self.tag(from: &reader) : .none
            try Self.appendRanges(of: TSID(source: source, tag: tag), from: &reader, to: &builder)
        }
        guard reader.isAtEnd else {
            throw CodecError(.invalid, at: reader.offset, "\(reader.remaining) bytes follow the GTID set")
        }
        self = builder.build()
    }

    private static func tag(from reader: inout ByteReader) throws(CodecError) -> GTIDTag {
        let start = reader.offset
        let length = try reader.uint8()
        guard length & 1 == 0, Int(length >> 1) <= GTIDTag.maxByteCount else {
            throw CodecError(.invalid, at: start, "a tag has at most \(GTIDTag.maxByteCount) characters")
        }
        let characters = try reader.bytes(Int(length >> 1))
        do {
            return try GTIDTag(characters: characters)
        } catch {
            throw CodecError(error.code, at: start + 1 + error.offset, error.reason)
        }
    }

    private static func appendRanges(
        of tsid: TSID, from reader: inout ByteReader, to builder: inout GTIDSetBuilder
    ) throws(CodecError) {
        let start = reader.offset
        let count = try reader.uint64()
        guard count <= UInt64(reader.remaining / rangeByteCount) else {
            throw CodecError(.truncated, at: start, "\(count) ranges cannot fit into \(reader.remaining) bytes")
        }
        var minLower = GTID.validNumbers.lowerBound
        for _ in 0..<count {
            let start = reader.offset
            let lower = try reader.uint64()
            let end = try reader.uint64()
            guard lower >= minLower, lower < end, end <= GTID.validNumbers.upperBound + 1 else {
                throw CodecError(.invalid, at: start, "the range from \(lower) up to \(end) is empty, out of bounds or out of order")
            }
            builder.append(ClosedRange(uncheckedBounds: (lower, end - 1)), to: tsid)
            minLower = end + 1
        }
    }
}
