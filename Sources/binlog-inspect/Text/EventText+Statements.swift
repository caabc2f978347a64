import Common

/// What a statement depends on, the files that it loads, and what servers tell each other.
extension EventText {
    static func appendStatementPart(
        _ header: EventHeader, _ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink
    ) throws(CodecError) {
        switch header.type {
        case .intvar:
            let event = try IntvarEvent(decoding: head, checksum: checksum)
            bytes.append(event.variable == .insertID ? "  INSERT_ID=" : "  LAST_INSERT_ID=")
            bytes.append(decimal: event.value)
        case .rand:
            let event = try RandEvent(decoding: head, checksum: checksum)
            bytes.append("  rand_seed1=")
            bytes.append(decimal: event.seed1)
            bytes.append(" rand_seed2=")
            bytes.append(decimal: event.seed2)
        case .userVar: try appendVariable(head, checksum, to: &bytes)
        case .appendBlock, .beginLoadQuery:
            let event = try LoadBlockEvent(decoding: head, checksum: checksum)
            append(fileID: event.fileID, to: &bytes)
            bytes.append(" block=")
            bytes.append(decimal: event.blockByteCount)
        case .execLoad, .deleteFile: append(fileID: try LoadFileEvent(decoding: head, checksum: checksum).fileID, to: &bytes)
        case .executeLoadQuery:
            let event = try ExecuteLoadQueryEvent(decoding: head, checksum: checksum)
            append(fileID: event.fileID, to: &bytes)
            appendQuery(event.statement, behind: " ", to: &bytes)
        default:
            let event = try LoadEvent(decoding: head, checksum: checksum)
            bytes.append("  db=")
            bytes.append(excerpt: event.database)
            bytes.append(" table=")
            bytes.append(excerpt: event.table)
            bytes.append(" file=")
            bytes.append(excerpt: event.fileName)
            if let fileID = event.fileID { append(fileID: fileID, to: &bytes) }
        }
    }

    private static func append(fileID: UInt32, to bytes: inout ByteSink) {
        bytes.append("  file_id=")
        bytes.append(decimal: fileID)
    }

    private static func appendVariable(_ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink) throws(CodecError) {
        let event = try UserVariableEvent(decoding: head, checksum: checksum)
        bytes.append("  @`")
        bytes.append(excerpt: event.name)
        bytes.append("`=")
        switch event.value {
        case .null: bytes.append("NULL")
        case .real(let number): bytes.append(text: number.description)
        case .signed(let number): bytes.append(signed: number)
        case .unsigned(let number): bytes.append(decimal: number)
        case .decimal(let number):
            var text: [UInt8] = []
            try number.appendText(to: &text)
            bytes.append(contentsOf: text)
        case .string(let text, let collation):
            bytes.append("'")
            bytes.append(excerpt: text)
            bytes.append("' collation=")
            bytes.append(decimal: collation)
        }
    }

    static func appendNotice(
        _ header: EventHeader, _ head: RawSpan, _ checksum: ChecksumAlgorithm, to bytes: inout ByteSink
    ) throws(CodecError) {
        switch header.type {
        case .incident:
            let event = try IncidentEvent(decoding: head, checksum: checksum)
            bytes.append(event.number == IncidentEvent.lostEvents ? "  LOST_EVENTS " : "  ")
            bytes.append(excerpt: event.message)
        case .transactionContext:
            let event = try TransactionContextEvent(decoding: head, checksum: checksum)
            bytes.append("  server=")
            bytes.append(excerpt: event.serverUUID)
            bytes.append(" thread=")
            bytes.append(decimal: event.threadID)
            bytes.append(" writes=")
            bytes.append(decimal: event.writeSetCount)
            bytes.append(" reads=")
            bytes.append(decimal: event.readSetCount)
        case .viewChange:
            bytes.append("  view=")
            bytes.append(excerpt: try ViewChangeEvent(decoding: head, checksum: checksum).viewID)
        default:
            let event = try LargeTransactionHeaderEvent(decoding: head, checksum: checksum)
            bytes.append("  ends=")
            bytes.append(text: event.endingType.description)
            bytes.append(":")
            bytes.append(decimal: event.endingOffset)
        }
    }
}
