import Glibc
import Synchronization

/// Measures how long the disk has been taking for one step.
final class StallClock: Sendable {
    /// When the step began, in nanoseconds of the monotonic clock; 0 between steps.
    private let began = Atomic<UInt64>(0)

    func begin() { began.store(Self.now(), ordering: .relaxed) }
    func end() { began.store(0, ordering: .relaxed) }

    /// Runs one step of the disk's work.
    func measure<Result>(_ step: () throws(LogError) -> Result) throws(LogError) -> Result {
        begin()
        defer { end() }
        return try step()
    }

    /// How long the current step has been running; 0 between steps.
    var nanoseconds: UInt64 {
        let start = began.load(ordering: .relaxed)
        let now = Self.now()
        return start == 0 || now < start ? 0 : now - start
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
