import Common
import Log
import NIOCore
import Raft

@testable import kingbus_node

/// A frame taken apart, so that it can be damaged and put together again.
struct RecordedFrame {
    var kind: UInt8
    var flags: UInt8
    var body: [UInt8]

    /// With a right length and checksum.
    var bytes: [UInt8] {
        var bytes = [kind, flags]
        bytes.append(littleEndian: UInt32(body.count))
        bytes += body
        bytes.append(littleEndian: CRC32C.checksum(of: bytes.span.bytes))
        return bytes
    }

    /// Cuts what a real sender sent into its frames.
    static func split(_ bytes: [UInt8]) -> [RecordedFrame] {
        var frames: [RecordedFrame] = []
        var offset = 0
        while offset < bytes.count {
            let length = Int(bytes[offset + 2]) | Int(bytes[offset + 3]) << 8 | Int(bytes[offset + 4]) << 16
            let start = offset + PeerFrame.headerByteCount
            frames.append(RecordedFrame(kind: bytes[offset], flags: bytes[offset + 1], body: Array(bytes[start..<start + length])))
            offset = start + length + PeerFrame.trailerByteCount
        }
        return frames
    }
}

/// What real senders send in sessions of every kind.
enum RecordedFrames {
    static let me = MemberID(name: "n1", incarnation: 1)
    static let other = MemberID(name: "n2", incarnation: 2)

    static func hello(cluster: SourceID? = PeerNode.cluster) -> RecordedFrame {
        var body: [UInt8] = []
        PeerHello(
            clusterID: cluster, name: "n2", incarnation: 2, expected: PeerIdentity(name: "n1", incarnation: 1),
            initialCluster: "n1=a:1,n2=b:2", peer: "b:2", mysql: "b:3", admin: "b:4", segmentSize: 1 << 30
        ).encode(into: &body)
        return RecordedFrame(kind: PeerFrame.Kind.hello.rawValue, flags: 0, body: body)
    }

    private static func message(_ body: Message.Body) -> Message { Message(from: other, to: me, term: 3, body: body) }

    private static func sent(_ catalog: SegmentCatalog, _ put: (inout PeerOutbox) -> Void) throws -> [RecordedFrame] {
        var outbox = PeerOutbox(catalog: catalog)
        put(&outbox)
        var bytes: [UInt8] = []
        while case .bytes(let buffer) = try outbox.next(ByteBufferAllocator()) { bytes += buffer.readableBytesView }
        return RecordedFrame.split(bytes)
    }

    /// Messages of every kind, requests and reports.
    static func controls(_ catalog: SegmentCatalog) throws -> [RecordedFrame] {
        let bodies: [Message.Body] = [
            .voteRequest(VoteRequest(last: LogPosition(index: 7, term: 2), isPreVote: true)),
            .voteResponse(isPreVote: true, isGranted: true),
            .append(Append(previous: LogPosition(index: 9, term: 3), entries: [], commitIndex: 8)), .appendAccepted(matchIndex: 12),
            .appendRejected(AppendRejection(index: 9, hint: LogPosition(index: 4, term: 1))), .heartbeat(commitIndex: 5, readRound: 6),
            .heartbeatResponse(readRound: 6), .commit(commitIndex: 8), .staleTerm, .timeoutNow, .readIndex(ReadID(rawValue: 77)),
            .readIndexResponse(ReadID(rawValue: 78), index: 3),
        ]
        return try sent(catalog) { outbox in
            for body in bodies { outbox.put(OutgoingMessage(message: message(body))) }
            outbox.put(frames: PeerFrame.frames(.request, id: 1, [1, 2, 3]))
            outbox.put(frames: PeerFrame.frames(.report, id: nil, SampleEntries.payload(300)))
        }
    }

    /// An append, its entries and their payloads.
    static func append(_ catalog: SegmentCatalog, payloads: [Int]) throws -> [RecordedFrame] {
        var maker = SampleEntries()
        let entries = payloads.map { maker.entry($0) }
        let core = entries.map { coreEntry(term: $0.header.term, payloadBytes: $0.header.payloadLength) }
        return try sent(catalog) { outbox in
            let append = Append(previous: .origin, entries: core, commitIndex: 0)
            outbox.put(OutgoingMessage(message: message(.append(append)), entries: entries))
        }
    }

    /// The beginning of an append whose one entry is spooled.
    static let spooledAppend: [RecordedFrame] = {
        let header = EntryHeader(
            kind: .events, chunk: .middle, term: 2, index: 1, epoch: 1, file: Array("b.000001".utf8), position: 4, commitIndex: 0,
            payloadLength: 100 << 20, payloadChecksum: 0)
        var bytes: [UInt8] = []
        header.encode(into: &bytes)
        let append = Append(previous: .origin, entries: [coreEntry(term: 2, payloadBytes: header.payloadLength)], commitIndex: 0)
        return [
            RecordedFrame(
                kind: PeerFrame.Kind.append.rawValue, flags: 0, body: PeerMessageCodec.encodeAppend(message(.append(append)), append)),
            RecordedFrame(kind: PeerFrame.Kind.entry.rawValue, flags: 0, body: bytes),
        ] + [1000, 2000].map { RecordedFrame(kind: PeerFrame.Kind.data.rawValue, flags: 0, body: SampleEntries.payload($0)) }
    }()

    static let founding: [RecordedFrame] = {
        var maker = SampleEntries()
        let entry = maker.founding()
        var header: [UInt8] = []
        entry.header.encode(into: &header)
        return [
            RecordedFrame(kind: PeerFrame.Kind.found.rawValue, flags: 0, body: header),
            RecordedFrame(kind: PeerFrame.Kind.data.rawValue, flags: 0, body: SampleEntries.bytes(entry)),
        ]
    }()

    static func answer(refusal: PeerError? = nil) -> RecordedFrame {
        let hello = PeerHello(
            clusterID: PeerNode.cluster, name: "n2", incarnation: 2, initialCluster: "", peer: "b:2", mysql: "", admin: "", segmentSize: 1)
        return RecordedFrame(
            kind: PeerFrame.Kind.answer.rawValue, flags: 0, body: PeerAnswer(refusal: refusal, hello: hello).encoded())
    }

    static let responses: [RecordedFrame] = {
        let frames = [(UInt64(1), 0), (2, 300), (3, 300_000)].map { PeerFrame.frames(.response, id: $0.0, SampleEntries.payload($0.1)) }
        return frames.flatMap { RecordedFrame.split(Array($0.readableBytesView)) }
    }()
}
