import Common
import Log
import NIOCore
import Raft

/// What waits to be sent to one member, and the next bytes of it.
///
///     outbox.put(message)
///     while channel.isWritable, case .bytes(let buffer) = try outbox.next(allocator) { channel.write(buffer) }
///
/// Control frames (messages other than appends, requests, reports) go between any two frames of an append. Appends go one after the other;
/// of the one that is being sent, only the next frame is ever in memory. What exceeds the queues is dropped: the core repeats.
struct PeerOutbox: ~Copyable {
    enum Next {
        case bytes(ByteBuffer)
        /// There is more, but the place in the log is still to be found: ask again, after others have had their turn.
        case later
        case nothing
    }

    private enum Control {
        case message(Message)
        case frames(ByteBuffer)
    }

    private enum Source {
        case bytes([UInt8])
        case spool(Spool)
        case stored(StoredPayload)
    }

    /// An append that is being sent.
    private struct Expansion {
        var message: Message
        var append: Append
        var entries: [LogEntry?]
        var isBegun = false
        /// Which entry is next, or is being sent.
        var number = 0
        /// The rest of the payload that is being sent.
        var payload: (source: Source, offset: UInt64, byteCount: UInt64)?

        var isSent: Bool { number == append.entries.count && payload == nil }
    }

    static let maxControls = 8192
    static let maxControlBytes = 4 << 20
    /// The rest is kept for messages, which reports must not crowd out.
    static let maxRequestAndReportBytes = 3 << 20
    static let maxAppends = 512
    /// Small frames share a buffer up to about this size.
    private static let bufferBytes = PeerFrame.byteCount(ofBody: PeerFrame.maxDataBytes)
    /// For so long one turn looks at headers while it searches an entry on disk: heartbeats wait meanwhile.
    private static let searchTime = TimeAmount.milliseconds(2)
    /// Headers between two looks at the clock: behind large payloads each is a read of 256 KiB.
    private static let searchSteps = 16
    private static let messageBytes = 64

    private var stored: StoredEntries
    private var controls: CircularBuffer<Control> = []
    /// Bytes of the control frames that wait, roughly.
    private(set) var controlBytes = 0
    private var appends: CircularBuffer<OutgoingMessage> = []
    private var current: Expansion?
    private var scratch: [UInt8] = []

    init(catalog: SegmentCatalog) { stored = StoredEntries(catalog: catalog) }

    // MARK: - Putting

    mutating func put(_ outgoing: OutgoingMessage) {
        // An append without entries asks whether those before it have come: ahead of them it would be told that they have not.
        if case .append(let append) = outgoing.message.body, !append.entries.isEmpty || current != nil || !appends.isEmpty {
            if appends.count < Self.maxAppends, !holds(append, term: outgoing.message.term) { appends.append(outgoing) }
        } else {
            put(.message(outgoing.message), byteCount: Self.messageBytes)
        }
    }

    /// Whether all of the append waits to be sent already: while a large entry travels, the core asks for it again and again.
    private func holds(_ append: Append, term: Term) -> Bool {
        func covers(_ held: Append, _ heldTerm: Term) -> Bool {
            heldTerm == term && held.previous == append.previous && held.entries.count >= append.entries.count
        }
        if let current, covers(current.append, current.message.term) { return true }
        return appends.contains { held in
            guard case .append(let other) = held.message.body else { return false }
            return covers(other, held.message.term)
        }
    }

    /// - Parameter frames: whole frames, to be sent one behind the other.
    /// - Returns: false where they were dropped.
    @discardableResult
    mutating func put(frames: ByteBuffer) -> Bool {
        guard controlBytes + frames.readableBytes <= Self.maxRequestAndReportBytes else { return false }
        return put(.frames(frames), byteCount: frames.readableBytes)
    }

    @discardableResult
    private mutating func put(_ control: Control, byteCount: Int) -> Bool {
        guard controls.count < Self.maxControls, controlBytes + byteCount <= Self.maxControlBytes else { return false }
        controls.append(control)
        controlBytes += byteCount
        return true
    }

    var isEmpty: Bool { controls.isEmpty && appends.isEmpty && current == nil }

    // MARK: - Sending

    /// The next bytes for the socket: about 256 KiB at most.
    ///
    /// - Throws: where an entry is not in the log any more as it was, or cannot be read. What was begun can then not be completed, and the
    ///   connection is of no more use.
    mutating func next(_ allocator: ByteBufferAllocator) throws -> Next {
        if isEmpty { return .nothing }
        var buffer = allocator.buffer(capacity: roomWanted)
        while buffer.readableBytes < Self.bufferBytes / 2 {
            if takeControls(into: &buffer) { continue }
            guard try takePart(of: &buffer) else {
                if buffer.readableBytes > 0 { break }
                return isEmpty ? .nothing : .later
            }
        }
        return .bytes(buffer)
    }

    /// What the next buffer will hold, roughly, so that it does not grow while it is filled.
    private var roomWanted: Int {
        if current == nil, appends.isEmpty { return min(Self.bufferBytes, controlBytes + 2 * Self.messageBytes) }
        if let payload = current?.payload { return min(Self.bufferBytes, Int(payload.byteCount - payload.offset) + 1024) }
        return Self.bufferBytes / 4
    }

    private mutating func takeControls(into buffer: inout ByteBuffer) -> Bool {
        guard let control = controls.popFirst() else { return false }
        switch control {
        case .message(let message):
            controlBytes -= Self.messageBytes
            buffer.writeFrame(.message, body: PeerMessageCodec.encode(message))
        case .frames(let frames):
            controlBytes -= frames.readableBytes
            buffer.writeImmutableBuffer(frames)
        }
        return true
    }

    /// Writes the next frame of the append that is being sent; whether there was one, and room for it.
    private mutating func takePart(of buffer: inout ByteBuffer) throws -> Bool {
        if current == nil {
            guard let next = appends.popFirst(), case .append(let append) = next.message.body else { return false }
            guard next.entries.count == append.entries.count, append.entries.count <= PeerFrame.maxAppendEntries else {
                preconditionFailure("an append of \(append.entries.count) entries came with \(next.entries.count)")
            }
            guard !append.entries.isEmpty else {
                buffer.writeFrame(.message, body: PeerMessageCodec.encode(next.message))
                return true
            }
            current = Expansion(message: next.message, append: append, entries: next.entries)
        }
        guard var expansion = current else { return false }
        // Taken out while it is changed, so that nothing is copied.
        current = nil
        defer { current = expansion.isSent ? nil : expansion }
        if !expansion.isBegun {
            buffer.writeFrame(.append, body: PeerMessageCodec.encodeAppend(expansion.message, expansion.append))
            expansion.isBegun = true
            return true
        }
        if let payload = expansion.payload {
            let count = Int(min(UInt64(PeerFrame.maxDataBytes), payload.byteCount - payload.offset))
            if buffer.readableBytes > 0, buffer.readableBytes + PeerFrame.byteCount(ofBody: count) > Self.bufferBytes { return false }
            try write(payload.source, at: payload.offset, count: count, into: &buffer)
            let offset = payload.offset + UInt64(count)
            expansion.payload = offset == payload.byteCount ? nil : (payload.source, offset, payload.byteCount)
            return true
        }
        return try beginEntry(&expansion, &buffer)
    }

    private mutating func beginEntry(_ expansion: inout Expansion, _ buffer: inout ByteBuffer) throws -> Bool {
        let number = expansion.number
        let index = expansion.append.previous.index + UInt64(number) + 1
        let term = expansion.append.entries[number].term
        let header: EntryHeader
        let source: Source
        if let entry = expansion.entries[number] {
            precondition(entry.header.index == index && entry.header.term == term, "an append came with another entry than it names")
            header = entry.header
            source =
                switch entry.payload {
                case .none: .bytes([])
                case .bytes(let bytes): .bytes(bytes)
                case .spool(let spool): .spool(spool)
                }
            expansion.entries[number] = nil
        } else {
            let deadline = NIODeadline.now() + Self.searchTime
            while try !stored.approach(index, steps: Self.searchSteps) {
                if NIODeadline.now() >= deadline { return false }
            }
            let entry = try stored.entry(at: index, term: term)
            header = entry.header
            source = .stored(entry.payload)
        }
        scratch.removeAll(keepingCapacity: true)
        header.encode(into: &scratch)
        buffer.writeFrame(.entry, body: scratch)
        expansion.number += 1
        if header.payloadLength > 0 { expansion.payload = (source, 0, header.payloadLength) }
        return true
    }

    private func write(_ source: Source, at offset: UInt64, count: Int, into buffer: inout ByteBuffer) throws {
        try buffer.writeFrame(.data, count: count) { target in
            switch source {
            case .bytes(let bytes):
                bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(offset)..<Int(offset) + count])) }
            case .spool(let spool): try spool.read(at: offset, into: target)
            case .stored(let payload): try payload.read(at: offset, into: target)
            }
        }
    }
}
