/// What stands before each value of a row: `id=`, `"id":`. Made once of a table, used for every row.
public final class ColumnLabels: @unchecked Sendable {
    // Checked by hand: nothing in it changes after the initialiser.
    private let bytes: UnsafeMutableRawBufferPointer
    private let places: UnsafeMutableBufferPointer<(start: Int, count: Int)>
    private let separatorCount: Int

    /// - Parameters:
    ///   - labels: one for each column of the table.
    ///   - separator: what stands between two values.
    public init(_ labels: [[UInt8]], separator: [UInt8]) {
        separatorCount = separator.count
        bytes = .allocate(byteCount: labels.reduce(0) { $0 + separator.count + $1.count }, alignment: 1)
        places = .allocate(capacity: labels.count)
        var start = 0
        for (index, label) in labels.enumerated() {
            let whole = separator + label
            UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + whole.count]).copyBytes(from: whole)
            places.initializeElement(at: index, to: (start, whole.count))
            start += whole.count
        }
    }

    deinit {
        bytes.deallocate()
        places.deallocate()
    }

    /// The label of a column, the separator before it where it is not the row's first.
    @inline(__always)
    func label(_ column: Int, isFirst: Bool) -> UnsafeRawBufferPointer {
        let (start, count) = places[column]
        let skipped = isFirst ? separatorCount : 0
        return UnsafeRawBufferPointer(rebasing: bytes[start + skipped..<start + count])
    }
}

extension ValueWriter {
    /// Appends all values of the current row's before image, each behind its label.
    public mutating func write(
        before rows: borrowing RowReader, as format: ValueFormat, labels: borrowing ColumnLabels, into sink: inout ByteSink
    ) {
        for index in 0..<rows.beforeCount {
            let value = rows.before(index)
            sink.append(labels.label(value.columnIndex, isFirst: index == 0))
            write(value, as: format, into: &sink)
        }
    }

    /// Appends all values of the current row's after image, each behind its label.
    public mutating func write(
        after rows: borrowing RowReader, as format: ValueFormat, labels: borrowing ColumnLabels, into sink: inout ByteSink
    ) {
        for index in 0..<rows.afterCount {
            let value = rows.after(index)
            sink.append(labels.label(value.columnIndex, isFirst: index == 0))
            write(value, as: format, into: &sink)
        }
    }
}
