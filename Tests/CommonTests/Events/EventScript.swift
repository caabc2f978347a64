import Common

/// Events made from a word each, for tests of sequences.
///
/// A word in capitals that is no event's name is the text of a QUERY event.
enum EventScript {
    static func event(_ word: String, checksum: ChecksumAlgorithm = .crc32) -> [UInt8] {
        let types: [String: EventType] = [
            "gtid": .gtid, "anonymous": .anonymousGTID, "tagged": .gtidTagged, "xid": .xid, "xaPrepare": .xaPrepare, "map": .tableMap,
            "write": .writeRows, "update": .updateRows, "delete": .deleteRows, "writeV1": .writeRowsV1, "partial": .partialUpdateRows,
            "rowsQuery": .rowsQuery, "payload": .transactionPayload, "intvar": .intvar, "rand": .rand, "userVar": .userVar,
            "beginLoad": .beginLoadQuery, "block": .appendBlock, "executeLoad": .executeLoadQuery, "deleteFile": .deleteFile,
            "incident": .incident, "rotate": .rotate, "description": .formatDescription, "stop": .stop, "previous": .previousGTIDs,
            "heartbeat": .heartbeat, "heartbeatV2": .heartbeatV2, "ignorable": .ignorable, "context": .transactionContext,
            "viewChange": .viewChange, "largeHeader": .largeTransactionHeader, "newIgnorable": EventType(rawValue: 77),
            "newRequired": EventType(rawValue: 78), "startV3": .startV3, "load": .load, "createFile": .createFile, "execLoad": .execLoad,
            "annotate": .annotateRows, "writeCompressed": .writeRowsCompressedV1, "queryCompressed": .queryCompressed,
            "partialRow": .partialRowData, "checkpoint": .binlogCheckpoint, "gtidList": .gtidList, "startEncryption": .startEncryption,
        ]
        // MariaDB's groups: a transaction, a single statement, an XA transaction up to its PREPARE.
        switch word {
        case "group": return raw(.mariaDBGTID, body: MariaDBEventTests.gtidBody(7, flags: 0x04), checksum: checksum)
        case "standalone": return raw(.mariaDBGTID, body: MariaDBEventTests.gtidBody(7, flags: 0x21), checksum: checksum)
        case "groupXA":
            let body = MariaDBEventTests.gtidBody(7, flags: 0x44, [3, 0, 0, 0, 2, 1, 0x6b, 0x31, 0x62])
            return raw(.mariaDBGTID, body: body, checksum: checksum)
        default: break
        }
        guard let type = types[word] else { return query(Array(word.utf8), checksum: checksum) }
        let flags: EventFlags = ["ignorable", "newIgnorable", "largeHeader", "rowsQuery"].contains(word) ? .ignorable : []
        return raw(type, body: [], flags: flags, checksum: checksum)
    }

    static func query(_ text: [UInt8], database: String = "shop", checksum: ChecksumAlgorithm = .crc32) -> [UInt8] {
        var bytes: [UInt8] = []
        QueryEvent.encode(text, database: database.utf8, in: EventEnvelope(serverID: 1, checksum: checksum), into: &bytes)
        return bytes
    }

    static func raw(_ type: EventType, body: [UInt8], flags: EventFlags = [], checksum: ChecksumAlgorithm = .crc32) -> [UInt8] {
        var bytes: [UInt8] = []
        let length = UInt32(EventHeader.byteCount + body.count + checksum.byteCount)
        EventHeader(type: type, serverID: 1, eventLength: length, flags: flags).encode(into: &bytes)
        bytes += body
        if checksum == .crc32 { bytes.append(littleEndian: eventChecksum(of: bytes.span.bytes)) }
        return bytes
    }
}
