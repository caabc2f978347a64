import BinlogInput
import Common

extension Printer {
    /// Behind the offsets, so that these stand out.
    private static let rowIndent: StaticString = "              "

    /// Prints an event's line where lines of events are printed. With a filter of rows only what has wanted rows has one, ahead of the first,
    /// and what may stand for some.
    mutating func printEvent(_ header: EventHeader, _ event: RawSpan, _ place: Place, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        guard options.format == .text else { return }
        scratch.removeAll()
        let isLoss = header.type == .incident || header.type == .partialRowData
        if !options.rows.isEmpty, !isLoss {
            if header.type == .query {
                guard try isWanted(statement: event, checksum) else { return }
            } else if RowsEvent.action(of: header.type) == nil, CompressedEventReader.ordinaryType(of: header.type) == nil {
                return
            }
        }
        EventText.appendColumns(header, offset: place.isInner ? nil : place.offset, to: &scratch)
        try EventText.appendAllDetails(header, event, checksum: checksum, to: &scratch)
        if let table = table(of: header, event) {
            scratch.append("  ")
            scratch.append(contentsOf: table.textName)
        }
        if place.isUncommitted { scratch.append("  [uncommitted]") }
        scratch.append("\n")
        if options.rows.isEmpty || header.type == .query || isLoss { printPendingLine() }
    }

    /// Prints the line of the event whose rows are printed, unless that has been done, and its transaction's ahead of it.
    private mutating func printPendingLine() {
        guard scratch.count > 0 else { return }
        sink.append(transaction.heading)
        transaction.heading.removeAll()
        transaction.counts.isIntroduced = true
        sink.append(scratch)
        scratch.removeAll()
        lines += 1
    }

    /// Prints the line of the compressed event that has just been decompressed to a statement, if that is wanted by a filter.
    mutating func printPendingLine(ofStatement event: RawSpan) throws(CodecError) {
        guard options.format == .text, !options.rows.isEmpty, try isWanted(statement: event, .none) else { return }
        printPendingLine()
    }

    private func isWanted(statement event: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) -> Bool {
        let query = try QueryEvent(decoding: event, checksum: checksum)
        guard let kind = StatementText.kind(of: query.query) else { return false }
        return options.rows.wants(statement: kind, database: query.database)
    }

    /// Prints one line for each image of a row: `+` for what is there behind the change, `-` for what was there before it.
    mutating func printText(_ rows: inout RowReader, _ table: TablePrinting) throws(CodecError) {
        while try rows.next() {
            guard isMatch(rows, table) else { continue }
            printPendingLine()
            if rows.event.hasBefore {
                sink.append(Self.rowIndent)
                sink.append("- ")
                writer.write(before: rows, as: .text, labels: table.textLabels, into: &sink)
                sink.append(UInt8(ascii: "\n"))
            }
            if rows.event.hasAfter {
                sink.append(Self.rowIndent)
                sink.append("+ ")
                writer.write(after: rows, as: .text, labels: table.textLabels, into: &sink)
                sink.append(UInt8(ascii: "\n"))
            }
        }
    }
}
