/// How to cut the rows of one table and one set of columns: made once of a TABLE_MAP and the bitmaps of a row event, run for every row.
///
/// It owns plain memory that rows and values point into, so a ``RowReader`` keeps it alive.
public final class RowPlan: @unchecked Sendable {
    // Checked by hand: nothing in it changes after the initialiser.
    /// One image's columns, in the order of their values.
    struct Image {
        var columns: UnsafeMutableBufferPointer<ColumnPlan>
        /// Where the columns begin; never read where there are none.
        var base: UnsafeMutablePointer<ColumnPlan>
        /// ``ColumnPlan/layout`` of each of them, side by side.
        var layouts: UnsafeMutablePointer<Int32>
        /// What an image without NULLs consists of.
        var steps: UnsafeMutableBufferPointer<Step>
        var nullByteCount: Int { (columns.count + 7) / 8 }
        /// The bits of the last byte of NULLs that are of columns.
        var lastNullBits: UInt8
        var jsonCount: Int
    }

    /// Values whose lengths are known, and one behind them that says how long it is.
    struct Step {
        var byteCount = 0
        /// Bytes of the length; 0 where nothing follows.
        var lengthByteCount = 0
    }

    public let table: TableMapEvent
    let beforeColumns: [UInt8]
    let afterColumns: [UInt8]
    let before: Image
    let after: Image
    private let labels: [LabelTable]
    /// Whether some columns' values may be longer than the table map tells: MariaDB's temporals in the format before MySQL 5.6, whose size
    /// depends on the digits of their fraction, which only a schema knows.
    let mayLackDigits: Bool

    /// - Throws: `invalid` where the event speaks of another number of columns than the table has; what ``ColumnKind`` throws.
    public init(table: TableMapEvent, event: RowsEvent, isMariaDB: Bool = false) throws(CodecError) {
        guard table.columns.count == event.columnCount else {
            throw CodecError(
                .invalid, at: EventHeader.byteCount, "rows of \(event.columnCount) columns for a table of \(table.columns.count)")
        }
        var columns: [ColumnPlan] = []
        var labels: [LabelTable] = []
        // All that can throw comes before memory is taken that only deinit gives back.
        let kinds = try table.columns.map { column throws(CodecError) in try ColumnKind(column) }
        for (index, column) in table.columns.enumerated() {
            var plan = ColumnPlan(index: index, kind: kinds[index], charset: column.charset)
            if !column.labels.isEmpty {
                labels.append(LabelTable(column.labels, charset: column.labelCharset ?? column.charset))
                plan.labels = labels[labels.count - 1].pointer
            }
            columns.append(plan)
        }
        self.table = table
        self.labels = labels
        mayLackDigits =
            isMariaDB && kinds.contains { [.oldTime, .oldDateTime, .oldTimestamp].contains($0) }
        beforeColumns = event.beforeColumns
        afterColumns = event.afterColumns
        before = Self.image(of: columns, present: event.beforeColumns)
        after = Self.image(of: columns, present: event.afterColumns)
    }

    deinit {
        for image in [before, after] {
            image.base.deallocate()
            image.layouts.deallocate()
            image.steps.deallocate()
        }
        for table in labels { table.deallocate() }
    }

    private static func image(of columns: [ColumnPlan], present: [UInt8]) -> Image {
        let chosen = columns.filter { present[$0.index / 8] >> UInt8($0.index % 8) & 1 == 1 }
        let base = UnsafeMutablePointer<ColumnPlan>.allocate(capacity: max(1, chosen.count))
        let copy = UnsafeMutableBufferPointer(start: base, count: chosen.count)
        _ = copy.initialize(from: chosen)
        let layouts = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, chosen.count))
        layouts.initialize(from: chosen.map(\.layout), count: chosen.count)
        let steps = steps(of: chosen)
        let stepCopy = UnsafeMutableBufferPointer<Step>.allocate(capacity: steps.count)
        _ = stepCopy.initialize(from: steps)
        return Image(
            columns: copy, base: base, layouts: layouts, steps: stepCopy, lastNullBits: 0xFF >> UInt8((8 - chosen.count % 8) % 8),
            jsonCount: columns.count { $0.isPlainJSON })
    }

    private static func steps(of columns: [ColumnPlan]) -> [Step] {
        var steps: [Step] = []
        var step = Step()
        for column in columns {
            if column.layout >= 0 {
                step.byteCount += Int(column.layout)
            } else {
                step.lengthByteCount = -Int(column.layout)
                steps.append(step)
                step = Step()
            }
        }
        if step.byteCount > 0 { steps.append(step) }
        return steps
    }

    /// Whether the plan fits another event on the same table.
    func fits(_ event: RowsEvent) -> Bool {
        beforeColumns == event.beforeColumns && afterColumns == event.afterColumns && table.columns.count == event.columnCount
    }
}

/// What the decoder needs to know of a column: no references, so that copies cost nothing.
struct ColumnPlan {
    var index: Int
    var kind: ColumnKind
    var charset: Charset
    /// Bytes of the value; negative for the bytes of the length in front of it.
    var layout: Int32
    var isPlainJSON: Bool
    var labels: UnsafePointer<LabelTable.Header>?

    init(index: Int, kind: ColumnKind, charset: Charset) {
        self.index = index
        self.kind = kind
        self.charset = charset
        switch kind.layout {
        case .fixed(let count): layout = Int32(count)
        case .prefixed(let count): layout = -Int32(count)
        }
        if case .json = kind { isPlainJSON = true } else { isPlainJSON = false }
    }
}

/// The labels of an ENUM or SET in UTF-8, in memory of their own.
struct LabelTable {
    struct Header {
        var count: Int
        var starts: UnsafeMutablePointer<UInt32>
        var bytes: UnsafeMutableRawPointer

        /// Whether each bit of a SET has a label.
        func holds(set bits: UInt64) -> Bool { count >= 64 - bits.leadingZeroBitCount }

        /// Label `number`, from 1; nil where there is none.
        func label(_ number: UInt64) -> UnsafeRawBufferPointer? {
            guard number >= 1, number <= UInt64(count) else { return nil }
            let index = Int(number) - 1
            return UnsafeRawBufferPointer(start: bytes + Int(starts[index]), count: Int(starts[index + 1] - starts[index]))
        }
    }

    let pointer: UnsafePointer<Header>

    init(_ labels: [[UInt8]], charset: Charset) {
        var sink = ByteSink(capacity: 256)
        let starts = UnsafeMutablePointer<UInt32>.allocate(capacity: labels.count + 1)
        let converter = TextConverter(charset)
        for (index, label) in labels.enumerated() {
            starts[index] = UInt32(sink.count)
            _ = label.withUnsafeBytes { converter.convert($0, into: &sink) }
        }
        starts[labels.count] = UInt32(sink.count)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(1, sink.count), alignment: 1)
        sink.bytes.withUnsafeBytes { if let start = $0.baseAddress { bytes.copyMemory(from: start, byteCount: $0.count) } }
        let header = UnsafeMutablePointer<Header>.allocate(capacity: 1)
        header.initialize(to: Header(count: labels.count, starts: starts, bytes: bytes))
        pointer = UnsafePointer(header)
    }

    func deallocate() {
        pointer.pointee.starts.deallocate()
        pointer.pointee.bytes.deallocate()
        pointer.deallocate()
    }
}
