import BinlogInput
import Common

/// Writes one line about an event: where it stands, when, by whom, what, how long, and what its kind has to tell.
struct EventText {
    private static let offsetWidth = 12
    private static let timeWidth = 20
    private static let serverWidth = 10
    private static let typeWidth = 20
    private static let sizeWidth = 10

    /// The names of the columns, as a comment line.
    static let heading: StaticString =
        "#     offset  time                  server      type                        size  details\n"

    /// The columns that every event has, up to its details.
    ///
    /// - Parameter offset: nil for an event out of a compressed one, which stands in the file only as a whole.
    static func appendColumns(_ header: EventHeader, offset: UInt64?, to bytes: inout ByteSink) {
        if let offset {
            bytes.append(decimal: offset, width: offsetWidth)
        } else {
            bytes.pad(from: bytes.count, to: offsetWidth - 1)
            bytes.append("-")
        }
        bytes.append("  ")
        var start = bytes.count
        if header.timestamp == 0 { bytes.append("-") } else { bytes.append(time: UInt64(header.timestamp)) }
        bytes.pad(from: start, to: timeWidth)
        bytes.append("  ")
        start = bytes.count
        bytes.append(decimal: header.serverID)
        bytes.pad(from: start, to: serverWidth)
        bytes.append("  ")
        start = bytes.count
        bytes.append(text: header.type.description)
        bytes.pad(from: start, to: typeWidth)
        bytes.append("  ")
        bytes.append(decimal: header.eventLength, width: sizeWidth)
    }

    /// What the event's body tells, behind two spaces; nothing for kinds of which the columns are all.
    ///
    /// - Parameter head: the event from its header on, at least ``EventReader/headBytes`` of it or all.
    static func appendDetails(
        _ header: EventHeader, head: RawSpan, checksum: ChecksumAlgorithm, to bytes: inout ByteSink
    ) throws(CodecError) {
        switch header.type {
        case .query: try appendQuery(head, checksum, to: &bytes)
        case .queryCompressed: try appendCompressedQuery(head, checksum, to: &bytes)
        case .rowsQuery:
            bytes.append("  ")
            bytes.append(excerpt: try RowsQueryEvent(decoding: head, checksum: checksum).text)
        case .rotate:
            let rotate = try RotateEvent(decoding: head, checksum: checksum)
            bytes.append("  next=")
            bytes.append(excerpt: rotate.fileName, limit: EntryHeader.maxFileNameBytes)
            bytes.append(":")
            bytes.append(decimal: rotate.position)
        case .xid:
            bytes.append("  xid=")
            bytes.append(decimal: try XIDEvent(decoding: head, checksum: checksum).xid)
        case .xaPrepare: try appendXAPrepare(head, checksum, to: &bytes)
        case .transactionPayload: try appendPayload(head, checksum, to: &bytes)
        case .heartbeat, .heartbeatV2:
            let heartbeat = try HeartbeatEvent(decoding: head, checksum: checksum)
            bytes.append("  at=")
            bytes.append(excerpt: heartbeat.fileName, limit: EntryHeader.maxFileNameBytes)
            bytes.append(":")
            bytes.append(decimal: heartbeat.position)
        case .intvar, .rand, .userVar, .load, .newLoad, .createFile, .appendBlock, .beginLoadQuery, .execLoad, .deleteFile,
            .executeLoadQuery:
            try appendStatementPart(header, head, checksum, to: &bytes)
        case .incident, .transactionContext, .viewChange, .largeTransactionHeader:
            try appendNotice(header, head, checksum, to: &bytes)
        case .annotateRows, .binlogCheckpoint, .mariaDBGTID, .gtidList, .startEncryption, .partialRowData:
            try appendMariaDB(header, head, checksum, to: &bytes)
        default: break
        }
    }

    static func appendDetails(_ event: GTIDEvent, to bytes: inout ByteSink) {
        bytes.append("  ")
        append(event.gtid, to: &bytes)
        if let number = event.lastCommitted {
            bytes.append(" last_committed=")
            bytes.append(signed: number)
        }
        if let number = event.sequenceNumber {
            bytes.append(" sequence_number=")
            bytes.append(signed: number)
        }
    }

    static func appendDetails(_ event: FormatDescriptionEvent, _ header: EventHeader, to bytes: inout ByteSink) {
        bytes.append("  version=4 server_version=")
        bytes.append(text: event.serverVersion.onOneLine)
        bytes.append(" checksum=")
        switch event.checksum {
        case .crc32: bytes.append("CRC32")
        case nil, .some(.none): bytes.append("NONE")
        }
        if event.created != 0 {
            bytes.append(" created=")
            bytes.append(time: UInt64(event.created))
        }
        if header.flags.contains(.binlogInUse) { bytes.append(" in_use") }
        if header.flags.contains(.relayLog) { bytes.append(" relay_log") }
    }

    static func appendDetails(_ entry: EntryHeader, to bytes: inout ByteSink) {
        bytes.append("  entry ")
        bytes.append(decimal: entry.index)
        bytes.append(" term=")
        bytes.append(decimal: entry.term)
        bytes.append(" kind=")
        bytes.append(text: "\(entry.kind)")
        if entry.chunk != .whole {
            bytes.append(" chunk=")
            bytes.append(text: "\(entry.chunk)")
        }
        bytes.append(" commit=")
        bytes.append(decimal: entry.commitIndex)
        bytes.append(" payload=")
        bytes.append(decimal: entry.payloadLength)
        guard !entry.file.isEmpty else { return }
        bytes.append(" epoch=")
        bytes.append(decimal: entry.epoch)
        bytes.append(" upstream=")
        bytes.append(excerpt: entry.file.span.bytes, limit: EntryHeader.maxFileNameBytes)
        bytes.append(":")
        bytes.append(decimal: entry.position)
    }

    static func appendDetails(_ set: GTIDSet, to bytes: inout ByteSink) {
        bytes.append("  ")
        if set.isEmpty { bytes.append("(empty)") } else { bytes.append { set.appendText(to: &$0) } }
    }

    /// A comment line that stands before a transaction.
    static func appendTransaction(_ event: GTIDEvent, to bytes: inout ByteSink) {
        bytes.append("# transaction ")
        append(event.gtid, to: &bytes)
        if let length = event.transactionLength {
            bytes.append(": ")
            bytes.append(decimal: length)
            bytes.append(" bytes")
        }
        if let time = event.originalCommitTimestamp, time > 0 {
            bytes.append(", committed ")
            bytes.append(microsecondTime: time)
        }
        bytes.append("\n")
    }

    /// A comment line that stands before a group of MariaDB's.
    static func appendTransaction(_ gtid: MariaDBGTID, to bytes: inout ByteSink) {
        bytes.append("# transaction ")
        append(gtid, to: &bytes)
        bytes.append("\n")
    }

    static func append(_ gtid: MariaDBGTID, to bytes: inout ByteSink) { bytes.append(text: "\(gtid)") }

    private static func append(_ gtid: GTID?, to bytes: inout ByteSink) {
        if let gtid { bytes.append(gtid) } else { bytes.append("anonymous") }
    }

    // MARK: - Bodies

    private static func appendQuery(_ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink) throws(CodecError) {
        appendQuery(try QueryEvent(decoding: head, checksum: checksum), to: &bytes)
    }

    /// The text where the event is whole, else that there is one.
    private static func appendCompressedQuery(
        _ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink
    ) throws(CodecError) {
        guard head.byteCount == Int(try EventHeader(decoding: head).eventLength) else { return bytes.append("  (long)") }
        var reader = CompressedEventReader()
        try reader.decompress(head, checksum: checksum)
        appendQuery(try QueryEvent(decoding: reader.event, checksum: .none), to: &bytes)
    }

    static func appendQuery(_ query: borrowing QueryEvent, behind separator: StaticString = "  ", to bytes: inout ByteSink) {
        bytes.append(separator)
        if query.database.byteCount > 0 {
            bytes.append("db=")
            bytes.append(excerpt: query.database)
            bytes.append(" ")
        }
        bytes.append("thread=")
        bytes.append(decimal: query.threadID)
        if query.errorCode != 0 {
            bytes.append(" error=")
            bytes.append(decimal: query.errorCode)
        }
        bytes.append(" ")
        bytes.append(excerpt: query.query)
    }

    private static func appendXAPrepare(_ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink) throws(CodecError) {
        let event = try XAPrepareEvent(decoding: head, checksum: checksum)
        bytes.append("  xid=")
        appendXID(of: event, to: &bytes)
        if event.isOnePhase { bytes.append(" one_phase") }
    }

    /// The XID as statements have it: `X'6b',X'62',7`.
    static func appendXID(of event: borrowing XAPrepareEvent, to bytes: inout ByteSink) {
        bytes.append("X'")
        bytes.append(hexadecimal: event.globalID)
        bytes.append("',X'")
        bytes.append(hexadecimal: event.branchQualifier)
        bytes.append("',")
        bytes.append(decimal: event.formatID)
    }

    private static func appendPayload(_ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink) throws(CodecError) {
        let event = try TransactionPayloadEvent(decoding: head, checksum: checksum)
        bytes.append("  payload=")
        bytes.append(decimal: event.payloadSize)
        bytes.append(" compression=")
        switch event.compression {
        case .zstd: bytes.append("ZSTD")
        case .none: bytes.append("NONE")
        default: bytes.append(decimal: event.compression.rawValue)
        }
        if let size = event.uncompressedSize {
            bytes.append(" uncompressed=")
            bytes.append(decimal: size)
        }
    }
}
