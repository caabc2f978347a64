import Common

/// MariaDB's own events.
extension EventText {
    static func appendMariaDB(
        _ header: EventHeader, _ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink
    ) throws(CodecError) {
        bytes.append("  ")
        switch header.type {
        case .annotateRows: bytes.append(excerpt: try AnnotateRowsEvent(decoding: head, checksum: checksum).text)
        case .binlogCheckpoint: bytes.append(excerpt: try BinlogCheckpointEvent(decoding: head, checksum: checksum).fileName)
        case .mariaDBGTID: append(try MariaDBGTIDEvent(decoding: head, checksum: checksum), to: &bytes)
        case .gtidList:
            let position = try GTIDListEvent(decoding: head, checksum: checksum).position
            if position.isEmpty { bytes.append("(empty)") } else { bytes.append { position.appendText(to: &$0) } }
        case .startEncryption:
            bytes.append("key_version=")
            bytes.append(decimal: try StartEncryptionEvent(decoding: head, checksum: checksum).keyVersion)
        default:
            let event = try PartialRowDataEvent(decoding: head, checksum: checksum)
            bytes.append("piece=")
            bytes.append(decimal: event.number)
            bytes.append("/")
            bytes.append(decimal: event.pieceCount)
        }
    }

    private static func append(_ event: borrowing MariaDBGTIDEvent, to bytes: inout ByteSink) {
        append(event.gtid, to: &bytes)
        let flags: [(MariaDBGTIDEvent.Flags, StaticString)] = [
            (.standalone, " standalone"), (.transactional, " trans"), (.ddl, " ddl"), (.waited, " waited"), (.preparedXA, " prepared"),
            (.completedXA, " completed"),
        ]
        for (flag, name) in flags where event.flags.contains(flag) { bytes.append(name) }
        if event.hasXID {
            bytes.append(" xid=")
            bytes.append { event.appendXID(to: &$0) }
        }
        if let commit = event.commitID {
            bytes.append(" cid=")
            bytes.append(decimal: commit)
        }
        if event.extraFlags.contains(.startAlter) { bytes.append(" START_ALTER") }
        if let start = event.alterStartSequence {
            bytes.append(event.extraFlags.contains(.commitAlter) ? " COMMIT_ALTER=" : " ROLLBACK_ALTER=")
            bytes.append(decimal: start)
        }
        if let thread = event.threadID {
            bytes.append(" thread=")
            bytes.append(decimal: thread)
        }
    }
}
