/// What can go wrong in a run.
enum Fault: CaseIterable, Sendable {
    case death, leaderDeath, deathOfAll
    case disk, slowDisk, stalledDisk, pause
    case partition, leaderCutOff, closedConnections
    case sourceGone
    case handOver, transfer, settings, members, wipe

    /// How often it comes, beside the others.
    var weight: Int {
        switch self {
        case .death, .partition, .leaderCutOff: 16
        case .leaderDeath, .disk, .pause, .sourceGone: 10
        case .wipe, .members: 8
        case .slowDisk, .stalledDisk, .closedConnections, .handOver, .transfer, .settings: 6
        case .deathOfAll: 4
        }
    }
}
