import Common
import Log
import Logging

/// How a node with an empty data directory comes to its cluster.
///
/// Alone, it makes one. With others, the first name in `--initial-cluster` makes it, once every other has answered that it is empty too and
/// was told the same list; the others are given the first entry. One that joins a cluster asks one of its nodes to be made a member, and is
/// given it too. So it is also when a node comes back without its data: whoever
/// remembers the cluster gives it nothing until an operator has taken the old member out and added the new one.
actor Formation {
    private static let pause = Duration.milliseconds(200)
    /// Pauses between two questions to the cluster that this node joins.
    private static let joinPauses = 10

    private let log: Log
    private let configuration: NodeConfiguration
    private let sealer: Sealer
    private let peers: Peers
    private let logger: Logger
    /// The cluster's first entry, once it is durable here.
    private var first: LogEntry?
    /// The node is being stopped: nothing more is taken.
    private var isStopped = false
    /// What was last said of each of the others, so that it is said once.
    private var said: [String: String] = [:]

    init(log: Log, configuration: NodeConfiguration, sealer: Sealer, peers: Peers, logger: Logger) {
        self.log = log
        self.configuration = configuration
        self.sealer = sealer
        self.peers = peers
        self.logger = logger
    }

    /// - Returns: the state behind the cluster's first entry, which is durable here.
    func run() async throws -> LogState {
        let others = configuration.initialCluster?.entries.filter { $0.name != configuration.name } ?? []
        let seeds = configuration.seeds
        if !others.isEmpty {
            logger.info(
                seeds ? "an empty node waits for the others, to begin a cluster with them" : "an empty node waits to be given a cluster",
                metadata: ["initial_cluster": "\(configuration.initialCluster.map(String.init(describing:)) ?? "")"])
        }
        if let join = configuration.join { try await self.join(join) }
        while first == nil {
            var found: [PeerHello] = []
            for other in others where first == nil { if let hello = await ask(other) { found.append(hello) } }
            if first == nil, seeds, found.count == others.count {
                first = try Bootstrap.seed(log, members(found), configuration, sealer)
                break
            }
            try await Task.sleep(for: Self.pause)
        }
        guard let first, case .bytes(let payload) = first.payload else { preconditionFailure("a segment entry has a payload") }
        let state = try LogState(beginningWith: first.header, payload: payload.span.bytes)
        begin(state)
        return state
    }

    /// Asks the cluster to be a member until it is one: an operator may have to take out its predecessor first.
    private func join(_ url: String) async throws {
        let joining = Joining(
            url: url, addition: MemberAddition(name: configuration.name, peer: "\(configuration.peerAdvertise)"),
            token: configuration.adminToken, authority: configuration.adminAuthority)
        logger.info("an empty node asks to be a member of a cluster", metadata: ["join": "\(url)"])
        while first == nil {
            do {
                try await joining.ask()
                said[url] = nil
            } catch let error as SetupError where error.exitCode != 77 { tell(url, error.description) }
            for _ in 0..<Self.joinPauses where first == nil { try await Task.sleep(for: Self.pause) }
        }
    }

    func stop() { isStopped = true }

    /// Takes the cluster's first entry from a member; it is durable when this returns.
    func accept(_ entry: LogEntry) throws {
        guard !isStopped else { throw SetupError("this node stops") }
        if let first {
            guard first.header.chain == entry.header.chain else { throw SetupError("this node was given another cluster's first entry") }
            return
        }
        guard entry.header.index == 1, case .bytes(let payload) = entry.payload else { throw SetupError("this is no log's first entry") }
        let state = try LogState(beginningWith: entry.header, payload: payload.span.bytes)
        do { try sealer.verifyKeyCheck(state.settings.keyCheck) } catch {
            logger.error("\(error)")
            throw error
        }
        if state.settings.segmentSize != configuration.segmentSize {
            logger.notice(
                "--segment-size \(configuration.segmentSize) is ignored: the cluster's segments have \(state.settings.segmentSize) bytes")
        }
        try Bootstrap.store(entry, in: log)
        first = entry
        begin(state)
    }

    /// From now on this node says whose member it is: whoever asks must not take it for empty.
    private func begin(_ state: LogState) {
        let local = NodeStart.local(configuration, log.recovered.identity, state.clusterID)
        peers.setLocal(local, members: state.membership.members)
    }

    /// Asks another node who it is; nil unless it is empty and waits for the same cluster.
    private func ask(_ other: InitialCluster.Entry) async -> PeerHello? {
        do {
            let hello = try await peers.probe(other.address, expecting: nil)
            guard hello.name == other.name else {
                tell(other.name, "the node at \(other.address) calls itself '\(hello.name)', and --initial-cluster '\(other.name)'")
                return nil
            }
            guard hello.clusterID == nil else {
                tell(other.name, "'\(other.name)' belongs to a cluster already")
                return nil
            }
            guard hello.initialCluster == configuration.initialCluster.map(String.init(describing:)) else {
                tell(other.name, "'\(other.name)' was told another --initial-cluster: \(hello.initialCluster)")
                return nil
            }
            said[other.name] = nil
            return hello
        } catch {
            tell(other.name, "'\(other.name)' at \(other.address): \(error)")
            return nil
        }
    }

    private func tell(_ name: String, _ text: String) {
        guard said[name] != text else { return }
        said[name] = text
        logger.warning("\(text)")
    }

    private func members(_ others: [PeerHello]) -> [Member] {
        let identity = log.recovered.identity
        let own = Member(
            name: identity.name, incarnation: identity.incarnation, role: .voter, peerAddress: "\(configuration.peerAdvertise)",
            mysqlAddress: "\(configuration.mysqlAdvertise)", adminAddress: "\(configuration.adminAdvertise)")
        let rest = others.map { hello in
            Member(
                name: hello.name, incarnation: hello.incarnation, role: .voter,
                peerAddress: configuration.initialCluster?[hello.name].map(String.init(describing:)) ?? hello.peer,
                mysqlAddress: hello.mysql,
                adminAddress: hello.admin)
        }
        return [own] + rest
    }
}
