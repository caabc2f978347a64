import Common
import Log
import NIOCore

/// Streams committed transactions from segment files into MySQL packets, for one consumer.
///
/// Events go out byte for byte as the upstream wrote them. What is made here is what a MySQL source makes for each of its consumers:
/// a ROTATE that says which file follows, a FORMAT_DESCRIPTION where the stream does not begin with one, heartbeats.
final class DumpStream {
    /// Bytes that one call of ``fill(_:)`` aims for.
    static let fillBytes = 256 << 10
    /// Bytes of segment files that one call of ``fill(_:)`` verifies and goes through at most, but for one entry or buffer: what a consumer
    /// holds already may be all that there is for a long way.
    static let walkBytes: UInt64 = 2 << 20

    enum Progress {
        /// The buffer is full, or ``walkBytes`` were gone through; there is more.
        case more
        /// Everything visible has been written.
        case caughtUp
    }

    private let request: DumpRequest
    private let catalog: SegmentCatalog
    private let committed: CommittedLog
    private let serverID: UInt32

    private var segment: Segment
    private var reader: SegmentReader

    /// Whether the consumer gets events of the current entry.
    private var isInEvents = false
    /// Whether the current entry was found intact. A replica to which a rotten event is sent stops for good, even where the next try
    /// would bring it the right one.
    private var isVerified = false
    /// Where the next event of the current entry stands.
    private var position: UpstreamPosition
    /// Whether the transaction that is being read is held by the consumer already.
    private var isSkippingTransaction = false
    /// Whether the current entry is a chunk of a transaction.
    private var isInRun = false
    /// Whether the chunks of the run that is being read are left out: held already, or aborted.
    private var isSkippingRun = false
    /// The visible index when the log was last looked at.
    private var lastVisible: UInt64 = 0
    /// Every transaction before the place that is being read.
    private var walked: GTIDSet
    /// Whether the last event read was a FORMAT_DESCRIPTION, behind which the upstream's file has a PREVIOUS_GTIDS that is not stored.
    private var isBehindFormat = false
    private var format: [UInt8]
    private var checksum: ChecksumAlgorithm

    private var sequence: UInt8 = 1
    private var packetBytesLeft = 0
    private var packetIsContinued = false
    /// Bytes that are still to be copied of an event larger than the read buffer.
    private var eventBytesLeft = 0

    /// Whether the consumer has been told a file and a format.
    private var hasBegun = false
    private var toldFile: [UInt8] = []
    private var toldPosition = BinlogDumpGTIDCommand.firstEventPosition
    /// Where the upstream's own ROTATE, if that was the last event sent, has led the consumer.
    private var rotatedTo: UpstreamPosition?

    /// The node stops: nothing more is sent behind the current entry, or the transaction that it belongs to.
    var stopsBetweenTransactions = false
    private(set) var sentTransactions: UInt64 = 0
    private(set) var lastGTID: GTID?
    private(set) var lastTimestamp: UInt32 = 0

    /// Finds where to begin.
    ///
    /// - Throws: ``DumpFailure`` where what is asked for is purged or unknown.
    init(_ request: DumpRequest, catalog: SegmentCatalog, committed: CommittedLog) throws {
        let snapshot = committed.snapshot
        self.request = request
        self.catalog = catalog
        self.committed = committed
        serverID = snapshot.state.serverID
        let segments = catalog.segments().filter { $0.startState.epoch > 0 && $0.firstIndex <= snapshot.visibleIndex }
        guard let first = segments.first else { throw DumpFailure.empty }
        switch request.start {
        case .gtids(let held):
            guard snapshot.purged.isSubset(of: held) else { throw DumpFailure.purged }
            segment = segments.last { $0.startState.executed.isSubset(of: held) } ?? first
        case .position(let target) where target.file.isEmpty:
            segment = first
        case .position(let target):
            let end = UpstreamPosition(file: snapshot.state.file, offset: snapshot.state.position)
            // Another server's file, or one of before a renaming, has no order among these.
            guard end.isAtOrBehind(target),
                let found = segments.last(where: { target.isOfSameSeries(as: $0.start) && target.isAtOrBehind($0.start) })
            else {
                throw DumpFailure.unknownFile
            }
            segment = found
            toldPosition = target.offset
        }
        reader = SegmentReader(segment: segment)
        format = segment.startState.formatDescription
        checksum = segment.startState.checksum
        position = segment.start
        walked = segment.startState.executed
    }

    // MARK: - Filling

    /// Appends packets to `output` until it has ``fillBytes``, ``walkBytes`` have been gone through, or nothing visible is left.
    func fill(_ output: inout ByteBuffer) throws -> Progress {
        var walkedBytes: UInt64 = 0
        while output.readableBytes < Self.fillBytes, walkedBytes < Self.walkBytes {
            let (before, place) = (segment.firstIndex, reader.offset)
            defer { if segment.firstIndex == before { walkedBytes += reader.offset - place } }
            if eventBytesLeft > 0 {
                try copyLargeEvent(into: &output)
            } else if isInEvents, !isVerified {
                let count = try reader.verifyPayload()
                walkedBytes += UInt64(count)
                isVerified = count == 0
            } else if isInEvents, reader.payloadRemaining > 0 {
                try copyEvents(into: &output)
            } else if try !nextEntry(&output) {
                if !hasBegun { try begin(nextIsFormat: false, into: &output) }
                return .caughtUp
            }
        }
        // Who is skipped for long by GTID is told where that is, so that heartbeats can keep the connection.
        if !hasBegun, case .gtids = request.start { try begin(nextIsFormat: false, into: &output) }
        return .more
    }

    /// Whether more is visible than has been read.
    var isBehind: Bool { lastVisible < committed.visibleIndex }

    /// Moves to the next entry that is visible; false where there is none yet.
    private func nextEntry(_ output: inout ByteBuffer) throws -> Bool {
        if stopsBetweenTransactions, !isInRun { return false }
        isInEvents = false
        let visible = committed.visibleIndex
        lastVisible = visible
        guard let header = try reader.nextEntry(through: visible) else {
            guard let next = catalog.segment(after: segment), next.firstIndex <= visible else {
                endFormat(before: nil, into: &output)
                return false
            }
            segment = next
            reader = SegmentReader(segment: next)
            format = next.startState.formatDescription
            checksum = next.startState.checksum
            return true
        }
        guard header.kind == .events else { return true }
        switch header.chunk {
        case .whole: isSkippingRun = false
        case .begin: isSkippingRun = segment.abortedRunIndex == header.index
        case .middle, .end: break
        }
        isInRun = header.chunk == .begin || header.chunk == .middle
        if header.chunk == .whole || header.chunk == .begin { isSkippingTransaction = false }
        endFormat(before: UpstreamPosition(file: header.file, offset: header.position), into: &output)
        position = UpstreamPosition(file: header.file, offset: header.position)
        // Also of what lies before the place that was asked for: the GTIDs there belong into the next file's PREVIOUS_GTIDS.
        isInEvents = !isSkippingRun
        isVerified = false
        return true
    }

    /// Copies events of the current entry: those that are buffered, or the beginning of one that is too large for the buffer.
    private func copyEvents(into output: inout ByteBuffer) throws {
        let count = try reader.fillPayload(atLeast: EventHeader.byteCount)
        let first = try EventHeader(decoding: reader.payload(count))
        let length = Int(first.eventLength)
        if length > SegmentReader.bufferBytes { return try beginLargeEvent(first, into: &output) }
        try reader.withPayload(atLeast: length) { bytes in try copy(bytes, into: &output) }
    }

    /// Walks whole events and copies those that the consumer gets; returns how many bytes they were.
    private func copy(_ bytes: RawSpan, into output: inout ByteBuffer) throws -> Int {
        var consumed = 0
        while consumed < bytes.byteCount, output.readableBytes < Self.fillBytes {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let copied = copyRun(rest, into: &output)
            if copied > 0 {
                consumed += copied
                continue
            }
            guard rest.byteCount >= EventHeader.byteCount else { break }
            let header = try EventHeader(decoding: rest)
            let length = Int(header.eventLength)
            guard length <= rest.byteCount else { break }
            let event = rest.extracting(0..<length)
            if try isWanted(header, event) {
                // The format of a file at whose beginning the consumer was told one: it counts from there again.
                let isTold = position.file == toldFile && position.offset >= toldPosition
                if !hasBegun || !isTold { try begin(nextIsFormat: header.type == .formatDescription, into: &output) }
                writePacket(event, into: &output)
                toldPosition = position.offset + UInt64(length)
                rotatedTo = try header.type == .rotate ? target(of: event) : nil
                if header.timestamp != 0 { lastTimestamp = header.timestamp }
            }
            position.offset += UInt64(length)
            consumed += length
        }
        guard consumed > 0 else { throw damaged("an event does not fit its entry") }
        return consumed
    }

    /// Copies what `bytes` begin with, up to the first event about which something has to be decided; returns how many bytes of events that
    /// was.
    private func copyRun(_ bytes: RawSpan, into output: inout ByteBuffer) -> Int {
        guard hasBegun, !isSkippingTransaction, position.file == toldFile else { return 0 }
        var run = EventRun(sequence: sequence)
        let wanted = Self.fillBytes - output.readableBytes
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { target in
            run.copy(from: bytes, to: target, aimingFor: wanted)
            return run.writtenBytes
        }
        guard run.consumedBytes > 0 else { return 0 }
        sequence = run.sequence
        position.offset += UInt64(run.consumedBytes)
        toldPosition = position.offset
        if run.lastTimestamp != 0 { lastTimestamp = run.lastTimestamp }
        return run.consumedBytes
    }

    private func beginLargeEvent(_ header: EventHeader, into output: inout ByteBuffer) throws {
        let length = Int(header.eventLength)
        guard UInt64(length) <= reader.payloadRemaining, !header.type.opensGroup else {
            throw damaged("an event of \(length) bytes does not fit its entry")
        }
        let start = position
        position.offset += UInt64(length)
        guard !isSkippingTransaction, hasBegun || start.isAtOrBehindTarget(of: request) else {
            reader.consumePayload(length)
            return
        }
        if !hasBegun || position.file != toldFile { try begin(nextIsFormat: false, into: &output) }
        beginPacket(eventBytes: length, into: &output)
        eventBytesLeft = length
        toldPosition = position.offset
    }

    /// Copies a part of an event that is larger than the read buffer.
    private func copyLargeEvent(into output: inout ByteBuffer) throws {
        let wanted = min(eventBytesLeft, packetBytesLeft)
        var count = 0
        try reader.withPayload(atLeast: 1) { bytes in
            count = min(bytes.byteCount, wanted)
            bytes.extracting(0..<count).withUnsafeBytes { _ = output.writeBytes($0) }
            return count
        }
        packetBytesLeft -= count
        eventBytesLeft -= count
        // A packet of the largest size is followed by another of the same payload, even an empty one.
        if packetBytesLeft == 0, packetIsContinued { writePacketHeader(payloadBytesLeft: eventBytesLeft, into: &output) }
    }

    /// Whether the consumer gets the event.
    private func isWanted(_ header: EventHeader, _ event: RawSpan) throws -> Bool {
        switch header.type {
        case .gtid, .gtidTagged:
            isSkippingTransaction = false
            guard let gtid = try GTIDEvent(decoding: event, checksum: checksum).gtid else { throw damaged("a transaction has no GTID") }
            walked.insert(gtid)
            if case .gtids(let held) = request.start {
                isSkippingTransaction = held.contains(gtid)
                if isSkippingTransaction {
                    if isInRun { isSkippingRun = true }
                    return false
                }
                lastGTID = gtid
            } else if !hasBegun, !position.isAtOrBehindTarget(of: request) {
                return false
            }
            sentTransactions += 1
            return true
        case .formatDescription:
            isSkippingTransaction = false
            format = event.array
            checksum = try FormatDescriptionEvent(decoding: event).checksum ?? .none
            isBehindFormat = true
            return hasBegun || beginsWithFileEvents
        case .rotate:
            isSkippingTransaction = false
            return hasBegun || beginsWithFileEvents
        default:
            return !isSkippingTransaction && (hasBegun || position.isAtOrBehindTarget(of: request))
        }
    }

    /// Whether a ROTATE or FORMAT_DESCRIPTION before the first transaction belongs to what was asked for: it does where a place was
    /// named, and not where a set was, whose stream begins at its first transaction.
    private var beginsWithFileEvents: Bool {
        guard case .position = request.start else { return false }
        return position.isAtOrBehindTarget(of: request)
    }

    private func target(of rotate: RawSpan) throws -> UpstreamPosition {
        let event = try RotateEvent(decoding: rotate, checksum: checksum)
        return UpstreamPosition(file: event.fileName.array, offset: event.position)
    }

    private func damaged(_ reason: String) -> LogError {
        LogError(.corruption, file: segment.path, reason)
    }

    // MARK: - Packets

    private func writePacket(_ event: RawSpan, into output: inout ByteBuffer) {
        beginPacket(eventBytes: event.byteCount, into: &output)
        event.withUnsafeBytes { _ = output.writeBytes($0) }
        packetBytesLeft -= event.byteCount
    }

    /// Writes the header of the first packet of an event, and the byte that says that an event follows.
    private func beginPacket(eventBytes: Int, into output: inout ByteBuffer) {
        writePacketHeader(payloadBytesLeft: eventBytes + 1, into: &output)
        output.writeInteger(OKPacket.header)
        packetBytesLeft -= 1
    }

    private func writePacketHeader(payloadBytesLeft: Int, into output: inout ByteBuffer) {
        let length = min(payloadBytesLeft, PacketFraming.maxPacketPayloadBytes)
        packetIsContinued = length == PacketFraming.maxPacketPayloadBytes
        output.writeInteger(UInt32(length) | UInt32(sequence) << 24, endianness: .little)
        sequence &+= 1
        packetBytesLeft = length
    }

    /// Tells the consumer which file and format follow, where it does not know.
    private func begin(nextIsFormat: Bool, into output: inout ByteBuffer) throws {
        let isFirst = !hasBegun
        hasBegun = true
        toldFile = position.file
        rotatedTo = nil
        // A source names the beginning of the file to who asked by GTID, whatever it skips in it; and to who asked by place that place,
        // unless its file ended there.
        var isElsewhere = false
        if case .position(let target) = request.start, !target.file.isEmpty { isElsewhere = target.file != toldFile }
        if !isFirst || isElsewhere { toldPosition = position.offset }
        var event: [UInt8] = []
        RotateEvent.encode(
            fileName: toldFile, position: toldPosition,
            in: .artificial(serverID: serverID, checksum: isFirst && !request.wantsChecksums ? .none : checksum), into: &event)
        writePacket(event.span.bytes, into: &output)
        let format = format
        guard isFirst, !nextIsFormat, !format.isEmpty else { return }
        event.removeAll()
        try FormatDescriptionEvent.encode(
            rewriting: format.span.bytes, created: 0, endPosition: toldFormatEnd, serverID: serverID, into: &event)
        writePacket(event.span.bytes, into: &output)
        // A replica counts an event that has a place, and a heartbeat from before where it is would stop it for good.
        toldPosition = max(toldPosition, UInt64(toldFormatEnd))
    }

    /// Where the FORMAT_DESCRIPTION that a consumer is told ends. To a replica that asked by GTID a place other than 0 says that a new
    /// connection begins: it rolls back the transaction that the last one left incomplete. With 0 it would wait for its end for ever.
    private var toldFormatEnd: UInt32 {
        guard case .gtids = request.start else { return 0 }
        return UInt32(truncatingIfNeeded: BinlogDumpGTIDCommand.firstEventPosition) + UInt32(truncatingIfNeeded: format.count)
    }

    /// Appends the PREVIOUS_GTIDS that the upstream's file has behind its FORMAT_DESCRIPTION, if that was the last event, so that a
    /// consumer's copy of the file, and its count of positions, are the upstream's own.
    ///
    /// - Parameter next: where the next event stands: in the same file behind a gap of the size that the upstream's PREVIOUS_GTIDS has
    ///   (where ours would be of another size, none is better), or in another file; nil where there is none yet.
    private func endFormat(before next: UpstreamPosition?, into output: inout ByteBuffer) {
        guard isBehindFormat else { return }
        isBehindFormat = false
        guard hasBegun, let header = try? EventHeader(decoding: format.span.bytes) else { return }
        let encoded = walked.encoded()
        let count = UInt64(EventHeader.byteCount + encoded.count + checksum.byteCount)
        if let next, next.file == position.file, next.offset != position.offset + count { return }
        var event: [UInt8] = []
        PreviousGTIDsEvent.encode(
            encodedSet: encoded,
            in: EventEnvelope(
                timestamp: header.timestamp, serverID: header.serverID, flags: .ignorable, position: .startingAt(position.offset),
                checksum: checksum), into: &event)
        writePacket(event.span.bytes, into: &output)
        position.offset += count
        toldPosition = position.offset
    }

    /// Appends a heartbeat that says where the consumer is; nothing inside an event.
    func writeHeartbeat(into output: inout ByteBuffer) {
        guard hasBegun, eventBytesLeft == 0 else { return }
        let place = rotatedTo ?? UpstreamPosition(file: toldFile, offset: toldPosition)
        var event: [UInt8] = []
        if request.wantsHeartbeatV2 {
            HeartbeatEvent.encodeV2(fileName: place.file, position: place.offset, serverID: serverID, checksum: checksum, into: &event)
        } else {
            HeartbeatEvent.encode(fileName: place.file, position: place.offset, serverID: serverID, checksum: checksum, into: &event)
        }
        writePacket(event.span.bytes, into: &output)
    }

    /// Appends a packet that is no event: the end of the stream, or an error.
    func write(_ payload: [UInt8], into output: inout ByteBuffer) {
        writePacketHeader(payloadBytesLeft: payload.count, into: &output)
        output.writeBytes(payload)
    }
}

extension UpstreamPosition {
    /// Whether this place is at or behind the one that was asked for; every place is, where none was named.
    fileprivate func isAtOrBehindTarget(of request: DumpRequest) -> Bool {
        guard case .position(let target) = request.start, !target.file.isEmpty else { return true }
        return isAtOrBehind(target)
    }
}

extension Segment {
    /// Where the segment's first event stands in the upstream's files.
    fileprivate var start: UpstreamPosition { UpstreamPosition(file: startState.file, offset: startState.position) }
}
