import Common

/// States and entries for the tests of the segment format.
enum SegmentSamples {
    static let source = SourceID(high: 0x3e11_fa47_71ca_11e1, low: 0x9e33_c80a_a942_9562)

    static func gtid(_ number: UInt64) -> [UInt8] {
        var body: [UInt8] = [0]
        source.encode(into: &body)
        body.append(littleEndian: number)
        return EventScript.raw(.gtid, body: body)
    }

    static func transaction(_ number: UInt64) -> [UInt8] {
        gtid(number) + EventScript.event("BEGIN") + EventScript.raw(.xid, body: [UInt8](repeating: 1, count: 8))
    }

    static func formatDescription(_ checksum: ChecksumAlgorithm? = .crc32) -> [UInt8] {
        var bytes: [UInt8] = []
        FormatDescriptionEvent(
            serverVersion: "9.7.4", postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: checksum
        )
        .encode(in: EventEnvelope(timestamp: 9, serverID: 1, position: .startingAt(4), checksum: .crc32), into: &bytes)
        return bytes
    }

    /// A state with something in every field.
    static func fullState() throws -> LogState {
        var settings = ClusterSettings(segmentSize: 1 << 30, retainBytes: 5, retainAge: 6)
        settings.upstream.version = 3
        settings.upstream.urls = ["mysql://a@b:1", "mysql://c@d:2"]
        settings.upstream.sealedPassword = [1, 2, 3]
        settings.upstream.isStarted = false
        settings.users = [.init(name: "r", sealedVerifier: [9]), .init(name: "s", sealedVerifier: [])]
        settings.consumers = [.init(name: "c", holdBytes: 77, expandCompressed: true)]
        settings.keyCheck = [4, 4]
        let members = [
            Member(name: "n1", incarnation: 1, role: .voter, peerAddress: "a:1", mysqlAddress: "a:2", adminAddress: "a:3"),
            Member(name: "n2", incarnation: 2, role: .learner, peerAddress: "b:1", mysqlAddress: "b:2", adminAddress: "b:3"),
        ]
        var state = LogState(
            clusterID: SourceID(high: 1, low: 2), serverID: 77, serverUUID: SourceID(high: 3, low: 4),
            membership: Membership(members: members),
            settings: settings)
        state.index = 41
        state.term = 3
        state.epoch = 2
        state.file = Array("binlog.000007".utf8)
        state.position = 1 << 40
        state.formatDescription = formatDescription()
        state.executed = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9:tag:4")
        state.lost = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2")
        state.purgeFloor = 20
        state.abortedRunIndex = 39
        state.segment.firstIndex = 30
        state.segment.byteCount = 12345
        state.segment.termRuns = [TermRun(firstIndex: 30, term: 2), TermRun(firstIndex: 35, term: 3)]
        return state
    }

    static func header(
        _ kind: EntryKind, chunk: Chunk = .whole, after state: LogState, term: UInt64? = nil, position: UInt64 = 4, payload: [UInt8]
    ) -> EntryHeader {
        var header = EntryHeader(
            kind: kind, chunk: chunk, term: term ?? state.term, index: state.index + 1, epoch: state.epoch,
            file: Array("binlog.000001".utf8),
            position: position, commitIndex: state.index, payloadLength: UInt64(payload.count),
            payloadChecksum: CRC32C.checksum(of: payload.span.bytes))
        header.chain = header.chain(after: state.chain)
        return header
    }

    /// A state behind a first segment entry.
    static func begun() throws -> LogState {
        let state = LogState(
            clusterID: SourceID(high: 1, low: 2), serverID: 7, serverUUID: .zero, membership: Membership(),
            settings: ClusterSettings(segmentSize: 1 << 20))
        let payload = state.encoded()
        return try LogState(beginningWith: header(.segment, after: state, term: 1, payload: payload), payload: payload.span.bytes)
    }
}

extension LogState {
    /// Folds an entry made to follow this state.
    mutating func fold(_ kind: EntryKind, chunk: Chunk = .whole, term: UInt64? = nil, position: UInt64 = 4, _ payload: [UInt8]) throws {
        let header = SegmentSamples.header(kind, chunk: chunk, after: self, term: term, position: position, payload: payload)
        try fold(header, payload: payload.span.bytes)
    }
}
