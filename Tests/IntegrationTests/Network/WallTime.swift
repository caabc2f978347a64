import Glibc

/// A time of the machine's clock, which the primary's rows carry too.
struct WallTime: Comparable {
    /// Since 1970.
    let microseconds: Int64

    static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    static func < (one: WallTime, other: WallTime) -> Bool { one.microseconds < other.microseconds }
    static func - (one: WallTime, other: WallTime) -> Duration { .microseconds(one.microseconds - other.microseconds) }
}
