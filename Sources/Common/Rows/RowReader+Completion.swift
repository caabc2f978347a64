extension RowReader {
    /// Appends the current row's after image as one of all columns that the before image has: a column that the after image leaves out
    /// is as it was before, and changes to JSON are made.
    ///
    /// - Throws: `invalid` where the after image has a column that the before image does not have, or a change does not fit the JSON.
    public func appendCompletedAfter(to sink: inout ByteSink) throws(CodecError) {
        let old = beforeImage
        let new = afterImage
        let firstByte = sink.count
        let nullByteCount = (old.count + 7) / 8
        for _ in 0..<nullByteCount { sink.append(0) }
        var next = 0
        for index in 0..<old.count {
            let column = old.columns + index
            let isChanged = next < new.count && new.columns[next].index == column.pointee.index
            let slot = isChanged ? new.slots[next] : old.slots[index]
            if slot.isNull {
                sink.setBit(index, from: firstByte)
            } else {
                let prefix = max(0, -Int(column.pointee.layout))
                if isChanged, slot.isPartial {
                    let document = try after(next).fullJSON()
                    sink.append(littleEndian: UInt64(document.count), byteCount: prefix)
                    sink.append(contentsOf: document)
                } else {
                    let image = isChanged ? new : old
                    sink.append(UnsafeRawBufferPointer(start: image.start + Int(slot.start) - prefix, count: Int(slot.count) + prefix))
                }
            }
            if isChanged { next += 1 }
        }
        guard next == new.count else {
            throw CodecError(
                .invalid, at: afterRange.lowerBound,
                "column \(new.columns[next].index + 1) of `\(plan.table.database)`.`\(plan.table.table)` is in the after image alone")
        }
    }
}

extension ByteSink {
    /// Appends the low bytes of an integer, the lowest first.
    fileprivate mutating func append(littleEndian value: UInt64, byteCount: Int) {
        for index in 0..<byteCount { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}
