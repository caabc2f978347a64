import Common
import Synchronization

/// The durable log of a node: one directory, written by one thread, read by many.
///
///     let log = try Log.open(directory: "kingbus-data", options: LogOptions(name: "n1"))
///     log.start(completion: { completions in … }, failure: { error in … })
///     log.submit(LogWrite(entries: entries))
///     …
///     log.stop()
///
/// What a completion reports survives any crash. What was submitted and not completed may or may not. An error of the disk is final: the
/// failure callback is called once, and the process is to end, because what the disk then holds can be known only by reading it again.
public final class Log: Sendable {
    public let directory: String
    public let recovered: RecoveredLog
    public let catalog: SegmentCatalog

    private let fileSystem: any FileSystem
    private let idleNanoseconds: UInt64
    private let queue = AppendQueue()
    private let stall: StallClock
    private let commit: Atomic<UInt64>
    private let state: Mutex<State>

    private struct State: ~Copyable {
        /// Held until the log is stopped.
        var lock: (any File)?
        /// Used by the append thread once there is one.
        let writer: LogWriter
        var thread: AppendThread?
    }

    /// Opens a data directory, making it where it is new, and recovers what it holds.
    ///
    /// - Parameter directory: its parent exists.
    /// - Throws: ``LogError``: `locked` where another process has it open; `corruption` or `unsupported`, with nothing changed on disk;
    ///   `readOnly`, `noSpace` or `io` where the directory cannot be used.
    public static func open(
        directory: String, fileSystem: any FileSystem = RealFileSystem(), options: LogOptions
    ) throws(LogError) -> Log {
        let place = DataDirectory(path: directory)
        try fileSystem.createDirectory(place.path)
        let lock = try fileSystem.lock(place.lock)
        let identity = try place.prepare(options, fileSystem)
        var hardState = try HardStateFile(opening: place.hardState, fileSystem)
        let recovery = try Recovery(directory: place, fileSystem: fileSystem, hardState: hardState.current)
        try recovery.carryOut()
        let recovered = try recovery.recovered(identity)
        // Also repairs a slot that a crash left half-written.
        try hardState.write(recovered.hardState)
        return Log(place, fileSystem, options, lock: lock, recovered, recovery.segments, hardState)
    }

    private init(
        _ place: DataDirectory, _ fileSystem: any FileSystem, _ options: LogOptions, lock: any File, _ recovered: RecoveredLog,
        _ segments: [Segment], _ hardState: HardStateFile
    ) {
        directory = place.path
        self.fileSystem = fileSystem
        self.recovered = recovered
        idleNanoseconds = options.idleNanoseconds
        let catalog = SegmentCatalog(segments)
        let stall = StallClock()
        self.catalog = catalog
        self.stall = stall
        commit = Atomic(recovered.commitIndex)
        let lastIndex = recovered.lastIndex
        let sliceBytes = options.sliceBytes
        state = Mutex(
            State(
                lock: lock,
                writer: LogWriter(
                    directory: place, fileSystem: fileSystem, catalog: catalog, hardState: hardState, lastIndex: lastIndex,
                    sliceBytes: sliceBytes, stall: stall)))
    }

    /// Where events too large for memory are spooled.
    public var spoolDirectory: String { DataDirectory(path: directory).spool }

    // MARK: - Writing

    /// Starts the append thread.
    ///
    /// - Parameters:
    ///   - completion: called on that thread with the completions of all writes that one sync made durable, in order.
    ///   - failure: called once, on that thread, when the disk fails; nothing is written after it.
    public func start(
        completion: @escaping @Sendable ([LogCompletion]) -> Void, failure: @escaping @Sendable (LogError) -> Void
    ) {
        state.withLock { state in
            precondition(state.thread == nil && state.lock != nil, "the log is started once")
            state.thread = AppendThread { [self] in run(completion, failure) }
        }
    }

    /// Hands over a write; any thread may, and all writes are carried out in the order in which they come.
    public func submit(_ write: LogWrite) { queue.put(write) }

    /// Bytes of payload that were submitted and are not yet durable.
    public var queuedBytes: UInt64 { queue.byteCount }

    /// Tells the log the highest index that is known to be committed.
    public func noteCommit(_ index: UInt64) { commit.max(index, ordering: .relaxed) }

    /// Carries out all writes that were submitted, leaves durable and commit index on disk, joins the append thread, and releases the
    /// directory. Nothing may be submitted after it.
    public func stop() {
        queue.close()
        let thread = state.withLock { state in
            let thread = state.thread
            state.thread = nil
            return thread
        }
        thread?.join()
        state.withLock { $0.lock = nil }
    }

    /// How long the disk has been taking for the current slice or sync; 0 while it has nothing to do.
    public var stalledNanoseconds: UInt64 { stall.nanoseconds }

    public func freeBytes() throws(LogError) -> UInt64 { try fileSystem.capacity(of: directory).freeBytes }
    public func totalBytes() throws(LogError) -> UInt64 { try fileSystem.capacity(of: directory).totalBytes }

    // MARK: - The append thread

    private func run(_ completion: ([LogCompletion]) -> Void, _ failure: (LogError) -> Void) {
        do throws(LogError) {
            while true {
                let wake = queue.take(idleNanoseconds: idleNanoseconds)
                let completions = try handle(wake)
                if !completions.isEmpty { completion(completions) }
                if case .closed = wake { return }
            }
        } catch {
            failure(error)
        }
    }

    /// Does on the caller's thread, once, what the append thread does: carries out all writes that were submitted, or, where there are
    /// none, what is left for idle times. For a simulator; the log must not have been started.
    public func step() throws(LogError) -> [LogCompletion] { try handle(queue.take(idleNanoseconds: 0)) }

    private func handle(_ wake: AppendQueue.Wake) throws(LogError) -> [LogCompletion] {
        let commit = commit.load(ordering: .relaxed)
        return try state.withLock { (state) throws(LogError) in
            guard case .writes(let writes) = wake else {
                try state.writer.settle(commit: commit)
                return []
            }
            let completions = try state.writer.perform(writes, commit: commit)
            queue.finished(writes)
            return completions
        }
    }
}
