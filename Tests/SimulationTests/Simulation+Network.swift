import Common
import Log
import Raft

@testable import kingbus_node

extension Simulation {
    func send(_ messages: [OutgoingMessage], from life: Life) {
        for message in messages {
            do { try oracle.observe(message.message, from: life.node) } catch { return fail(error) }
            guard let receiver = nodes.first(where: { $0.id == message.message.to }) else { continue }
            guard case .append = message.message.body else {
                transmit(message, from: life, to: receiver)
                continue
            }
            // What stands in files is read when its turn comes, later than the core spoke of it; other appends stay behind it.
            let link = Link(from: life.node.number, to: receiver.number)
            let readTime = message.entries.contains(where: { $0 == nil }) && chance(20) ? draw(100...5000) : 0
            let turn = max(appendTurn[link, default: 0], now + readTime)
            appendTurn[link] = turn
            later(turn - now, on: life) { $0.transmit(message, from: $1, to: receiver) }
        }
    }

    private func transmit(_ outgoing: OutgoingMessage, from life: Life, to receiver: SimulatedNode) {
        guard let incoming = expand(outgoing, from: life) else { return }
        let link = Link(from: life.node.number, to: receiver.number)
        let copies = isHealed ? 1 : chance(plan.lossPercent) ? 0 : chance(plan.repeatPercent) ? 2 : 1
        for _ in 0..<copies {
            var arrival = now + draw(isHealed ? 100...500 : plan.latency)
            if !isHealed, Int.random(in: 0..<1000, using: &random) < plan.stragglerPerThousand {
                arrival += draw(0...10 * plan.electionTimeout)
            } else if isHealed || !plan.reorders || !chance(10) {
                arrival = max(arrival, lastArrival[link, default: 0])
                lastArrival[link] = arrival
            }
            at(arrival) { $0.deliver(incoming, link) }
        }
    }

    private func deliver(_ incoming: IncomingMessage, _ link: Link) {
        let receiver = nodes[link.to]
        guard !cuts.contains(link), receiver.id == incoming.message.to, let life = receiver.life else { return }
        later(0, on: life) { simulation, life in
            var incoming = incoming
            simulation.tamper(&incoming, life)
            if !incoming.entries.isEmpty, simulation.chance(5) { life.consensus.receivedBytes(from: incoming.message.from) }
            simulation.note(
                receiver, "gets from \(simulation.oracle.name(incoming.message.from)) in \(incoming.message.term): \(incoming.message.body)"
            )
            life.consensus.receive(incoming)
        }
    }

    // MARK: - Entries

    /// Puts in the entries that are not in memory, as the sender does when their turn comes; nil where they are no longer there.
    private func expand(_ outgoing: OutgoingMessage, from life: Life) -> IncomingMessage? {
        guard case .append(var append) = outgoing.message.body else { return IncomingMessage(message: outgoing.message) }
        var entries: [LogEntry] = []
        if outgoing.entries.contains(where: { $0 == nil }) {
            oracle.totals.rereads += 1
        }
        for (offset, entry) in outgoing.entries.enumerated() {
            let index = append.previous.index + 1 + UInt64(offset)
            guard let entry = entry ?? storedEntry(index, term: append.entries[offset].term, life) else {
                note(life.node, "no longer has entry \(index) that it wanted to send")
                return nil
            }
            append.entries[offset].byteCount = EntryHeader.fixedByteCount + Int(entry.header.payloadLength)
            entries.append(entry)
        }
        var message = outgoing.message
        message.body = .append(append)
        return IncomingMessage(message: message, entries: entries)
    }

    private func storedEntry(_ index: UInt64, term: UInt64, _ life: Life) -> LogEntry? {
        do {
            let stored = try life.storedEntries.entry(at: index, term: term)
            guard stored.payload.byteCount > 0 else { return LogEntry(header: stored.header, payload: .none) }
            var failure: LogError?
            let bytes = [UInt8](unsafeUninitializedCapacity: Int(stored.payload.byteCount)) { buffer, count in
                do throws(LogError) { try stored.payload.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer)) } catch {
                    failure = error
                }
                count = buffer.count
            }
            if let failure { throw failure }
            // As the receiver's check of what came.
            guard CRC32C.checksum(of: bytes.span.bytes) == stored.header.payloadChecksum else { return nil }
            return LogEntry(header: stored.header, payload: .bytes(bytes))
        } catch {
            _ = endIfDead(life, "\(error)")
            return nil
        }
    }
}
