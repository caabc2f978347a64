import Common

/// Who begins a new cluster, as `--initial-cluster n1=host:7707,n2=host:7707` says; the first makes it.
struct InitialCluster: Hashable, Sendable, CustomStringConvertible {
    struct Entry: Hashable, Sendable {
        var name: String
        var address: HostPort
    }

    static let maxMembers = 9

    let entries: [Entry]

    /// - Throws: ``SetupError`` that says what is wrong with the text.
    init(parsing text: String) throws {
        func wrong(_ reason: String) -> SetupError { SetupError("--initial-cluster \(text): \(reason)", exitCode: 64) }
        var entries: [Entry] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, let address = HostPort(parsing: sides[1], defaultPort: 7707) else {
                throw wrong("'\(part)' is no name=host:port")
            }
            let name = String(sides[0])
            guard name.utf8.count <= 255 else { throw wrong("a name has at most 255 bytes") }
            guard !entries.contains(where: { $0.name == name }) else { throw wrong("'\(name)' stands there twice") }
            guard !entries.contains(where: { $0.address == address }) else { throw wrong("\(address) stands there twice") }
            entries.append(Entry(name: name, address: address))
        }
        guard entries.count <= Self.maxMembers else { throw wrong("a cluster has at most \(Self.maxMembers) members") }
        self.entries = entries
    }

    subscript(name: String) -> HostPort? { entries.first { $0.name == name }?.address }

    /// The same text on every node that was told the same.
    var description: String { entries.map { "\($0.name)=\($0.address)" }.joined(separator: ",") }
}
