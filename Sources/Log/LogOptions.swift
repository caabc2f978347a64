/// How a log is opened.
public struct LogOptions: Sendable {
    /// The member's name, for a data directory that is new.
    public var name: String
    /// The member's incarnation, for a data directory that is new: random, not 0.
    public var newIncarnation: UInt64
    /// Bytes written at a time, by which a stalled disk is noticed; at least 128 KiB.
    public var sliceBytes = 4 << 20
    /// After so long without a write, durable and commit index go to the hard state.
    public var idleNanoseconds: UInt64 = 100_000_000

    public init(name: String, newIncarnation: UInt64 = .random(in: 1 ... .max)) {
        self.name = name
        self.newIncarnation = newIncarnation
    }
}
