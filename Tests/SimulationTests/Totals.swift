/// What happened in one run, or in many.
struct Totals: CustomStringConvertible {
    var runs = 0
    var seconds = 0.0
    var steps = 0
    var elections = 0
    var crashes = 0
    var tornTails = 0
    var diskFaults = 0
    var pauses = 0
    var partitions = 0
    var truncations = 0
    var segments = 0
    var aborts = 0
    var transactions = 0
    var acknowledged = 0
    var settings = 0
    var reads = 0
    var rereads = 0
    var wipes = 0
    var joins = 0
    var removals = 0
    var demotions = 0
    var joints = 0
    var jointElections = 0
    /// Transfers of leadership to a member that was named, and those that did not come about.
    var transfers = 0
    var reverted = 0
    /// Disks that stood still, and leaders that handed over because of it.
    var stalls = 0
    var stallTransfers = 0

    static func += (left: inout Totals, right: Totals) {
        left.runs += right.runs
        left.seconds += right.seconds
        left.steps += right.steps
        left.elections += right.elections
        left.crashes += right.crashes
        left.tornTails += right.tornTails
        left.diskFaults += right.diskFaults
        left.pauses += right.pauses
        left.partitions += right.partitions
        left.truncations += right.truncations
        left.segments += right.segments
        left.aborts += right.aborts
        left.transactions += right.transactions
        left.acknowledged += right.acknowledged
        left.settings += right.settings
        left.reads += right.reads
        left.rereads += right.rereads
        left.wipes += right.wipes
        left.joins += right.joins
        left.removals += right.removals
        left.demotions += right.demotions
        left.joints += right.joints
        left.jointElections += right.jointElections
        left.transfers += right.transfers
        left.reverted += right.reverted
        left.stalls += right.stalls
        left.stallTransfers += right.stallTransfers
    }

    var description: String {
        """
        \(runs) runs, \(Int(seconds)) simulated seconds, \(steps) steps: \(elections) elections, \(crashes) crashes, \(tornTails) torn tails, \
        \(diskFaults) disk faults, \(pauses) pauses, \(partitions) partitions, \(truncations) truncations, \(segments) segments, \
        \(aborts) aborted runs, \(transactions) transactions (\(acknowledged) acknowledged), \(settings) changes of settings, \
        \(reads) reads, \(rereads) appends read from disk, \(wipes) wiped directories, \(joins) joins, \(removals) removals, \(demotions) demotions, \
        \(joints) joint configurations (\(jointElections) elections in one), \(transfers) transfers (\(reverted) reverted), \(stalls) stalled disks (\(stallTransfers) leaders gave way)
        """
    }
}
