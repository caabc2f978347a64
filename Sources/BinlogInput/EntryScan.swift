import Common

/// Finds the entries of a segment file without reading their payloads.
///
/// Behind bytes that are no entry it looks for the next one: what was written later says whether the damaged bytes were durable.
struct EntryScan: ~Copyable {
    private static let readBytes = 4096
    /// The event header and the longest entry header.
    private static let headBytes = EventHeader.byteCount + EntryHeader.fixedByteCount + EntryHeader.maxFileNameBytes

    /// Where a scan may go on later.
    struct Place {
        fileprivate var offset = UInt64(BinlogMagic.byteCount)
        fileprivate var checksum = ChecksumAlgorithm.none
        fileprivate var previous: EntryHeader?
    }

    private var input: ByteInput
    private var checksum: ChecksumAlgorithm
    private var previous: EntryHeader?
    /// Whether damaged bytes have been passed.
    private(set) var isLost = false

    /// Where the next entry begins.
    var place: Place { Place(offset: input.offset, checksum: checksum, previous: previous) }

    /// - Parameter place: behind an entry that a scan of the same file has found; by default where a file's first event begins.
    init(_ path: String, from place: Place = Place()) throws(ToolError) {
        var input = try ByteInput(path: path, readBytes: Self.readBytes)
        _ = try input.skip(place.offset)
        self.input = input
        checksum = place.checksum
        previous = place.previous
    }

    mutating func next() throws(ToolError) -> EntryEvent? {
        while true {
            let count = min(try input.fill(atLeast: Self.headBytes), Self.headBytes)
            if count == 0 { return nil }
            if let event = try? EventHeader(decoding: input.bytes(count)) {
                if let entry = entry(event, input.bytes(count)) {
                    previous = entry.header
                    let length = UInt64(event.eventLength) + entry.payloadBehind
                    return try input.skip(length) == length ? entry : nil
                }
                if previous == nil, !isLost, let algorithm = fileHeaderChecksum(event, input.bytes(min(count, Int(event.eventLength)))) {
                    checksum = algorithm
                    guard try input.skip(UInt64(event.eventLength)) == UInt64(event.eventLength) else { return nil }
                    continue
                }
            }
            isLost = true
            try skipToNextCandidate()
        }
    }

    /// The entry that begins here, if one does that can follow those before.
    private func entry(_ event: EventHeader, _ head: RawSpan) -> EntryEvent? {
        guard EntryEvent.matches(event, head: head) else { return nil }
        let known = isLost ? nil : checksum
        let algorithms = known.map { [$0] } ?? [.crc32, .none]
        for algorithm in algorithms {
            guard let entry = try? EntryEvent(decoding: event, head: head, checksum: algorithm, sharing: previous) else { continue }
            return entry.header.index > previous?.index ?? 0 ? entry : nil
        }
        return nil
    }

    /// How events end behind one that stands before the first entry; nil where it may not stand there.
    private func fileHeaderChecksum(_ event: EventHeader, _ bytes: RawSpan) -> ChecksumAlgorithm? {
        guard event.type == .formatDescription else { return event.type == .previousGTIDs ? checksum : nil }
        guard let description = try? FormatDescriptionEvent(decoding: bytes) else { return nil }
        return description.checksum ?? ChecksumAlgorithm.none
    }

    /// Where the first byte of an entry header's magic number stands, behind room for an event's header.
    private static func firstMagicByte(in bytes: RawSpan) -> Int? {
        let wanted = UInt8(truncatingIfNeeded: EntryHeader.magic)
        for index in EventHeader.byteCount..<bytes.byteCount where bytes.byte(at: index) == wanted { return index }
        return nil
    }

    /// Moves on by one byte at least, to where an entry's event might begin, or to the end.
    private mutating func skipToNextCandidate() throws(ToolError) {
        _ = try input.skip(1)
        while true {
            let count = try input.fill(atLeast: Self.headBytes)
            if count <= EventHeader.byteCount {
                _ = try input.skip(UInt64(count))
                return
            }
            let found = Self.firstMagicByte(in: input.bytes(count))
            _ = try input.skip(UInt64((found ?? count) - EventHeader.byteCount))
            if found != nil { return }
        }
    }
}
