import Common

/// Finds in the bytes of a dump what the server's files hold, without IO: packets into events, heartbeats and what else was made for the
/// connection left out.
///
///     while true {
///         switch try decoder.next(in: chunk, from: &offset) {
///         case .file(let position): …          // what follows stands there
///         case .event(let header, let range?): …  // an event begins with this range of the chunk
///         case .event(let header, nil): …         // or with decoder.held
///         case .bytes(let range): …               // and goes on with this one
///         case .end: return
///         case nil: read the next chunk, offset = 0
///         }
///     }
struct DumpDecoder {
    enum Step: Equatable {
        /// A file goes on, or begins, there.
        case file(BinlogPosition)
        /// An event of the file begins, with a range of the chunk, or where that is nil with ``held`` until the next call: ``headBytes`` of
        /// it, or more, or all.
        case event(EventHeader, Range<Int>?)
        /// The event goes on with a range of the chunk.
        case bytes(Range<Int>)
        /// The server has no more, and was asked not to wait.
        case end
    }

    /// Why a dump cannot go on.
    enum Failure: Error, Equatable {
        /// The server ended it.
        case refused(ErrorPacket)
        case malformed(String)
    }

    /// The most that MySQL's max_allowed_packet can be: no event is larger.
    private static let maxEventBytes = 1 << 30
    /// As much of an event as comes at once.
    static let headBytes = TransactionBoundary.headByteCount
    /// As much as a server says at most before its events: an error, a ROTATE.
    private static let maxControlBytes = 64 << 10
    /// The OK byte before each event.
    private static let statusBytes = 1

    private enum Payload {
        /// Its beginning is being gathered.
        case begins
        /// So many bytes of an event of the file are still to come.
        case passes(left: Int)
        case dropped(left: Int)
    }

    /// The beginning of an event that came in pieces.
    private(set) var held: [UInt8] = []
    private var scanner = PacketScanner(nextSequence: 1, maxPayloadBytes: maxEventBytes + statusBytes)
    private var payload = Payload.begins
    /// The file that the events stand in.
    private(set) var file: String?

    /// The next thing in the chunk at or after `offset`, or nil where it is used up.
    mutating func next(in chunk: RawSpan, from offset: inout Int) throws(Failure) -> Step? {
        while true {
            let fragment: PacketScanner.Fragment?
            do { fragment = try scanner.next(in: chunk, from: &offset) } catch { throw .malformed(error.description) }
            guard let fragment else { return nil }
            if let step = try take(fragment, of: chunk) { return step }
        }
    }

    /// Whether bytes of a payload are still to come.
    var isInsidePayload: Bool { scanner.isInsidePayload }

    private mutating func take(_ fragment: PacketScanner.Fragment, of chunk: RawSpan) throws(Failure) -> Step? {
        if fragment.beginsPayload {
            payload = .begins
            held.removeAll(keepingCapacity: true)
        }
        switch payload {
        case .begins: return try begin(fragment, of: chunk)
        case .passes(let left):
            payload = .passes(left: try rest(left, fragment))
            return fragment.range.isEmpty ? nil : .bytes(fragment.range)
        case .dropped(let left):
            payload = .dropped(left: try rest(left, fragment))
            return nil
        }
    }

    private func rest(_ left: Int, _ fragment: PacketScanner.Fragment) throws(Failure) -> Int {
        let rest = left - fragment.range.count
        guard rest >= 0, rest == 0 || !fragment.endsPayload else {
            throw .malformed("an event has another length than the packet that it came in")
        }
        return rest
    }

    private mutating func begin(_ fragment: PacketScanner.Fragment, of chunk: RawSpan) throws(Failure) -> Step? {
        let piece = chunk.extracting(fragment.range)
        if held.isEmpty, fragment.endsPayload || piece.byteCount > EventHeader.byteCount {
            return try begin(piece, isWhole: fragment.endsPayload, at: fragment.range)
        }
        held.append(piece)
        guard fragment.endsPayload || held.count > EventHeader.byteCount else { return nil }
        let bytes = held
        return try begin(bytes.span.bytes, isWhole: fragment.endsPayload, at: nil)
    }

    /// Takes the beginning of a payload: its status byte and a whole header, or all of it.
    ///
    /// - Parameter range: where it stands in the chunk; nil where it is what is held.
    private mutating func begin(_ bytes: RawSpan, isWhole: Bool, at range: Range<Int>?) throws(Failure) -> Step? {
        guard bytes.byteCount > 0 else { throw .malformed("an empty packet stands in the dump") }
        let status = bytes.byte(at: 0)
        guard status == 0 else {
            if isWhole { return try end(bytes, status) }
            return try hold(bytes, range)
        }
        let event = bytes.extracting(Self.statusBytes..<bytes.byteCount)
        let header: EventHeader
        do { header = try EventHeader(decoding: event) } catch { throw .malformed(error.reason) }
        let left = Int(header.eventLength) - event.byteCount
        guard left >= 0, left == 0 || !isWhole else {
            throw .malformed("an event of \(header.eventLength) bytes came in a packet of another length")
        }
        if header.type == .rotate, header.flags.contains(.artificial) || header.timestamp == 0 {
            return isWhole ? try rotate(event) : try hold(bytes, range)
        }
        if Self.isForConnection(header) {
            payload = .dropped(left: left)
            return nil
        }
        guard file != nil else { throw .malformed("the dump does not begin with a ROTATE event") }
        guard event.byteCount >= min(Int(header.eventLength), Self.headBytes) else { return try hold(bytes, range) }
        payload = .passes(left: left)
        if let range { return .event(header, range.lowerBound + Self.statusBytes..<range.upperBound) }
        held.removeFirst(Self.statusBytes)
        return .event(header, nil)
    }

    /// Waits for the rest of a short payload.
    private mutating func hold(_ bytes: RawSpan, _ range: Range<Int>?) throws(Failure) -> Step? {
        guard bytes.byteCount <= Self.maxControlBytes else {
            throw .malformed("the server sent a message of \(bytes.byteCount) bytes or more")
        }
        if range != nil { held = bytes.array }
        return nil
    }

    /// Whether the event stands in no file.
    private static func isForConnection(_ header: EventHeader) -> Bool {
        header.type == .heartbeat || header.type == .heartbeatV2 || header.flags.contains(.artificial)
    }

    private mutating func rotate(_ event: RawSpan) throws(Failure) -> Step? {
        // Before a file's FORMAT_DESCRIPTION nothing says whether there is a checksum, but the checksum itself.
        let checksum: ChecksumAlgorithm
        do throws(CodecError) {
            try verifyChecksum(event: event)
            checksum = .crc32
        } catch { checksum = .none }
        do throws(CodecError) {
            let rotate = try RotateEvent(decoding: event, checksum: checksum)
            let position = BinlogPosition(file: rotate.fileName.string, offset: rotate.position)
            file = position.file
            return .file(position)
        } catch { throw .malformed(error.reason) }
    }

    private func end(_ payload: RawSpan, _ status: UInt8) throws(Failure) -> Step {
        if status == EOFPacket.header { return .end }
        if status == ErrorPacket.header, let error = try? ErrorPacket(decoding: payload) { throw .refused(error) }
        throw .malformed("a packet of the dump begins with 0x\(String(status, radix: 16))")
    }
}
