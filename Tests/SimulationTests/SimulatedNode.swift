import Log
import Raft
import SimulatedDisk

@testable import kingbus_node

/// A machine with a disk, on which a node runs, or does not at the moment.
final class SimulatedNode {
    let number: Int
    let name: String
    var disk: SimulatedFileSystem
    /// Of the data directory that the disk holds.
    var incarnation: UInt64 {
        didSet { id = MemberID(name: name, incarnation: incarnation) }
    }
    /// The log has its first entry.
    var isFounded = false
    /// The cluster knows this incarnation, and gives it the first entry.
    var isAdmitted = true
    var life: Life?
    /// What of this machine's process stands still until then, in microseconds; 0 for nothing.
    var pausedUntil: UInt64 = 0
    /// How fast its clock runs, in thousandths.
    let clockRate: UInt64
    /// The disk takes so many times as long as it should.
    var diskSlowness: UInt64 = 1
    /// The disk does nothing until then, in microseconds; 0 for nothing.
    var diskStalledUntil: UInt64 = 0
    var record: MemberRecord

    init(number: Int, incarnation: UInt64, disk: SimulatedFileSystem, clockRate: UInt64) {
        self.number = number
        name = "n\(number + 1)"
        self.disk = disk
        self.incarnation = incarnation
        self.clockRate = clockRate
        id = MemberID(name: name, incarnation: incarnation)
        record = MemberRecord(name: name)
    }

    private(set) var id: MemberID
}
