import Common

/// Runs whatever decodes an event of the type that the bytes claim to be. What it answers is right, as long as it answers.
struct EveryDecoder: ~Copyable {
    private var boundary = TransactionBoundary()
    private var compressed = CompressedEventReader()
    /// Bytes that were read; it also keeps the reading from being optimised away.
    private(set) var byteCount = 0
    /// Bytes of the longest event that came out of compressed ones.
    private(set) var longest = 0
    /// How many events were read without an error.
    private(set) var answers = 0

    mutating func run(_ bytes: [UInt8]) {
        let span = bytes.span.bytes
        for checksum in [ChecksumAlgorithm.none, .crc32] {
            do throws(CodecError) {
                let header = try EventHeader(decoding: span)
                if case .aborts? = try? boundary.consume(header, head: span, checksum: checksum) { boundary.reset() }
                try decode(header.type, span, checksum)
                answers += 1
            } catch {}
        }
        _ = try? verifyChecksum(event: span)
    }

    private mutating func decode(_ type: EventType, _ span: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        switch type {
        case .formatDescription, .startV3:
            _ = try FormatDescriptionEvent(decoding: span)
            var rewritten: [UInt8] = []
            try FormatDescriptionEvent.encode(rewriting: span, created: 0, endPosition: 0, into: &rewritten)
        case .gtid, .anonymousGTID, .gtidTagged: _ = try GTIDEvent(decoding: span, checksum: checksum)
        case .previousGTIDs: _ = try PreviousGTIDsEvent(decoding: span, checksum: checksum).gtidSet()
        case .xid: _ = try XIDEvent(decoding: span, checksum: checksum)
        case .xaPrepare: byteCount &+= try XAPrepareEvent(decoding: span, checksum: checksum).globalID.byteCount
        case .rotate: byteCount &+= try RotateEvent(decoding: span, checksum: checksum).fileName.byteCount
        case .heartbeat, .heartbeatV2: byteCount &+= try HeartbeatEvent(decoding: span, checksum: checksum).fileName.byteCount
        case .ignorable: byteCount &+= try IgnorableEvent(decoding: span, checksum: checksum).body.byteCount
        case .incident: byteCount &+= try IncidentEvent(decoding: span, checksum: checksum).message.byteCount
        case .viewChange: byteCount &+= try ViewChangeEvent(decoding: span, checksum: checksum).viewID.byteCount
        case .largeTransactionHeader: _ = try LargeTransactionHeaderEvent(decoding: span, checksum: checksum)
        case .transactionContext:
            let event = try TransactionContextEvent(decoding: span, checksum: checksum)
            var count = 0
            event.forEachWrite { count += $0.byteCount }
            byteCount &+= count
        case .transactionPayload: try decodePayload(span, checksum)
        case .queryCompressed, .writeRowsCompressedV1, .updateRowsCompressedV1, .deleteRowsCompressedV1, .writeRowsCompressed,
            .updateRowsCompressed, .deleteRowsCompressed:
            try compressed.decompress(span, checksum: checksum)
            longest = max(longest, compressed.event.byteCount)
        case .annotateRows, .binlogCheckpoint, .mariaDBGTID, .gtidList, .startEncryption, .partialRowData:
            try decodeMariaDB(type, span, checksum)
        default: try decodeStatement(type, span, checksum)
        }
    }

    private mutating func decodeStatement(_ type: EventType, _ span: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        switch type {
        case .query:
            let event = try QueryEvent(decoding: span, checksum: checksum)
            let state = try QueryStatusVariables(decoding: event.statusVariables)
            var count = state.timeZone?.byteCount ?? 0
            state.forEachUpdatedDatabase { count += $0.byteCount }
            byteCount &+= count
        case .rowsQuery: byteCount &+= try RowsQueryEvent(decoding: span, checksum: checksum).text.byteCount
        case .intvar: _ = try IntvarEvent(decoding: span, checksum: checksum)
        case .rand: _ = try RandEvent(decoding: span, checksum: checksum)
        case .userVar:
            let event = try UserVariableEvent(decoding: span, checksum: checksum)
            guard case .decimal(let number) = event.value else { return }
            var text: [UInt8] = []
            try number.appendText(to: &text)
            byteCount &+= text.count
        case .load, .newLoad, .createFile:
            let event = try LoadEvent(decoding: span, checksum: checksum)
            var count = event.block.byteCount
            event.forEachColumn { count += $0.byteCount }
            byteCount &+= count
        case .appendBlock, .beginLoadQuery: byteCount &+= try LoadBlockEvent(decoding: span, checksum: checksum).block.byteCount
        case .execLoad, .deleteFile: _ = try LoadFileEvent(decoding: span, checksum: checksum)
        case .executeLoadQuery: byteCount &+= try ExecuteLoadQueryEvent(decoding: span, checksum: checksum).fileNameRange.count
        default: break
        }
    }

    private mutating func decodeMariaDB(_ type: EventType, _ span: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        switch type {
        case .annotateRows: byteCount &+= try AnnotateRowsEvent(decoding: span, checksum: checksum).text.byteCount
        case .binlogCheckpoint: byteCount &+= try BinlogCheckpointEvent(decoding: span, checksum: checksum).fileName.byteCount
        case .partialRowData: byteCount &+= try PartialRowDataEvent(decoding: span, checksum: checksum).piece.byteCount
        case .startEncryption: try StartEncryptionEvent(decoding: span, checksum: checksum).checkReadable()
        case .gtidList: byteCount &+= try GTIDListEvent(decoding: span, checksum: checksum).position.gtids.count
        default:
            var xid: [UInt8] = []
            try MariaDBGTIDEvent(decoding: span, checksum: checksum).appendXID(to: &xid)
            byteCount &+= xid.count
        }
    }

    private mutating func decodePayload(_ span: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        let event = try TransactionPayloadEvent(decoding: span, checksum: checksum)
        var reader = try TransactionPayloadReader(event)
        var input = ByteReader(event.payload)
        while case .event = try reader.next(&input) { longest = max(longest, reader.event.byteCount) }
    }
}
