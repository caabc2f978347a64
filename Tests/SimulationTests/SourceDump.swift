import Common
import Log

@testable import kingbus_node

/// A dump that the source sends to one connection, cut into batches as `DumpAssembler` and `BatchBuilder` do it.
struct SourceDump {
    private let source: Source
    private let held: GTIDSet
    /// What is stored already of the events outside transactions; nil at the first contact.
    private let stored: UpstreamPosition?
    private var isPastStored: Bool
    private var storedVersion: String?
    private var next = 0
    /// The chunk of the item at `next` that comes next.
    private var nextChunk = 0

    init(_ source: Source, from state: LogState) {
        self.source = source
        held = state.executed
        stored = state.epoch == 0 ? nil : UpstreamPosition(file: state.file, offset: state.position)
        isPastStored = stored == nil
        storedVersion = try? FormatDescriptionEvent(decoding: state.formatDescription.span.bytes).serverVersion
    }

    /// The next batch that the source has written at `time`, or nil.
    ///
    /// - Parameter eager: also a small one.
    mutating func batch(at time: UInt64, eager: Bool, upTo count: Int) -> (batch: Batch, lastGTID: UInt64?)? {
        skipHeld(at: time)
        guard next < source.items.count, source.items[next].writtenAt <= time else { return nil }
        let item = source.items[next]
        if item.isChunked { return chunk(of: item) }
        if case .format(let version) = item.content, version != storedVersion {
            next += 1
            storedVersion = version
            isPastStored = true
            let bytes = item.events[0]
            return (Batch(chunk: .whole, file: item.file, position: item.positions[0], payload: .bytes(bytes), newFormat: bytes), nil)
        }
        return whole(from: item, at: time, eager: eager, upTo: count)
    }

    /// Passes over what the log holds.
    private mutating func skipHeld(at time: UInt64) {
        while nextChunk == 0, next < source.items.count, source.items[next].writtenAt <= time {
            let item = source.items[next]
            switch item.content {
            case .transaction(let number):
                guard let gtid = GTID(source: Source.id, tag: .none, number: number), held.contains(gtid) else { return }
            case .format, .rotate:
                if isPastStored { return }
                let place = UpstreamPosition(file: item.file, offset: item.positions[0])
                if let stored, place.isAtOrBehind(stored) { return }
            }
            next += 1
        }
    }

    private mutating func whole(from first: Source.Item, at time: UInt64, eager: Bool, upTo count: Int) -> (Batch, UInt64?)? {
        let start = (next, isPastStored)
        var bytes: [UInt8] = []
        var lastGTID: UInt64?
        var taken = 0
        while next < source.items.count, taken < count {
            let item = source.items[next]
            guard item.writtenAt <= time, item.file == first.file, !item.isChunked else { break }
            if case .format(let version) = item.content, version != storedVersion { break }
            if case .transaction(let number) = item.content { lastGTID = number }
            for event in item.events { bytes += event }
            isPastStored = true
            next += 1
            taken += 1
        }
        guard eager || taken == count else {
            (next, isPastStored) = start
            return nil
        }
        return (Batch(chunk: .whole, file: first.file, position: first.positions[0], payload: .bytes(bytes)), lastGTID)
    }

    /// One event of rows a chunk; the first chunk also has what stands before it, and the last one the end.
    private mutating func chunk(of item: Source.Item) -> (Batch, UInt64?) {
        let count = item.events.count - 2
        let range =
            switch nextChunk {
            case 0: 0..<3
            case count - 1: count + 1..<count + 2
            default: nextChunk + 2..<nextChunk + 3
            }
        let isLast = nextChunk == count - 1
        let batch = Batch(
            chunk: nextChunk == 0 ? .begin : isLast ? .end : .middle, file: item.file, position: item.positions[range.lowerBound],
            payload: .bytes(Array(item.events[range].joined())))
        isPastStored = true
        guard isLast, case .transaction(let number) = item.content else {
            nextChunk += 1
            return (batch, nil)
        }
        nextChunk = 0
        next += 1
        return (batch, number)
    }
}
