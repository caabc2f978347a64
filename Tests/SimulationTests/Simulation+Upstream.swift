import Common
import Log

@testable import kingbus_node

extension Simulation {
    /// Consensus lets this node pull in `term`, or no longer (nil).
    func ingestTermChanged(_ life: Life, _ term: UInt64?) {
        life.upstream.term = term
        if term == nil { disconnect(life) } else { connect(life) }
    }

    private func connect(_ life: Life) {
        let upstream = life.upstream
        guard let term = upstream.term, !upstream.isConnected else { return }
        upstream.isConnected = true
        upstream.connection += 1
        let connection = upstream.connection
        let acknowledged = oracle.acknowledged
        note(life.node, "may ingest in term \(term), and makes sure that it leads")
        life.consensus.confirmLeadership(term: term) { [unowned self, weak life] isConfirmed in
            guard let life, life.node.life === life, life.upstream.connection == connection else { return }
            guard isConfirmed else {
                life.upstream.isConnected = false
                return later(draw(50_000...200_000), on: life) { $0.connect($1) }
            }
            let state = life.consensus.committed.snapshot.state
            guard Source.set(through: acknowledged).isSubset(of: state.executed.union(source.purged)) else {
                return fail(
                    Violation("\(life.node.name) leads in term \(term) with \(state.executed), and \(acknowledged) was acknowledged"))
            }
            later(draw(2000...60_000), on: life) { $0.beginDump($1, connection, state) }
        }
    }

    private func beginDump(_ life: Life, _ connection: Int, _ state: LogState) {
        let upstream = life.upstream
        guard upstream.connection == connection, upstream.isConnected else { return }
        var state = state
        if state.epoch == 0 { state.executed.formUnion(source.purged) }
        note(life.node, "asks the source for what comes behind \(state.executed)")
        upstream.dump = SourceDump(source, from: state)
        upstream.inFlight = 0
        pull(life, connection)
    }

    /// Proposes what the source has written, up to the window; looks again after a while.
    private func pull(_ life: Life, _ connection: Int) {
        guard life.upstream.connection == connection, life.upstream.isConnected else { return }
        proposeWhatIsThere(life)
        later(draw(5000...40_000), on: life) { $0.pull($1, connection) }
    }

    private func proposeWhatIsThere(_ life: Life) {
        let upstream = life.upstream
        guard let term = upstream.term else { return }
        while upstream.inFlight < plan.window,
            let (batch, gtid) = upstream.dump?.batch(
                at: now, eager: upstream.inFlight == 0, upTo: Int.random(in: 1...5, using: &random))
        {
            upstream.inFlight += 1
            let connection = upstream.connection
            later(150, on: life) { $0.propose($1, batch, gtid, term, connection) }
        }
    }

    private func propose(_ life: Life, _ batch: Batch, _ gtid: UInt64?, _ term: UInt64, _ connection: Int) {
        let proposal = Proposed()
        let contact = FirstContact(start: source.purged)
        if sabotage == .acknowledgesProposals, let gtid { oracle.acknowledge(through: gtid) }
        life.consensus.propose(batch, term: term, firstContact: contact) { [unowned self, weak life] outcome in
            switch outcome {
            case .committed:
                if let gtid { oracle.acknowledge(through: gtid) }
            case .rejected:
                do { if let place = proposal.place { try oracle.reject(place) } } catch { return fail(error) }
            case .unknown: return
            }
            guard let life else { return }
            later(150, on: life) { $0.answered($1, outcome, connection) }
        }
        proposal.place = place(of: batch, in: life)
    }

    /// Where a batch that was just proposed stands.
    private func place(of batch: Batch, in life: Life) -> Oracle.Place? {
        let last = life.consensus.factory.state.index
        for index in [last, last - 1] where index > 0 {
            guard let header = life.consensus.tail[index]?.header, header.kind == .events, header.position == batch.position,
                header.file == batch.file
            else { continue }
            return Oracle.Place(index: index, term: header.term)
        }
        return nil
    }

    private func answered(_ life: Life, _ outcome: Consensus.Outcome, _ connection: Int) {
        guard life.upstream.connection == connection, life.upstream.isConnected else { return }
        life.upstream.inFlight -= 1
        switch outcome {
        case .committed: proposeWhatIsThere(life)
        case .rejected, .unknown: disconnect(life)
        }
    }

    /// The connection with the source ends; what is complete may still be proposed.
    func disconnect(_ life: Life) {
        let upstream = life.upstream
        guard upstream.isConnected else { return }
        if let term = upstream.term, chance(50), let (batch, gtid) = upstream.dump?.batch(at: now, eager: true, upTo: 3) {
            let connection = upstream.connection
            later(150, on: life) { $0.propose($1, batch, gtid, term, connection) }
        }
        note(life.node, "is cut off from the source")
        let term = upstream.dump == nil ? nil : upstream.term
        upstream.dump = nil
        guard let term = term ?? upstream.term else {
            upstream.isConnected = false
            upstream.connection += 1
            return
        }
        ended(life, term)
    }

    private func ended(_ life: Life, _ term: UInt64) {
        let upstream = life.upstream
        upstream.isConnected = false
        upstream.connection += 1
        upstream.dump = nil
        upstream.term = nil
        later(150, on: life) { $1.consensus.ingestEnded(term: term) }
    }
}

/// Where a proposal stands, for the closure that is told its fate.
private final class Proposed: @unchecked Sendable {  // One thread.
    var place: Oracle.Place?
}
