/// What can go wrong in a run.
enum Fault: CaseIterable, Sendable {
    case death, leaderDeath, deathOfAll, disk, slowDisk, pause, partition, leaderCutOff, closedConnections, sourceGone, handOver, settings,
        wipe

    /// How often it comes, beside the others.
    var weight: Int {
        switch self {
        case .death, .partition, .leaderCutOff: 16
        case .deathOfAll: 4
        case .disk, .pause, .sourceGone, .leaderDeath: 10
        case .slowDisk, .closedConnections, .handOver, .settings: 6
        case .wipe: 8
        }
    }
}
