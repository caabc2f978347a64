import Glibc
import Synchronization

/// Writes on their way to the append thread: any thread puts them in, one takes all that there are.
final class AppendQueue: @unchecked Sendable {
    enum Wake {
        case writes([LogWrite])
        /// Nothing came for the time that was waited.
        case idle
        /// The queue is closed and empty.
        case closed
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // Both are guarded by the mutex.
    private var writes: [LogWrite] = []
    private var isClosed = false
    private let bytes = Atomic<UInt64>(0)

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Bytes of payload that were put in and are not yet durable.
    var byteCount: UInt64 { bytes.load(ordering: .relaxed) }

    func put(_ write: LogWrite) {
        bytes.add(write.byteCount, ordering: .relaxed)
        locked {
            precondition(!isClosed, "the log is stopped")
            writes.append(write)
        }
        pthread_cond_signal(condition)
    }

    func close() {
        locked { isClosed = true }
        pthread_cond_signal(condition)
    }

    /// Takes all writes, waiting for the first at most so long.
    func take(idleNanoseconds: UInt64) -> Wake {
        locked {
            if idleNanoseconds > 0, writes.isEmpty, !isClosed { wait(idleNanoseconds) }
            if !writes.isEmpty {
                defer { writes = [] }
                return .writes(writes)
            }
            return isClosed ? .closed : .idle
        }
    }

    /// Takes the writes' bytes off the count.
    func finished(_ writes: [LogWrite]) {
        bytes.subtract(writes.reduce(0) { $0 + $1.byteCount }, ordering: .relaxed)
    }

    private func wait(_ nanoseconds: UInt64) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let total = UInt64(deadline.tv_nsec) + nanoseconds
        deadline.tv_sec += Int(total / 1_000_000_000)
        deadline.tv_nsec = Int(total % 1_000_000_000)
        while writes.isEmpty, !isClosed {
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { return }
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
