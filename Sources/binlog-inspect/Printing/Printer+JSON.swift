import BinlogInput
import Common

extension Printer {
    /// Prints one object for each wanted row; counts the others.
    mutating func printJSON(
        _ rows: inout RowReader, _ table: TablePrinting, _ header: EventHeader, _ place: Place, isWanted: Bool
    ) throws(CodecError) {
        makeHead(header, place)
        let query = transaction.query
        while try rows.next() {
            transaction.counts.rows += 1
            guard isWanted, isMatch(rows, table), !isEnough else { continue }
            transaction.counts.printedRows += 1
            lines += 1
            sink.append(scratch)
            sink.append(",\"seq\":")
            sink.append(decimal: transaction.counts.rows)
            sink.append(UInt8(ascii: ","))
            sink.append(contentsOf: table.jsonName)
            sink.append(",\"type\":\"")
            sink.append(utf8: rows.event.action.kind.rawValue)
            sink.append(UInt8(ascii: "\""))
            if rows.event.hasBefore {
                sink.append(",\"before\":{")
                writer.write(before: rows, as: .json, labels: table.jsonLabels, into: &sink)
                sink.append(UInt8(ascii: "}"))
            }
            if rows.event.hasAfter {
                sink.append(",\"after\":{")
                writer.write(after: rows, as: .json, labels: table.jsonLabels, into: &sink)
                sink.append(UInt8(ascii: "}"))
            }
            sink.append(",\"thread_id\":")
            if let thread = transaction.threadID {
                sink.append(decimal: thread)
            } else {
                sink.append("null")
            }
            if !query.isEmpty {
                sink.append(",\"query\":")
                sink.append(jsonString: query.span.bytes)
            }
            endObject(place)
        }
    }

    /// Prints a statement that stands in the binlog as text; BEGIN and its like are no changes.
    mutating func printStatement(_ query: borrowing QueryEvent, _ header: EventHeader, _ place: Place) {
        guard let kind = StatementText.kind(of: query.query) else {
            return printEnd(query.query, header, place)
        }
        guard options.rows.wants(statement: kind, database: query.database) else { return }
        lines += 1
        makeHead(header, place)
        sink.append(scratch)
        sink.append(",\"database\":")
        sink.append(jsonString: query.database)
        sink.append(",\"type\":\"")
        sink.append(utf8: kind.rawValue)
        sink.append("\",\"thread_id\":")
        sink.append(decimal: UInt64(query.threadID))
        sink.append(",\"query\":")
        sink.append(jsonString: query.query)
        endObject(place)
    }

    /// Prints what a statement that ends a transaction does with it. What an XA COMMIT or XA ROLLBACK ends was prepared before, perhaps with
    /// wanted rows, so it is printed whatever the filter.
    private mutating func printEnd(_ statement: RawSpan, _ header: EventHeader, _ place: Place) {
        let words = StatementText.words(of: statement, count: 4)
        switch (words[0], words[1]) {
        case ("COMMIT", _): printCommit(header, place)
        case ("ROLLBACK", _) where !words.contains("TO"): printCommit(header, place, "rollback")
        case ("XA", "COMMIT"): printCommit(header, place, xid: StatementText.xid(of: statement))
        case ("XA", "ROLLBACK"): printCommit(header, place, "rollback", xid: StatementText.xid(of: statement))
        default: break
        }
    }

    /// Prints the end of a transaction that an event of its own says.
    mutating func printCommit(_ header: EventHeader, _ event: RawSpan, _ place: Place, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        guard options.format == .json else { return }
        guard header.type == .xaPrepare else { return printCommit(header, place) }
        let prepare = try XAPrepareEvent(decoding: event, checksum: checksum)
        var xid = ByteSink(capacity: 64)
        EventText.appendXID(of: prepare, to: &xid)
        printCommit(header, place, xid: xid.bytes.array, isPrepared: !prepare.isOnePhase)
    }

    /// Prints the end of a transaction of which something was printed, or that is printed whole, or that is an XA transaction's.
    private mutating func printCommit(
        _ header: EventHeader, _ place: Place, _ type: StaticString = "commit", xid: [UInt8] = [], isPrepared: Bool = false
    ) {
        let isAsked = options.rows.isEmpty || transaction.counts.printedRows > 0 || !xid.isEmpty && !isPrepared
        guard isAsked, !isEnough else { return }
        lines += 1
        makeHead(header, place)
        sink.append(scratch)
        sink.append(",\"type\":\"")
        sink.append(type)
        sink.append("\",\"rows\":")
        sink.append(decimal: transaction.counts.printedRows)
        if !xid.isEmpty {
            sink.append(",\"xid\":")
            sink.append(jsonString: xid.span.bytes)
            if isPrepared { sink.append(",\"prepared\":true") }
        }
        endObject(place)
    }

    /// Prints that the binlog lost changes here, or has some that are not shown: whatever the filter, they may be what it asks for.
    mutating func printLossInJSON(
        _ header: EventHeader, _ event: RawSpan, _ place: Place, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        lines += 1
        makeHead(header, place)
        sink.append(scratch)
        if header.type == .incident {
            let incident = try IncidentEvent(decoding: event, checksum: checksum)
            sink.append(",\"type\":\"incident\",\"message\":")
            sink.append(jsonString: incident.message)
        } else {
            let part = try PartialRowDataEvent(decoding: event, checksum: checksum)
            sink.append(",\"type\":\"partial_row_data\",\"piece\":")
            sink.append(decimal: part.number)
            sink.append(",\"pieces\":")
            sink.append(decimal: part.pieceCount)
        }
        endObject(place)
    }

    /// Prints what is to be known of the file; no limit counts it.
    mutating func printJSON(_ note: Note) {
        sink.append("{\"gtid\":")
        if let gtid = note.gtid { sink.append(jsonString: gtid) } else { sink.append("null") }
        sink.append(",\"file\":")
        sink.append(contentsOf: fileNameInJSON)
        sink.append(",\"type\":\"note\",\"kind\":")
        sink.append(jsonString: note.kind.rawValue)
        sink.append(",\"text\":")
        sink.append(jsonString: note.text)
        sink.append("}\n")
    }

    /// Makes, in ``scratch``, what the objects of an event have in common: whose they are, when, and where it stands.
    private mutating func makeHead(_ header: EventHeader, _ place: Place) {
        scratch.removeAll()
        scratch.append("{\"gtid\":")
        if transaction.gtid.isEmpty {
            scratch.append("null")
        } else {
            scratch.append("\"")
            scratch.append(contentsOf: transaction.gtid)
            scratch.append("\"")
        }
        scratch.append(",\"timestamp\":\"")
        scratch.append(microsecondTime: transaction.commitTime ?? UInt64(header.timestamp) * 1_000_000)
        scratch.append("\",\"server_id\":")
        scratch.append(decimal: header.serverID)
        scratch.append(",\"file\":")
        scratch.append(contentsOf: fileNameInJSON)
        scratch.append(",\"position\":")
        scratch.append(decimal: place.offset)
    }

    private mutating func endObject(_ place: Place) {
        if place.isUncommitted { sink.append(",\"uncommitted\":true") }
        sink.append("}\n")
    }
}
