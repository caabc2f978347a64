import Foundation

/// The wall clock.
enum UnixTime {
    /// Seconds since 1970, UTC, and the microseconds beyond them.
    static var now: (seconds: UInt64, microseconds: UInt32) {
        let time = max(0, Date().timeIntervalSince1970)
        let seconds = UInt64(time)
        return (seconds, UInt32((time - Double(seconds)) * 1_000_000))
    }
}
