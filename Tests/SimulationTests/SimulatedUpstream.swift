/// The part of a node that pulls from the source while it leads.
final class SimulatedUpstream {
    /// The term that consensus has allowed; nil for none.
    var term: UInt64?
    /// A connection is being made, or is there.
    var isConnected = false
    /// Counts connections: an answer to an earlier one says nothing.
    var connection = 0
    var dump: SourceDump?
    var inFlight = 0
}
