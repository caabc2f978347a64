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
        var nullByteCount: Int { (columns.count + 7) / 8 }
        var jsonCount: Int
    }

    public let table: TableMapEvent
    let beforeColumns: [UInt8]
    let afterColumns: [UInt8]
    let before: Image
    let after: Image
    private let labels: [LabelTable]

    /// - Throws: `invalid` where the event speaks of another number of columns than the table has; what ``ColumnKind`` throws.
    public init(table: TableMapEvent, event: RowsEvent) throws(CodecError) {
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
        beforeColumns = event.beforeColumns
        afterColumns = event.afterColumns
        before = Self.image(of: columns, present: event.beforeColumns)
        after = Self.image(of: columns, present: event.afterColumns)
    }

    deinit {
        before.base.deallocate()
        after.base.deallocate()
        for table in labels { table.deallocate() }
    }

    private static func image(of columns: [ColumnPlan], present: [UInt8]) -> Image {
        let chosen = columns.filter { present[$0.index / 8] >> UInt8($0.index % 8) & 1 == 1 }
        let base = UnsafeMutablePointer<ColumnPlan>.allocate(capacity: max(1, chosen.count))
        let copy = UnsafeMutableBufferPointer(start: base, count: chosen.count)
        _ = copy.initialize(from: chosen)
        return Image(columns: copy, base: base, jsonCount: columns.count { $0.isPlainJSON })
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
