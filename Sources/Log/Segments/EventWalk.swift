import Common

/// Finds the events in a payload that comes in pieces, and gathers what they change in the state.
struct EventWalk {
    private(set) var effects: EventEffects
    /// What is wrong with the events; once there is something, the rest is passed over.
    private(set) var error: CodecError?
    /// Bytes that the next piece must have, if so many are left, for the walk to go on.
    private(set) var wantedBytes = EventHeader.byteCount

    private let reach: EventEffects.Reach
    /// Bytes of the current event that are still to come and bear on nothing.
    private var skipping: UInt64 = 0

    init(checksum: ChecksumAlgorithm, reach: EventEffects.Reach) {
        effects = EventEffects(checksum: checksum)
        self.reach = reach
    }

    private var isDone: Bool {
        switch reach {
        case .all: error != nil
        case .firstEvent: error != nil || effects.eventCount > 0
        case .nothing: true
        }
    }

    /// Walks over the next piece and returns how many of its bytes are done with; the rest comes again in front of the next.
    ///
    /// - Parameters:
    ///   - piece: begins where the last call left off; has ``wantedBytes`` bytes unless it is the last.
    ///   - isLast: the payload ends with the piece.
    mutating func advance(over piece: RawSpan, isLast: Bool) -> Int {
        let end = UInt64(piece.byteCount)
        var position = skipping
        skipping = 0
        wantedBytes = EventHeader.byteCount
        while position < end, !isDone {
            let rest = piece.extracting(Int(position)..<piece.byteCount)
            do {
                guard let length = try step(rest, isLast: isLast) else { return Int(position) }
                position += length
            } catch {
                self.error = error
            }
        }
        if isDone { return piece.byteCount }
        guard position > end else { return piece.byteCount }
        skipping = position - end
        if isLast { error = CodecError(.truncated, at: piece.byteCount, "the payload ends inside an event") }
        return piece.byteCount
    }

    /// Takes the event that `rest` begins with and returns its length; nil where more bytes are needed first.
    private mutating func step(_ rest: RawSpan, isLast: Bool) throws(CodecError) -> UInt64? {
        if rest.byteCount < EventHeader.byteCount, !isLast { return nil }
        let header = try EventHeader(decoding: rest)
        let length = Int(header.eventLength)
        guard EventEffects.needsBody(of: header.type) else {
            try effects.take(header, event: rest)
            return UInt64(length)
        }
        if rest.byteCount < length {
            guard !isLast, length <= SegmentReader.bufferBytes else {
                throw CodecError(.invalid, at: 0, "an event of type \(header.type) has \(length) bytes")
            }
            wantedBytes = length
            return nil
        }
        try effects.take(header, event: rest.extracting(0..<length))
        return UInt64(length)
    }
}
