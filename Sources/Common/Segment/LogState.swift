/// The whole state that follows from the log up to an entry: a segment entry's payload, and what a node holds in memory for the log's end.
///
/// Executed is ``executed``; purged is the first kept segment's ``executed`` together with ``lost``. Folding an entry is
/// deterministic, so every node that has the same entries has the same state, and a segment entry can be checked against one's own fold.
public struct LogState: Hashable, Sendable {
    /// Random, made with the first entry.
    public var clusterID: SourceID
    /// Index, term and chain of the last entry that is folded in; 0 and the cluster id's chain before the first.
    public var index: UInt64 = 0
    public var term: UInt64 = 0
    public var chain: Chain

    /// What Kingbus calls itself towards the upstream and replicas: one identity for the whole cluster.
    public var serverID: UInt32
    public var serverUUID: SourceID

    public var membership: Membership
    public var settings: ClusterSettings

    /// Counts upstreams; 0 until the first is known.
    public var epoch: UInt64 = 0
    /// Where the next event stands in the upstream's files.
    public var file: [UInt8] = []
    public var position: UInt64 = 0
    /// The upstream's last real FORMAT_DESCRIPTION event, verbatim; empty until an upstream is known.
    public var formatDescription: [UInt8] = [] {
        didSet { checksum = Self.checksum(of: formatDescription) }
    }
    /// How events end in a file that begins with this state.
    public internal(set) var checksum = ChecksumAlgorithm.crc32

    /// Every transaction that is complete in the log or was executed before it began.
    public var executed: GTIDSet = GTIDSet()
    /// Transactions that this log will never hold: purged by the upstream before the first contact.
    public var lost: GTIDSet = GTIDSet()

    /// Index of the segment entry that the log begins with once purges are carried out.
    public var purgeFloor: UInt64 = 0

    /// The transaction whose chunks have begun and not ended.
    public var openRun: OpenRun?
    /// The run that the entry before this segment ended by an abort: readers of the segment before skip from its first entry on.
    public var abortedRunIndex: UInt64 = 0

    /// What the segment file that holds the last entry holds so far.
    public var segment = SegmentExtent()

    public struct OpenRun: Hashable, Sendable {
        /// Index of the entry with the first chunk.
        public var index: UInt64
        /// Where that entry begins in its segment's file, in bytes.
        public var offset: UInt64
        public var gtid: GTID?
        /// Index of the entry with the last chunk so far.
        public var lastIndex: UInt64
        /// Where that entry begins in the same file, in bytes.
        public var lastOffset: UInt64

        public init(index: UInt64, offset: UInt64, gtid: GTID?) {
            self.index = index
            self.offset = offset
            self.gtid = gtid
            lastIndex = index
            lastOffset = offset
        }
    }

    public init(clusterID: SourceID, serverID: UInt32, serverUUID: SourceID, membership: Membership, settings: ClusterSettings) {
        self.clusterID = clusterID
        self.serverID = serverID
        self.serverUUID = serverUUID
        self.membership = membership
        self.settings = settings
        var seed: [UInt8] = []
        seed.append(contentsOf: clusterID.bytes)
        chain = Chain(digesting: seed.span.bytes)
    }

    /// What the FORMAT_DESCRIPTION says; CRC32 where there is none, as in the synthetic one.
    static func checksum(of formatDescription: [UInt8]) -> ChecksumAlgorithm {
        guard !formatDescription.isEmpty else { return .crc32 }
        return (try? FormatDescriptionEvent(decoding: formatDescription.span.bytes))?.checksum ?? .none
    }
}
