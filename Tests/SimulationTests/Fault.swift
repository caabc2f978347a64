/// What can go wrong in a run.
enum Fault: CaseIterable, Sendable {
    case death, leaderDeath, deathOfAll
    case disk, slowDisk, pause
    case partition, leaderCutOff, closedConnections
    case sourceGone
    case handOver, settings, removal, wipe

    /// How often it comes, beside the others.
    var weight: Int {
        switch self {
        case .death, .partition, .leaderCutOff: 16
        case .leaderDeath, .disk, .pause, .sourceGone: 10
        case .wipe: 8
        case .slowDisk, .closedConnections, .handOver, .settings, .removal: 6
        case .deathOfAll: 4
        }
    }
}
