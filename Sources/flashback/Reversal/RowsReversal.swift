import Common

/// Turns a row event into the one that undoes it: an INSERT into a DELETE, a DELETE into an INSERT, an UPDATE into the way back, and the
/// last row first.
///
/// It must be one that ``RowSafety`` has no objection to. What is not understood stays as it is: flags, NDB's own bytes.
struct RowsReversal: ~Copyable {
    /// Rows that are put together before it is known where they belong, and where each ends.
    private var scratch = ByteSink(capacity: 1 << 10)
    private var rowEnds: [Int] = []
    /// Memory of ``scratch`` that is kept for the next event.
    private static let maxKeptBytes = 1 << 20
    var foreignKeys = ForeignKeyChecks()

    /// Appends the event that undoes another one: header and body, with room counted for a checksum and none written. Its end position is
    /// 0, and it does not say that it is its statement's last.
    ///
    /// - Parameters:
    ///   - bytes: A whole event.
    ///   - plan: What ``RowDecoder/plan(for:checksum:)`` says of it.
    ///   - checksum: What the new event is to end with.
    /// - Throws: ``CodecError`` where the rows are not what their table says.
    mutating func append(
        _ bytes: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan), layout: EventLayout,
        checksum: ChecksumAlgorithm, into sink: inout ByteSink
    ) throws(CodecError) {
        let start = sink.count
        let bitmapByteCount = (plan.event.columnCount + 7) / 8
        let isUpdate = plan.event.hasBefore && plan.event.hasAfter
        let bitmaps = plan.event.rows.lowerBound - bitmapByteCount * (isUpdate ? 2 : 1)
        sink.append(bytes.extracting(0..<bitmaps))
        // The before image's columns are those of both: what the after image leaves out has not changed.
        sink.append(contentsOf: plan.event.beforeColumns)
        if isUpdate { sink.append(contentsOf: plan.event.beforeColumns) }
        if Self.isToBeCompleted(plan.event) {
            try appendCompletedRows(bytes, plan, into: &sink)
        } else {
            try appendRows(bytes, plan, into: &sink)
        }
        var reversed = header
        reversed.type = try Self.reversed(header.type)
        reversed.eventLength = UInt32(sink.count - start + checksum.byteCount)
        reversed.endPosition = 0
        reversed.flags.subtract([.artificial, .relayLog])
        let flagsOffset = layout.rowFlagsOffset(header.type)
        sink.overwrite(start..<start + bitmaps) { head in
            reversed.write(to: head)
            head[flagsOffset] &= ~UInt8(RowsEvent.Flags.statementEnd.rawValue)
            if !foreignKeys.areMade(for: plan.event) { head[flagsOffset] |= UInt8(RowsEvent.Flags.noForeignKeyChecks.rawValue) }
            if isUpdate, Self.hasExtraData(header.type) { Self.swapPartitions(head, from: flagsOffset + 2) }
        }
    }

    /// Goes through the rows as ``append(_:_:_:layout:checksum:into:)`` does, and writes nothing.
    ///
    /// - Throws: ``CodecError`` where that would throw.
    mutating func check(_ bytes: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)) throws(CodecError) {
        _ = try Self.reversed(header.type)
        guard !Self.isToBeCompleted(plan.event) else { return try gatherCompletedRows(bytes, plan) }
        var rows = try RowReader(bytes, event: plan.event, plan: plan.plan)
        while try rows.nextRanges() {}
    }

    /// Whether after images of an update do not hold all that the before images hold.
    private static func isToBeCompleted(_ event: RowsEvent) -> Bool {
        event.hasBefore && event.hasAfter && (event.action == .partialUpdate || event.afterColumns != event.beforeColumns)
    }

    private static func hasExtraData(_ type: EventType) -> Bool { type.rawValue >= EventType.writeRows.rawValue }

    private static func reversed(_ type: EventType) throws(CodecError) -> EventType {
        switch type {
        case .writeRowsV0: .deleteRowsV0
        case .deleteRowsV0: .writeRowsV0
        case .writeRowsV1: .deleteRowsV1
        case .deleteRowsV1: .writeRowsV1
        case .writeRows: .deleteRows
        case .deleteRows: .writeRows
        case .updateRowsV0, .updateRowsV1, .updateRows: type
        case .partialUpdateRows: .updateRows
        default: throw CodecError(.invalid, at: 4, "expected row changes, found \(type)")
        }
    }

    // MARK: - Rows

    /// Each row has as many bytes as before, so its place is known: the first row's is the end.
    private func appendRows(_ bytes: RawSpan, _ plan: (event: RowsEvent, plan: RowPlan), into sink: inout ByteSink) throws(CodecError) {
        let count = plan.event.rows.count
        _ = try sink.append(capacity: count) { space throws(CodecError) in
            var rows = try RowReader(bytes, event: plan.event, plan: plan.plan)
            var end = count
            while try rows.nextRanges() {
                end -= rows.beforeRange.count
                Self.copy(rows.beforeRange, of: bytes, to: space, at: end)
                end -= rows.afterRange.count
                Self.copy(rows.afterRange, of: bytes, to: space, at: end)
            }
            return count
        }
    }

    @inline(__always)
    private static func copy(_ range: Range<Int>, of bytes: RawSpan, to space: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.withUnsafeBytes { source in
            guard !range.isEmpty, let source = source.baseAddress, let target = space.baseAddress else { return }
            (target + offset).copyMemory(from: source + range.lowerBound, byteCount: range.count)
        }
    }

    /// Rows whose after images are made whole, and are then as long as they come out.
    private mutating func appendCompletedRows(
        _ bytes: RawSpan, _ plan: (event: RowsEvent, plan: RowPlan), into sink: inout ByteSink
    ) throws(CodecError) {
        try gatherCompletedRows(bytes, plan)
        for index in rowEnds.indices.reversed() {
            let start = index == 0 ? 0 : rowEnds[index - 1]
            sink.append(scratch.bytes.extracting(start..<rowEnds[index]))
        }
    }

    private mutating func gatherCompletedRows(_ bytes: RawSpan, _ plan: (event: RowsEvent, plan: RowPlan)) throws(CodecError) {
        scratch.removeAll(keeping: Self.maxKeptBytes)
        rowEnds.removeAll(keepingCapacity: true)
        var rows = try RowReader(bytes, event: plan.event, plan: plan.plan)
        while try rows.next() {
            try rows.appendCompletedAfter(to: &scratch)
            scratch.append(bytes.extracting(rows.beforeRange))
            rowEnds.append(scratch.count)
        }
    }

    // MARK: - Partitions

    /// What the extra data of version 2 begins with.
    private enum ExtraData {
        static let ndb: UInt8 = 0
        static let partitions: UInt8 = 1
    }

    /// Swaps the partition that an update moved its rows from and the one that it moved them to. The event has been decoded: the lengths
    /// are those of its own bytes.
    private static func swapPartitions(_ head: UnsafeMutableRawBufferPointer, from start: Int) {
        let length = Int(head[start]) | Int(head[start + 1]) << 8
        let end = start + length
        var offset = start + 2
        while offset < end {
            switch head[offset] {
            case ExtraData.ndb: offset += 1 + Int(head[offset + 1])
            case ExtraData.partitions:
                for index in offset + 1...offset + 2 { head.swapAt(index, index + 2) }
                offset += 5
            // A kind that is not known has a length that is not known.
            default: return
            }
        }
    }
}

extension EventHeader {
    /// Writes the header over the first bytes of an event.
    func write(to event: UnsafeMutableRawBufferPointer) {
        var offset = 0
        func put<T: FixedWidthInteger>(_ value: T) {
            event.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
            offset += MemoryLayout<T>.size
        }
        put(timestamp)
        put(type.rawValue)
        put(serverID)
        put(eventLength)
        put(endPosition)
        put(flags.rawValue)
    }
}
