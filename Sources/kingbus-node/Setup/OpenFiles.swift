import Glibc

/// How many files this process may have open: one for each segment of the log, and one for each connection.
enum OpenFiles {
    /// Raises the limit to the highest that the system lets this process have, and returns it.
    ///
    /// The usual soft limit of 1024 is for programs that use select(). A log with as many segments would end the node at its next one, and
    /// keep it from starting again.
    @discardableResult
    static func raiseLimit() -> UInt64 {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        guard limit.rlim_cur < limit.rlim_max else { return UInt64(limit.rlim_cur) }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        return UInt64(setrlimit(resource, &limit) == 0 ? limit.rlim_max : before)
    }
}
