import Raft
import Testing

@Suite("Membership changes go as etcd/raft's tables say")
struct ConfigurationTableTests {
    @Test("every configuration and refusal of the tables")
    func tables() throws {
        var file = ""
        var configuration = Configuration()
        for entry in try DataDrivenCase.load("confchange") {
            if entry.file != file {
                file = entry.file
                configuration = Configuration()
            }
            let changes = entry.input.flatMap { $0.split(separator: " ") }.compactMap(change)
            do throws(ConfigurationChangeError) {
                let next: Configuration
                switch entry.command {
                case "simple": next = try configuration.changing(changes)
                case "enter-joint": next = try configuration.enteringJoint(changes)
                default:
                    guard configuration.isJoint else { throw .isNotJoint }
                    next = configuration.leavingJoint()
                }
                // The first configuration comes from bootstrapping, not from a change.
                #expect(configuration.voters.isEmpty || configuration.mayBeFollowed(by: next), "\(file):\(entry.line)")
                configuration = next
                // "autoleave" is a flag that is only passed through there; here the leader always leaves by itself.
                #expect(text(configuration) == entry.expected[0].replacing(" autoleave", with: ""), "\(file):\(entry.line)")
            } catch {
                #expect(text(error, joint: entry.command == "enter-joint") == entry.expected[0], "\(file):\(entry.line)")
            }
        }
    }

    private func change(_ word: Substring) -> ConfigurationChange? {
        guard let member = UInt64(word.dropFirst()).flatMap(MemberID.init(rawValue:)) else { return nil }
        return switch word.first {
        case "v": .addVoter(member)
        case "l": .addLearner(member)
        case "r": .remove(member)
        default: nil
        }
    }

    private func text(_ configuration: Configuration) -> String {
        func list(_ members: [MemberID]) -> String { "(" + members.map(\.description).joined(separator: " ") + ")" }
        var text = "voters=" + list(configuration.voters.members)
        if configuration.isJoint { text += "&&" + list(configuration.outgoing.members) }
        if !configuration.learners.isEmpty { text += " learners=" + list(configuration.learners) }
        if !configuration.learnersNext.isEmpty { text += " learners_next=" + list(configuration.learnersNext) }
        return text
    }

    private func text(_ error: ConfigurationChangeError, joint: Bool) -> String {
        switch error {
        case .isJoint: joint ? "config is already joint" : "can't apply simple config change in joint config"
        case .isNotJoint: "can't leave a non-joint config"
        case .noVoters: joint ? "can't make a zero-voter config joint" : "removed all voters"
        case .needsJoint: "more than one voter changed without entering joint config"
        }
    }
}
