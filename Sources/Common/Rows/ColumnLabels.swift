/// What stands before each value of a row: `id=`, `"id":`. Made once of a table, used for every row.
public final class ColumnLabels: @unchecked Sendable {
    // Checked by hand: nothing in it changes after the initialiser.
    private let bytes: UnsafeMutableRawPointer
    private let places: UnsafeMutablePointer<(start: Int, count: Int)>
    private let separatorCount: Int
    /// Bytes behind the last label, so that each can be copied sixteen bytes at a time.
    private static let paddingCount = 16

    /// - Parameters:
    ///   - labels: one for each column of the table.
    ///   - separator: what stands between two values.
    public init(_ labels: [[UInt8]], separator: [UInt8]) {
        separatorCount = separator.count
        let byteCount = labels.reduce(Self.paddingCount) { $0 + separator.count + $1.count }
        bytes = .allocate(byteCount: byteCount, alignment: 1)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        places = .allocate(capacity: labels.count)
        var start = 0
        for (index, label) in labels.enumerated() {
            let whole = separator + label
            UnsafeMutableRawBufferPointer(start: bytes + start, count: whole.count).copyBytes(from: whole)
            (places + index).initialize(to: (start, whole.count))
            start += whole.count
        }
    }

    deinit {
        bytes.deallocate()
        places.deallocate()
    }

    /// Appends the label of a column, the separator before it where it is not the row's first.
    @inline(__always)
    public func append(_ column: Int, isFirst: Bool, to sink: inout ByteSink) {
        let (start, count) = places[column]
        let skipped = isFirst ? separatorCount : 0
        sink.append(padded: bytes + start + skipped, count: count - skipped)
    }
}

extension ValueWriter {
    /// Appends all values of the current row's before image, each behind its label.
    public mutating func write(
        before rows: borrowing RowReader, as format: ValueFormat, labels: borrowing ColumnLabels, into sink: inout ByteSink
    ) {
        let image = rows.beforeImage
        for index in 0..<image.count where !writePlain(index, of: image, as: format, labels: labels, into: &sink) {
            write(rows.before(index), as: format, into: &sink)
        }
    }

    /// Appends all values of the current row's after image, each behind its label.
    public mutating func write(
        after rows: borrowing RowReader, as format: ValueFormat, labels: borrowing ColumnLabels, into sink: inout ByteSink
    ) {
        let image = rows.afterImage
        for index in 0..<image.count where !writePlain(index, of: image, as: format, labels: labels, into: &sink) {
            write(rows.after(index), as: format, into: &sink)
        }
    }

    /// Appends the label of a value, and the value unless it is NULL or JSON.
    ///
    /// - Returns: Whether the value was appended.
    @inline(__always)
    private mutating func writePlain(
        _ index: Int, of image: RowReader.Image, as format: ValueFormat, labels: borrowing ColumnLabels, into sink: inout ByteSink
    ) -> Bool {
        let column = image.columns + index
        labels.append(column.pointee.index, isFirst: index == 0, to: &sink)
        let slot = image.slots + index
        if slot.pointee.isNull || column.pointee.isPlainJSON { return false }
        let bytes = UnsafeRawBufferPointer(start: image.start + Int(slot.pointee.start), count: Int(slot.pointee.count))
        write(bytes, of: column, as: format, into: &sink)
        return true
    }
}
