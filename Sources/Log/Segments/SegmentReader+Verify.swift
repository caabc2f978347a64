import Common

/// What reading an entry whole has shown.
enum EntryVerdict: Sendable {
    /// All checksums are right. The payload is there where it stands inside the header's event; otherwise what its events change is.
    case intact(payload: [UInt8], effects: EventEffects)
    /// All checksums are right, and the events are not what events look like: no crash does that.
    case contradiction(CodecError)
    /// Bytes are missing, or not those that were written.
    case damage(LogError)
}

extension SegmentReader {
    /// Reads the rest of the current entry, checking every checksum of it, in pieces however large it is.
    ///
    /// - Throws: where the file cannot be read.
    mutating func verifyEntry() throws(LogError) -> EntryVerdict {
        guard let header else { preconditionFailure("no entry has been read") }
        do throws(LogError) {
            guard let durableMark, durableMark < header.index else {
                throw damage(CodecError(.checksumMismatch, at: 0, "the entry's durable mark is not intact"))
            }
            return header.kind.hasEventPayload ? try verifyEvents(header) : try verifyInside(header)
        } catch {
            guard error.code == .corruption else { throw error }
            return .damage(error)
        }
    }

    private mutating func verifyInside(_ header: EntryHeader) throws(LogError) -> EntryVerdict {
        var payload: [UInt8] = []
        while payloadRemaining > 0 {
            let count = try fillPayload()
            payload.append(self.payload(count))
            consumePayload(count)
        }
        try checkPayload(header, CRC32C.checksum(of: payload.span.bytes))
        if segment.checksum == .crc32 {
            let stored = try readTrailer()
            guard CRC32.checksum(of: payload.span.bytes, continuing: eventChecksum) == stored else {
                throw damage(CodecError(.checksumMismatch, at: 0, "the event's CRC-32 is wrong"))
            }
        }
        return .intact(payload: payload, effects: EventEffects(checksum: segment.checksum))
    }

    private mutating func verifyEvents(_ header: EntryHeader) throws(LogError) -> EntryVerdict {
        var walk = EventWalk(checksum: segment.checksum, reach: EventEffects.Reach(header))
        var crc: UInt32 = 0
        while payloadRemaining > 0 {
            let count = try fillPayload(atLeast: walk.wantedBytes)
            let used = walk.advance(over: payload(count), isLast: UInt64(count) == payloadRemaining)
            crc = CRC32C.checksum(of: payload(used), continuing: crc)
            consumePayload(used)
        }
        try checkPayload(header, crc)
        if let error = walk.error { return .contradiction(error) }
        return .intact(payload: [], effects: walk.effects)
    }

    func checkPayload(_ header: EntryHeader, _ crc: UInt32) throws(LogError) {
        guard crc == header.payloadChecksum else {
            throw LogError(
                .corruption, file: segment.path, offset: entryOffset, index: header.index, "the payload's CRC-32C is wrong")
        }
    }
}
