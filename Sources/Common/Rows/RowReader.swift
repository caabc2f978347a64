/// Walks the rows of one event: cuts each into the spans of its values, every bound checked once.
///
///     var rows = try decoder.rows(of: event, plan: plan)
///     while try rows.next() {
///         for index in 0..<rows.afterCount { writer.write(rows.after(index), as: .text, into: &output) }
///     }
///
/// It takes memory once, for the spans of one row; a row or a value takes none.
public struct RowReader: ~Copyable, ~Escapable {
    public let event: RowsEvent
    public let plan: RowPlan
    private let bytes: RawSpan
    private let start: UnsafeRawPointer
    private let before: UnsafePointer<ColumnPlan>
    private let after: UnsafePointer<ColumnPlan>
    private let afterSlots: UnsafeMutablePointer<Slot>
    /// How many values the before image has; 0 where the event has none.
    public let beforeCount: Int
    /// How many values the after image has; 0 where the event has none.
    public let afterCount: Int
    private var position: Int
    private let end: Int
    private var isFirst = true
    /// Of the before image, then of the after image.
    private let slots: UnsafeMutablePointer<Slot>
    /// Which bytes of the event are the images of the current row, their bitmaps of NULLs included; empty for an image that the event
    /// does not have.
    public private(set) var beforeRange = 0..<0
    public private(set) var afterRange = 0..<0

    struct Slot {
        var start: UInt32 = 0
        var count: UInt32 = 0
        var isNull = false
        var isPartial = false
    }

    /// - Parameter bytes: The whole event that `event` was read from, below 4 GiB.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, event: RowsEvent, plan: RowPlan) throws(CodecError) {
        guard plan.fits(event), event.rows.upperBound <= bytes.byteCount, bytes.byteCount <= Int(UInt32.max),
            let start = bytes.withUnsafeBytes(\.baseAddress)
        else {
            throw CodecError(.invalid, at: 0, "the rows do not fit their plan")
        }
        self.event = event
        self.plan = plan
        self.bytes = bytes
        self.start = start
        before = UnsafePointer(plan.before.base)
        after = UnsafePointer(plan.after.base)
        beforeCount = event.hasBefore ? plan.before.columns.count : 0
        afterCount = event.hasAfter ? plan.after.columns.count : 0
        position = event.rows.lowerBound
        end = event.rows.upperBound
        let count = plan.before.columns.count + plan.after.columns.count
        slots = .allocate(capacity: max(1, count))
        slots.initialize(repeating: Slot(), count: max(1, count))
        afterSlots = slots + plan.before.columns.count
    }

    deinit { slots.deallocate() }

    /// Moves to the next row; false behind the last.
    ///
    /// - Throws: `truncated` where the event ends inside a row.
    public mutating func next() throws(CodecError) -> Bool { try next(cutting: true) }

    /// Moves to the next row as ``next()`` does, and finds out ``beforeRange`` and ``afterRange`` alone, several times as fast. The row's
    /// values are not to be asked for.
    ///
    /// - Throws: `truncated` where the event ends inside a row.
    public mutating func nextRanges() throws(CodecError) -> Bool { try next(cutting: false) }

    @inline(__always)
    private mutating func next(cutting: Bool) throws(CodecError) -> Bool {
        if position >= end { return try nextEmpty() }
        isFirst = false
        let start = position
        if event.hasBefore {
            try move(behind: plan.before, slots: 0, partialBits: 0, cutting: cutting)
            beforeRange = start..<position
        }
        if event.hasAfter {
            let afterStart = position
            let partialBits = event.action == .partialUpdate ? try partialBits() : 0
            try move(behind: plan.after, slots: plan.before.columns.count, partialBits: partialBits, cutting: cutting)
            afterRange = afterStart..<position
        }
        guard position > start else { throw CodecError(.invalid, at: start, "\(end - start) bytes of rows that have no columns") }
        return true
    }

    @inline(__always)
    private mutating func move(behind image: RowPlan.Image, slots first: Int, partialBits: Int, cutting: Bool) throws(CodecError) {
        guard cutting || plan.mayLackDigits else { return try pass(image) }
        try cut(image, slots: first, partialBits: partialBits)
        if plan.mayLackDigits { try checkTemporals(image, slots: first) }
    }

    /// An event without columns has one row, of no bytes: an INSERT of defaults under binlog_row_image=MINIMAL.
    private mutating func nextEmpty() throws(CodecError) -> Bool {
        guard isFirst, event.rows.isEmpty, beforeCount + afterCount == 0 else { return false }
        isFirst = false
        return true
    }

    /// Reads what stands ahead of a partial after image. Returns where its bitmap of partial JSON values is; 0 for no bitmap.
    private mutating func partialBits() throws(CodecError) -> Int {
        var reader = ByteReader(bytes.extracting(position..<end))
        let options = try reader.lengthEncodedInteger()
        position += reader.offset
        guard options & 1 == 1 else { return 0 }
        let start = position
        position += (plan.after.jsonCount + 7) / 8
        guard position <= end else { throw truncated(at: start) }
        return start
    }

    /// Cuts one image into its values.
    private mutating func cut(_ image: RowPlan.Image, slots firstSlot: Int, partialBits: Int) throws(CodecError) {
        let nullBits = position
        let end = end
        var at = position + image.nullByteCount
        guard at <= end else { throw truncated(at: position) }
        let hasNull = hasNull(image, at: nullBits)
        let layouts = image.layouts
        let slots = slots + firstSlot
        for index in 0..<image.columns.count {
            if hasNull, bit(index, from: nullBits) {
                slots[index] = Slot(isNull: true)
                continue
            }
            var count = Int(layouts[index])
            if count < 0 {
                let byteCount = 0 &- count
                guard byteCount <= end &- at else { throw truncated(at: at) }
                count = length(at: at, byteCount: byteCount)
                at &+= byteCount
            }
            guard count <= end &- at else { throw truncated(at: at) }
            slots[index] = Slot(start: UInt32(truncatingIfNeeded: at), count: UInt32(truncatingIfNeeded: count))
            at &+= count
        }
        position = at
        if partialBits != 0 { markPartial(image, slots, bits: partialBits) }
    }

    /// Finds out which values are changes. A bit is consumed for every JSON column of the table, in the image or not.
    private func markPartial(_ image: RowPlan.Image, _ slots: UnsafeMutablePointer<Slot>, bits: Int) {
        var json = 0
        var tableColumn = 0
        for index in 0..<image.columns.count where image.base[index].isPlainJSON {
            json += jsonColumns(from: tableColumn, to: image.base[index].index)
            tableColumn = image.base[index].index + 1
            slots[index].isPartial = bit(json, from: bits)
            json += 1
        }
    }

    /// Moves behind one image.
    private mutating func pass(_ image: RowPlan.Image) throws(CodecError) {
        let nullBits = position
        let end = end
        var at = position + image.nullByteCount
        guard at <= end else { throw truncated(at: position) }
        if hasNull(image, at: nullBits) {
            let layouts = image.layouts
            for index in 0..<image.columns.count where !bit(index, from: nullBits) {
                let layout = Int(layouts[index])
                if layout < 0 { try passLength(at: &at, byteCount: 0 &- layout) } else { at &+= layout }
                guard at <= end else { throw truncated(at: position) }
            }
        } else {
            for index in 0..<image.steps.count {
                let step = image.steps[index]
                at &+= step.byteCount
                if step.lengthByteCount > 0 { try passLength(at: &at, byteCount: step.lengthByteCount) }
                guard at <= end else { throw truncated(at: position) }
            }
        }
        position = at
    }

    /// Moves behind a length and the bytes that it counts, which may be beyond the end.
    @inline(__always)
    private func passLength(at offset: inout Int, byteCount: Int) throws(CodecError) {
        guard byteCount <= end &- offset else { throw truncated(at: offset) }
        offset &+= byteCount &+ length(at: offset, byteCount: byteCount)
    }

    /// Whether an image has a NULL, by the bitmap at `offset`. What is left of its last byte means nothing.
    @inline(__always)
    private func hasNull(_ image: RowPlan.Image, at offset: Int) -> Bool {
        let last = image.nullByteCount - 1
        guard last >= 0 else { return false }
        for index in 0..<last where start.load(fromByteOffset: offset + index, as: UInt8.self) != 0 { return true }
        return start.load(fromByteOffset: offset + last, as: UInt8.self) & image.lastNullBits != 0
    }

    private func jsonColumns(from start: Int, to end: Int) -> Int {
        plan.table.columns[start..<end].count { $0.type == .json }
    }

    @inline(__always)
    private func bit(_ index: Int, from start: Int) -> Bool {
        bytes.unsafeLoad(fromUncheckedByteOffset: start &+ index >> 3, as: UInt8.self) >> UInt8(truncatingIfNeeded: index & 7) & 1 == 1
    }

    @inline(__always)
    private func length(at offset: Int, byteCount: Int) -> Int {
        switch byteCount {
        case 1: Int(start.load(fromByteOffset: offset, as: UInt8.self))
        case 2: Int(UInt16(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        // A length has up to 4 bytes.
        default: Int(truncatingIfNeeded: littleEndian(start + offset, below8: byteCount))
        }
    }

    @inline(never)
    private func truncated(at offset: Int) -> CodecError {
        if plan.mayLackDigits { return lacksDigits(at: offset) }
        return CodecError(.truncated, at: offset, "a row of `\(plan.table.database)`.`\(plan.table.table)` goes past the end of its event")
    }

    /// Throws where a value of the format before MySQL 5.6 is no time that this format can hold, as one with a fraction looks without it.
    private func checkTemporals(_ image: RowPlan.Image, slots first: Int) throws(CodecError) {
        for index in 0..<image.columns.count where !slots[first + index].isNull {
            let slot = slots[first + index]
            let value = littleEndian(UnsafeRawBufferPointer(start: start + Int(slot.start), count: Int(slot.count)))
            let isPossible =
                switch image.base[index].kind {
                case .oldTime: Self.isClock((Int64(bitPattern: value << 40) >> 40).magnitude, hours: 839)
                case .oldDateTime:
                    value <= 9999_12_31_23_59_59 && value / 1_00_00_00_00 % 100 <= 12 && value / 1_00_00_00 % 100 <= 31
                        && Self.isClock(value % 1_00_00_00, hours: 24)
                default: true
                }
            guard isPossible else { throw lacksDigits(at: Int(slot.start)) }
        }
    }

    /// Whether a number is hhmmss.
    private static func isClock(_ value: UInt64, hours: UInt64) -> Bool {
        value / 1_00_00 < hours && value / 100 % 100 < 60 && value % 100 < 60
    }

    private func lacksDigits(at offset: Int) -> CodecError {
        CodecError(
            .unsupported, at: offset,
            "rows of `\(plan.table.database)`.`\(plan.table.table)` cannot be read by what the binlog tells: it has columns of the kind TIME, "
                + "DATETIME or TIMESTAMP from before MySQL 5.6 (mysql56_temporal_format=OFF), whose size depends on their decimals; --schema "
                + "names what tells these")
    }
}

extension RowReader {
    /// Value `index` of the before image, below ``beforeCount``.
    @inline(__always)
    @_lifetime(borrow self)
    public func before(_ index: Int) -> RowValue {
        precondition(index >= 0 && index < beforeCount)
        return value(before + index, slots[index], base: nil)
    }

    /// Value `index` of the after image, below ``afterCount``. That of a JSON column may be a change to the before image's
    /// (``RowValue/isPartial``).
    @inline(__always)
    @_lifetime(borrow self)
    public func after(_ index: Int) -> RowValue {
        precondition(index >= 0 && index < afterCount)
        let slot = afterSlots[index]
        return value(after + index, slot, base: slot.isPartial ? base(of: after[index].index) : nil)
    }

    /// One image of the current row as plain memory, for ``ValueWriter``: a ``RowValue`` for each value costs more than most values do.
    struct Image {
        let start: UnsafeRawPointer
        let columns: UnsafePointer<ColumnPlan>
        let slots: UnsafePointer<Slot>
        let count: Int
    }

    var beforeImage: Image { Image(start: start, columns: before, slots: slots, count: beforeCount) }
    var afterImage: Image { Image(start: start, columns: after, slots: afterSlots, count: afterCount) }

    /// Which value of the before image is that of a column; nil where it has none.
    public func beforeIndex(of column: Int) -> Int? { event.hasBefore ? plan.before.columns.firstIndex { $0.index == column } : nil }

    /// Which value of the after image is that of a column; nil where it has none.
    public func afterIndex(of column: Int) -> Int? { event.hasAfter ? plan.after.columns.firstIndex { $0.index == column } : nil }

    @inline(__always)
    @_lifetime(borrow self)
    private func value(_ column: UnsafePointer<ColumnPlan>, _ slot: Slot, base: UnsafeRawBufferPointer?) -> RowValue {
        RowValue(
            column, start: start + Int(slot.start), count: Int(slot.count), isNull: slot.isNull, isPartial: slot.isPartial, base: base)
    }

    /// The before image's value of a column; nil where it has none.
    private func base(of column: Int) -> UnsafeRawBufferPointer? {
        guard let index = plan.before.columns.firstIndex(where: { $0.index == column }), !slots[index].isNull else { return nil }
        return UnsafeRawBufferPointer(start: start + Int(slots[index].start), count: Int(slots[index].count))
    }
}
