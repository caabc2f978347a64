import Raft
import Testing

@Suite("Quorums decide as etcd/raft's tables say")
struct QuorumTableTests {
    @Test("every commit index and vote of the tables, for majorities and joint quorums")
    func tables() throws {
        let cases = try DataDrivenCase.load("quorum")
        #expect(cases.count > 100)
        for entry in cases {
            let voters = members(entry.arguments["cfg"] ?? [])
            let joint = entry.arguments["cfgj"].map { $0 == ["zero"] ? [] : members($0) }
            var order: [MemberID] = []
            for member in voters + (joint ?? []) where !order.contains(member) { order.append(member) }
            let values = entry.arguments[entry.command == "vote" ? "votes" : "idx"] ?? []
            #expect(values.count == order.count, "\(entry.file):\(entry.line)")
            let known = Dictionary(uniqueKeysWithValues: zip(order, values).filter { $0.1 != "_" })
            let configuration = Configuration(voters: voters, outgoing: joint ?? [])
            let answer: String
            switch entry.command {
            case "committed":
                let index = configuration.committedIndex { known[$0].flatMap { UInt64($0) } }
                answer = index == .max ? "∞" : String(index)
                #expect(entry.result == answer || (answer == "∞" && entry.result.hasSuffix("∞")), "\(entry.file):\(entry.line)")
                // The halves of a joint quorum are equals.
                let mirrored = Configuration(voters: joint ?? [], outgoing: voters)
                #expect(mirrored.committedIndex { known[$0].flatMap { UInt64($0) } } == index)
            case "vote":
                answer =
                    switch configuration.voteResult({ known[$0].map { $0 == "y" } }) {
                    case .won: "VoteWon"
                    case .lost: "VoteLost"
                    case .pending: "VotePending"
                    }
                #expect(entry.result == answer, "\(entry.file):\(entry.line)")
            default:
                Issue.record("unknown command \(entry.command) in \(entry.file):\(entry.line)")
            }
        }
    }

    private func members(_ names: [String]) -> [MemberID] { names.compactMap { UInt64($0).flatMap(MemberID.init(rawValue:)) } }
}
