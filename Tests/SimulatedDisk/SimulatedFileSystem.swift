import Log
import Synchronization

/// Files in memory that forget at a crash what was not made durable, and that fail when they are told to.
///
/// After ``crash(_:)`` the files that were open before are dead, as after a reboot; the same file system can be opened again.
public final class SimulatedFileSystem: FileSystem {
    /// What of the bytes and names that were not made durable is there after a crash.
    public enum Survival: CaseIterable, Sendable {
        /// Only what was made durable, as after a power cut with an empty cache.
        case nothing
        /// All, as after `kill -9`.
        case everything
        /// Each sector, each length and each name by chance.
        case some
    }

    /// The unit in which the disk writes.
    public static let sectorBytes = 512

    public enum Operation: Hashable, Sendable { case read, write, sync, truncate, open, directory }

    struct Inode {
        var current: [UInt8] = []
        var durable: [UInt8] = []
        /// Lengths since the last sync.
        var lengths: [Int] = []
        /// Bytes written since the last sync, successful or not: a failed one forgets them, and a later one leaves them out.
        var dirty: [Range<Int>] = []
        /// It was made shorter since it was synced.
        var wasCut = false
    }

    enum NameChange {
        case add(String, Int)
        case remove(String)
        case rename(String, String)
    }

    struct State {
        var inodes: [Int: Inode] = [:]
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var nameChanges: [NameChange] = []
        var directories: Set<String> = ["/"]
        var locks: Set<String> = []
        var nextInode = 1
        /// Counts crashes: a file of an earlier count is dead.
        var generation = 0
        var operations = 0
        /// The operation at which the process dies.
        var deathAt: Int?
        var isDead = false
        var random = SeededGenerator(seed: 0)
        var shortTransfers = false
        var freeBytes: UInt64 = .max
        var faults: [Operation: LogError] = [:]
        /// Operations of the faulty kind to let pass first.
        var faultDelay = 0
        /// Which syncs succeed and make nothing durable.
        var ignoresSync: @Sendable (Sync) -> Bool = { _ in false }
    }

    let state: Mutex<State>

    public init(seed: UInt64 = 0, shortTransfers: Bool = false) {
        var state = State()
        state.random = SeededGenerator(seed: seed)
        state.shortTransfers = shortTransfers
        self.state = Mutex(state)
    }

    // MARK: - FileSystem

    public func open(_ path: String, _ mode: FileMode) throws(LogError) -> any File {
        let (inode, generation) = try perform(.open, path) { (state) throws(LogError) in
            if mode == .create {
                guard state.names[path] == nil else { throw LogError(.io, file: path, "cannot be opened: it exists") }
                let inode = state.makeInode()
                state.names[path] = inode
                state.nameChanges.append(.add(path, inode))
                return (inode, state.generation)
            }
            guard let inode = state.names[path] else { throw LogError(.io, file: path, "cannot be opened: it does not exist") }
            return (inode, state.generation)
        }
        return SimulatedFile(self, path, inode, generation)
    }

    public func openTemporary(in directory: String) throws(LogError) -> any File {
        let (inode, generation) = try perform(.open, directory) { (state) throws(LogError) in (state.makeInode(), state.generation) }
        return SimulatedFile(self, directory + "/unlinked", inode, generation)
    }

    public func lock(_ path: String) throws(LogError) -> any File {
        let (inode, generation) = try perform(.open, path) { (state) throws(LogError) in
            guard state.locks.insert(path).inserted else {
                throw LogError(.locked, file: path, "the data directory is in use by process 1")
            }
            return (state.makeInode(), state.generation)
        }
        return SimulatedFile(self, path, inode, generation, isLock: true)
    }

    public func exists(_ path: String) throws(LogError) -> Bool {
        try perform(.read, path) { (state) throws(LogError) in state.names[path] != nil || state.directories.contains(path) }
    }

    public func createDirectory(_ path: String) throws(LogError) -> Bool {
        try perform(.directory, path) { (state) throws(LogError) in state.directories.insert(path).inserted }
    }

    public func list(_ directory: String) throws(LogError) -> [String] {
        try perform(.read, directory) { (state) throws(LogError) in
            state.names.keys.filter { $0.hasPrefix(directory + "/") && !$0.dropFirst(directory.count + 1).contains("/") }
                .map { String($0.dropFirst(directory.count + 1)) }
        }
    }

    public func rename(_ from: String, to: String) throws(LogError) {
        try perform(.directory, from) { (state) throws(LogError) in
            state.names[to] = state.names.removeValue(forKey: from)
            state.nameChanges.append(.rename(from, to))
        }
    }

    public func unlink(_ path: String) throws(LogError) {
        try perform(.directory, path) { (state) throws(LogError) in
            guard state.names.removeValue(forKey: path) != nil else {
                throw LogError(.io, file: path, "cannot be removed: it is not there")
            }
            state.nameChanges.append(.remove(path))
        }
    }

    public func syncDirectory(_ path: String) throws(LogError) {
        try perform(.sync, path) { (state) throws(LogError) in
            if state.ignoresSync(Sync(path: path, wasCut: false)) { return }
            let changes = state.nameChanges
            state.nameChanges = []
            for change in changes {
                if change.directory == path { state.apply(change) } else { state.nameChanges.append(change) }
            }
        }
    }

    public func capacity(of directory: String) throws(LogError) -> DiskCapacity {
        state.withLock { DiskCapacity(freeBytes: $0.freeBytes, totalBytes: .max) }
    }

    // MARK: - What tests do to it

    /// The machine stops and starts again.
    public func crash(_ survival: Survival) { state.withLock { $0.crash(survival) } }

    /// The process ends and the machine goes on: what was not made durable is in memory, and is not durable yet.
    public func kill() {
        state.withLock { state in
            state.locks = []
            state.generation += 1
            state.deathAt = nil
            state.isDead = false
            state.faults = [:]
        }
    }

    /// The process dies at the operation that is so many after the ones so far: all operations from then on fail.
    public func die(afterOperations count: Int) { state.withLock { $0.deathAt = $0.operations + count } }

    /// An operation of this kind fails, after so many of the same kind; with a sync, what it was to make durable is forgotten.
    public func fail(_ operation: Operation, _ error: LogError, after delay: Int = 0) {
        state.withLock {
            $0.faults[operation] = error
            $0.faultDelay = delay
        }
    }

    public func setFreeBytes(_ count: UInt64) { state.withLock { $0.freeBytes = count } }

    /// A sync that is asked for.
    public struct Sync: Sendable {
        /// Of the file or directory.
        public var path: String
        /// The file was made shorter since it was synced.
        public var wasCut: Bool
    }

    /// From now on the syncs that are named succeed and make nothing durable.
    public func setIgnoresSyncs(where ignores: @escaping @Sendable (Sync) -> Bool) { state.withLock { $0.ignoresSync = ignores } }

    /// Takes back all faults that have not come about.
    public func mend() {
        state.withLock { state in
            state.faults = [:]
            state.deathAt = nil
            state.freeBytes = .max
        }
    }

    public var operations: Int { state.withLock { $0.operations } }

    /// The bytes of a file.
    public func contents(_ path: String) -> [UInt8] {
        state.withLock { state in state.names[path].flatMap { state.inodes[$0]?.current } ?? [] }
    }

    /// All files' names and bytes, but for the lock.
    public func snapshot() -> [String: [UInt8]] {
        state.withLock { state in state.names.mapValues { state.inodes[$0]?.current ?? [] } }
    }

    /// Changes a file's bytes behind the system's back, as rot does; they count as durable.
    public func alter(_ path: String, _ change: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let inode = state.names[path] else { return }
            change(&state.inodes[inode]!.current)
            state.inodes[inode]!.durable = state.inodes[inode]!.current
            state.inodes[inode]!.lengths = []
            state.inodes[inode]!.dirty = []
        }
    }

    public func remove(_ path: String) {
        state.withLock { state in
            state.names[path] = nil
            state.durableNames[path] = nil
        }
    }

    /// A file system of its own with the same durable content, for one test's many variations.
    public func copy() -> SimulatedFileSystem {
        let copy = SimulatedFileSystem()
        state.withLock { state in
            copy.state.withLock {
                $0 = state
                $0.locks = []
                $0.generation += 1
            }
        }
        return copy
    }

    // MARK: - Performing

    func perform<Result>(
        _ operation: Operation, _ path: String, generation: Int? = nil, atDeath: (inout State) -> Void = { _ in },
        _ body: (inout State) throws(LogError) -> Result
    ) throws(LogError) -> Result {
        try state.withLock { (state) throws(LogError) in
            state.operations += 1
            if let deathAt = state.deathAt, state.operations >= deathAt, !state.isDead {
                state.isDead = true
                atDeath(&state)
            }
            guard !state.isDead, generation == nil || generation == state.generation else {
                throw LogError(.io, file: path, "the process is dead")
            }
            if let fault = state.faults[operation] {
                if state.faultDelay == 0 {
                    state.faults[operation] = nil
                    if operation == .sync, let inode = state.names[path] { state.inodes[inode]!.dirty = [] }
                    throw fault
                }
                state.faultDelay -= 1
            }
            return try body(&state)
        }
    }
}

extension SimulatedFileSystem.NameChange {
    var directory: String {
        switch self {
        case .add(let path, _), .remove(let path), .rename(let path, _): String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }
    }
}

extension SimulatedFileSystem.State {
    mutating func makeInode() -> Int {
        defer { nextInode += 1 }
        inodes[nextInode] = .init()
        return nextInode
    }

    mutating func apply(_ change: SimulatedFileSystem.NameChange) {
        switch change {
        case .add(let path, let inode): durableNames[path] = inode
        case .remove(let path): durableNames[path] = nil
        case .rename(let from, let to): durableNames[to] = durableNames.removeValue(forKey: from) ?? names[to]
        }
    }

    mutating func crash(_ survival: SimulatedFileSystem.Survival) {
        for change in nameChanges where survival == .everything || (survival == .some && random.oneIn(2)) { apply(change) }
        nameChanges = []
        names = durableNames
        let kept = Set(names.values)
        inodes = inodes.filter { kept.contains($0.key) }
        for id in inodes.keys.sorted() { inodes[id]!.crash(survival, &random) }
        locks = []
        generation += 1
        deathAt = nil
        isDead = false
        faults = [:]
    }
}

extension SimulatedFileSystem.Inode {
    mutating func crash(_ survival: SimulatedFileSystem.Survival, _ random: inout SeededGenerator) {
        // Nothing was written or cut off since the last sync.
        if lengths.isEmpty { return }
        switch survival {
        case .nothing: current = durable
        case .everything: break
        case .some:
            let length = (lengths + [durable.count, current.count]).randomElement(using: &random)!
            var result = [UInt8](repeating: 0, count: length)
            let sector = SimulatedFileSystem.sectorBytes
            for start in stride(from: 0, to: length, by: sector) {
                let end = min(start + sector, length)
                let source = [durable, current, []][random.oneIn(8) ? 2 : Int.random(in: 0...1, using: &random)]
                let isInBoth = end <= durable.count && end <= current.count
                if isInBoth, durable[start..<end] == current[start..<end] {
                    result.replaceSubrange(start..<end, with: current[start..<end])
                    continue
                }
                for index in start..<end {
                    let bytes = source
                    // A sector that was durable never becomes zeros: only what was added to the file may not be there.
                    if index < bytes.count { result[index] = bytes[index] } else if index < durable.count { result[index] = durable[index] }
                }
            }
            current = result
        }
        durable = current
        lengths = []
        dirty = []
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let end = offset + bytes.count
        Self.grow(&current, to: end)
        current.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[offset..<end]).copyMemory(from: bytes) }
        lengths.append(current.count)
        dirty.append(offset..<end)
    }

    /// Makes durable what was written since the last sync.
    mutating func sync() {
        wasCut = false
        if durable.count > current.count { durable.removeLast(durable.count - current.count) }
        Self.grow(&durable, to: current.count)
        for range in dirty {
            let range = range.clamped(to: 0..<current.count)
            current.withUnsafeBytes { current in
                durable.withUnsafeMutableBytes { durable in
                    UnsafeMutableRawBufferPointer(rebasing: durable[range]).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: current[range]))
                }
            }
        }
        lengths = []
        dirty = []
    }

    /// Appends zeros.
    private static func grow(_ bytes: inout [UInt8], to count: Int) {
        guard count > bytes.count else { return }
        let added = count - bytes.count
        bytes += [UInt8](unsafeUninitializedCapacity: added) { buffer, initialized in
            UnsafeMutableRawBufferPointer(buffer).initializeMemory(as: UInt8.self, repeating: 0)
            initialized = added
        }
    }
}
