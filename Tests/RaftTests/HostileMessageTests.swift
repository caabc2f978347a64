import Testing

@testable import Raft

@Suite("Messages that no correct member sends")
struct HostileMessageTests {
    @Test("are refused or outlived, in every role, and never trap", arguments: 1...4 as ClosedRange<UInt64>)
    func neverTrap(seed: UInt64) {
        var random = RandomSource(seed: seed)
        var refused = 0
        for _ in 0..<200 {
            let cluster = Cluster(voters: 3, seed: seed)
            cluster.keepsHistory = false
            if random.next() % 2 == 0 { cluster.elect(1) }
            var raft = cluster.raft(1)
            for _ in 0..<50 {
                do { try raft.step(message(&random)) } catch { refused += 1 }
                if random.next() % 4 == 0 { raft.tick() }
                if let write = raft.takeOutput().write, random.next() % 2 == 0 { raft.persisted(through: write.id) }
                _ = raft.takeOutput()
            }
        }
        #expect(refused > 100)
    }

    private func number(_ random: inout RandomSource) -> UInt64 {
        switch random.next() % 8 {
        case 0: .max
        case 1: Message.maxNumber - 1
        default: random.next() % 6
        }
    }

    private func message(_ random: inout RandomSource) -> Message {
        func position() -> LogPosition { LogPosition(index: number(&random), term: number(&random)) }
        let body: Message.Body
        switch random.next() % 11 {
        case 0: body = .voteRequest(VoteRequest(last: position(), isPreVote: random.next() % 2 == 0, isTransfer: random.next() % 2 == 0))
        case 1: body = .voteResponse(isPreVote: random.next() % 2 == 0, isGranted: random.next() % 2 == 0)
        case 2...4:
            var append = Append(previous: position(), entries: [], commitIndex: number(&random))
            for _ in 0..<(random.next() % 4) { append.entries.append(Entry(term: number(&random), byteCount: Int(random.next() % 99))) }
            if random.next() % 4 == 0 {
                append.configurations = [
                    ConfigurationEntry(index: number(&random), configuration: Configuration(voters: [member(1), member(2)]))
                ]
            }
            body = .append(append)
        case 5: body = .appendAccepted(matchIndex: number(&random))
        case 6: body = .appendRejected(AppendRejection(index: number(&random), hint: position()))
        case 7: body = .heartbeat(commitIndex: number(&random), readRound: number(&random))
        case 8: body = .heartbeatResponse(readRound: number(&random))
        case 9: body = .commit(commitIndex: number(&random))
        default:
            body =
                [.staleTerm, .timeoutNow, .readIndex(ReadID(rawValue: 1)), .readIndexResponse(ReadID(rawValue: 1), index: 3)][
                    Int(random.next() % 4)]
        }
        return Message(from: member(2 + random.next() % 3), to: member(1), term: number(&random), body: body)
    }
}
