import Glibc

/// A lock with a condition to wait for.
///
///     let item = monitor.locked {
///         while items.isEmpty { monitor.wait() }
///         return items.removeFirst()
///     }
public final class Monitor: @unchecked Sendable {  // The two pointers never change; what they lead to is made for many threads.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines are not to move when the clock of the wall is set.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(condition)
        mutex.deallocate()
        condition.deallocate()
    }

    /// Runs `body` while no other thread runs one.
    public func locked<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Lets others in until something has changed; only inside ``locked(_:)``.
    public func wait() { pthread_cond_wait(condition, mutex) }

    /// As ``wait()``, at most until `deadline`; returns whether that has not passed.
    public func wait(until deadline: MonotonicTime) -> Bool {
        var time = timespec(tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }

    /// Wakes all that wait: something has changed.
    public func changed() { pthread_cond_broadcast(condition) }
}

/// A moment on a clock that nobody sets; only differences mean something.
public struct MonotonicTime: Hashable, Sendable, Comparable {
    fileprivate var nanoseconds: UInt64

    /// The moment that is so many milliseconds from now.
    public static func inMilliseconds(_ count: UInt64) -> MonotonicTime {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return MonotonicTime(nanoseconds: UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec) + count * 1_000_000)
    }

    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}
