/// What can go wrong in a run.
enum Fault: CaseIterable, Sendable {
    case death, deathOfAll, disk, slowDisk, pause, partition, closedConnections, sourceGone, handOver, settings, wipe

    /// How often it comes, beside the others.
    var weight: Int {
        switch self {
        case .death, .partition: 16
        case .deathOfAll: 4
        case .disk, .pause, .sourceGone: 10
        case .slowDisk, .closedConnections, .handOver, .settings: 6
        case .wipe: 8
        }
    }
}
