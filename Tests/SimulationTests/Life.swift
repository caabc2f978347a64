import Common
import Log
import Logging
import NIOCore
import NIOEmbedded

@testable import Raft
@testable import kingbus_node

/// A node from its start to its death, and what was seen of it.
final class Life: @unchecked Sendable {  // The simulation has one thread.
    let node: SimulatedNode
    let loop: EmbeddedEventLoop
    let log: Log
    let consensus: Consensus
    let upstream = SimulatedUpstream()
    let follower: SegmentFollower
    /// What appends carry that is not in memory.
    var storedEntries: StoredEntries

    /// All entries of the log, written or not; `view[0]` is entry 1.
    var view: [Mark]
    /// The disk is at work.
    var isWriting = false
    var term: UInt64
    var commitIndex: UInt64
    var appliedIndex: UInt64
    var visibleIndex: UInt64
    /// Behind the last step: what is committed in the next one is committed under it.
    var configuration: ConfigurationEntry

    /// What a consensus is made of, beside its log.
    struct Parts {
        var committed: CommittedLog
        /// What is known to be committed.
        var known: LogState
        var raft: Raft
    }

    init(_ node: SimulatedNode, _ loop: EmbeddedEventLoop, _ log: Log, _ state: LogState, view: [Mark], _ parts: Parts) {
        self.node = node
        self.loop = loop
        self.log = log
        self.view = view
        var logger = Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        consensus = Consensus(
            loop: loop, log: log, state: state, committedState: parts.known, raft: parts.raft, committed: parts.committed, logger: logger)
        follower = SegmentFollower(log.catalog)
        storedEntries = StoredEntries(catalog: log.catalog)
        term = parts.raft.term
        commitIndex = parts.raft.commitIndex
        appliedIndex = parts.known.index
        visibleIndex = parts.committed.visibleIndex
        configuration = parts.raft.configurations.current
    }

    var isLeader: Bool { consensus.raft.role == .leader }

    /// Ends it without a last word.
    func end() {
        consensus.stop()
        try? loop.syncShutdownGracefully()
    }
}
