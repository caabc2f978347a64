import ClusterAPI

/// What `verify` found out about a cluster, and how it is told.
struct Agreement: Encodable {
    struct Node: Encodable, Equatable {
        var name: String
        /// Where it was asked; nil where it has no address.
        var admin: String?
        var appliedIndex: UInt64?
        var executedGtidSet: String?
        /// At the entry that is compared.
        var chain: String?
        /// Why it is left out; nil where it was compared.
        var problem: String?

        enum CodingKeys: String, CodingKey {
            case name, admin, appliedIndex, executedGtidSet, chain, problem
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(admin, forKey: .admin)
            try container.encode(appliedIndex, forKey: .appliedIndex)
            try container.encode(executedGtidSet, forKey: .executedGtidSet)
            try container.encode(chain, forKey: .chain)
            try container.encode(problem, forKey: .problem)
        }
    }

    struct Difference: Encodable, Equatable {
        /// The first entry that differs.
        var index: UInt64
        /// Whether the entry before it is known to be equal; where it is purged, an earlier one may differ already.
        var isFirst: Bool
    }

    enum CodingKeys: String, CodingKey {
        case agree, index, gtidSet, difference, nodes
    }

    /// Every key is there, with null where there is nothing to tell.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(groups.count == 1, forKey: .agree)
        try container.encode(index, forKey: .index)
        try container.encode(gtidSet, forKey: .gtidSet)
        try container.encode(difference, forKey: .difference)
        try container.encode(nodes, forKey: .nodes)
    }

    var nodes: [Node]
    /// The entry at which the nodes are compared: the last one that all of them have applied.
    var index: UInt64
    /// What is executed up to there.
    var gtidSet: String
    var difference: Difference?

    /// The nodes that were compared.
    var compared: [Node] { nodes.filter { $0.problem == nil } }

    /// The names of the compared nodes that have the same log, by groups, in the order of the members.
    var groups: [[String]] {
        var groups: [(chain: String?, names: [String])] = []
        for node in compared {
            if let position = groups.firstIndex(where: { $0.chain == node.chain }) {
                groups[position].names.append(node.name)
            } else {
                groups.append((node.chain, [node.name]))
            }
        }
        return groups.map(\.names)
    }

    var outcome: CtlOutcome {
        if groups.count > 1 { return .different }
        return compared.count == nodes.count ? .success : .degraded
    }

    var text: String {
        var table = Table(["NODE", "ADMIN", "APPLIED", "CHAIN AT \(index)"])
        for node in nodes {
            table.add([
                node.name, node.admin ?? Wording.absent, node.appliedIndex.map(String.init) ?? Wording.absent,
                node.problem ?? node.chain ?? Wording.absent,
            ])
        }
        return table.text + "\n" + verdict
    }

    private var verdict: String {
        var lines: [String] = []
        if let difference {
            let sides = groups.map { $0.joined(separator: ", ") }.joined(separator: " | ")
            let place =
                difference.isFirst ? "entry \(difference.index) on" : "entry \(difference.index) on, or an earlier one that is purged"
            lines.append("the logs differ from \(place): \(sides)")
        } else if compared.count == 1 {
            lines.append("\(compared[0].name) has the log up to entry \(index): \(Wording.set(gtidSet))")
        } else {
            lines.append("\(compared.map(\.name).joined(separator: ", ")) agree up to entry \(index): \(Wording.set(gtidSet))")
        }
        let silent = nodes.filter { $0.problem != nil }.map(\.name)
        if !silent.isEmpty { lines.append("not compared: \(silent.joined(separator: ", "))") }
        return lines.map { $0 + "\n" }.joined()
    }
}
