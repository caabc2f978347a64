/// What is configured for the whole cluster and therefore kept in its log: flags only seed it.
public struct ClusterSettings: Hashable, Sendable {
    /// A segment that has grown to this many bytes is followed by a new one.
    public var segmentSize: UInt64
    /// Whole segments are purged while the log is larger than this many bytes.
    public var retainBytes: UInt64?
    /// Whole segments are purged once their last event is older than this many seconds.
    public var retainAge: UInt64?
    public var upstream: UpstreamSettings
    public var users: [User]
    public var consumers: [Consumer]
    /// A fixed text sealed under the secret file's key, by which a node learns that it holds the same key; empty without secrets.
    public var keyCheck: [UInt8]

    /// Who replicates from Kingbus.
    public struct User: Hashable, Sendable {
        public var name: String
        /// The password's verifiers, sealed under the secret file's key.
        public var sealedVerifier: [UInt8]

        public init(name: String, sealedVerifier: [UInt8]) {
            self.name = name
            self.sealedVerifier = sealedVerifier
        }
    }

    /// A named reader that holds back purges, up to a cap.
    public struct Consumer: Hashable, Sendable {
        public var name: String
        public var holdBytes: UInt64
        public var expandCompressed: Bool

        public init(name: String, holdBytes: UInt64, expandCompressed: Bool) {
            self.name = name
            self.holdBytes = holdBytes
            self.expandCompressed = expandCompressed
        }
    }

    public init(segmentSize: UInt64, retainBytes: UInt64? = nil, retainAge: UInt64? = nil) {
        self.segmentSize = segmentSize
        self.retainBytes = retainBytes
        self.retainAge = retainAge
        upstream = UpstreamSettings()
        users = []
        consumers = []
        keyCheck = []
    }
}

/// Where the binlog comes from.
public struct UpstreamSettings: Hashable, Sendable {
    /// Rises with every change, so that a change can name the version that it expects.
    public var version: UInt64 = 0
    /// Candidates as `mysql://user@host:port?…`, without passwords; the first is tried first.
    public var urls: [String] = []
    /// The password, sealed under the secret file's key; empty for none.
    public var sealedPassword: [UInt8] = []
    /// Whether Kingbus pulls from it.
    public var isStarted = true

    public init() {}
}
