import Common
import Log
import Logging
import NIOCore
import Synchronization

/// Watches the data directory's disk: pauses ingest before it is full, resumes by itself, and ends the process when a write hangs.
final class DiskGuard: @unchecked Sendable {  // `task` is touched on `loop` only; the rest is behind `shared`.
    struct Space: Hashable, Sendable {
        var freeBytes: UInt64 = 0
        var minimumBytes: UInt64 = 0
        var isLow: Bool { freeBytes < minimumBytes }
    }

    /// A write or sync that takes longer than this will not come back in time for anyone.
    static let maxStallNanoseconds: UInt64 = 30_000_000_000
    /// Short, because a fast upstream fills what is left between two looks.
    private static let interval = TimeAmount.milliseconds(100)

    private let log: Log
    private let minimum: MinimumFree
    private let loop: any EventLoop
    private let logger: Logger
    private let shared = Mutex(Space())
    private var task: RepeatedTask?
    private let onChange: @Sendable (Bool) -> Void
    private let onStall: @Sendable (String) -> Void

    /// - Parameters:
    ///   - onChange: ingest must pause (true) or may go on (false).
    ///   - onStall: the disk has hung for too long.
    init(
        log: Log, minimum: MinimumFree, loop: any EventLoop, logger: Logger, onChange: @escaping @Sendable (Bool) -> Void,
        onStall: @escaping @Sendable (String) -> Void
    ) {
        self.log = log
        self.minimum = minimum
        self.loop = loop
        self.logger = logger
        self.onChange = onChange
        self.onStall = onStall
        check()
    }

    var space: Space { shared.withLock { $0 } }

    func start() {
        loop.execute { [self] in
            task = loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { [self] _ in check() }
        }
    }

    func stop() {
        loop.execute { [self] in task?.cancel() }
    }

    private func check() {
        let stalled = log.stalledNanoseconds
        if stalled > Self.maxStallNanoseconds {
            onStall("the disk of \(log.directory) has not finished a write for \(stalled / 1_000_000_000) s")
        }
        guard let free = try? log.freeBytes(), let total = try? log.totalBytes() else { return }
        let space = Space(freeBytes: free, minimumBytes: minimum.bytes(of: total))
        let wasLow = shared.withLock { shared in
            let wasLow = shared.isLow
            shared = space
            return wasLow
        }
        guard wasLow != space.isLow else { return }
        if space.isLow {
            logger.warning("\(log.directory) has \(free) bytes free, less than --min-free \(space.minimumBytes): ingest pauses")
        } else {
            logger.info("\(log.directory) has \(free) bytes free again: ingest goes on")
        }
        onChange(space.isLow)
    }
}
