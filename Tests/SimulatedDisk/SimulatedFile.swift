import Log
import Synchronization

/// A file of a ``SimulatedFileSystem``.
public final class SimulatedFile: File {
    public let path: String
    private let fileSystem: SimulatedFileSystem
    private let inode: Int
    private let generation: Int
    private let isLock: Bool

    init(_ fileSystem: SimulatedFileSystem, _ path: String, _ inode: Int, _ generation: Int, isLock: Bool = false) {
        self.fileSystem = fileSystem
        self.path = path
        self.inode = inode
        self.generation = generation
        self.isLock = isLock
    }

    deinit {
        guard isLock else { return }
        fileSystem.state.withLock { state in if state.generation == generation { state.locks.remove(path) } }
    }

    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LogError) -> Int {
        try fileSystem.perform(.read, path, generation: generation) { (state) throws(LogError) in
            let bytes = state.inodes[inode]!.current
            guard offset < UInt64(bytes.count), buffer.count > 0 else { return 0 }
            var count = min(buffer.count, bytes.count - Int(offset))
            if state.shortTransfers { count = Int.random(in: 1...count, using: &state.random) }
            bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(offset)..<Int(offset) + count])) }
            return count
        }
    }

    public func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at offset: UInt64) throws(LogError) -> Int {
        let bytes = [UInt8](first) + [UInt8](second)
        return try fileSystem.perform(
            .write, path, generation: generation,
            atDeath: { state in
                // The process dies in the middle of the write.
                let count = Int.random(in: 0...bytes.count, using: &state.random)
                bytes.withUnsafeBytes { state.inodes[inode]!.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: Int(offset)) }
            }
        ) { (state) throws(LogError) in
            let count = state.shortTransfers ? Int.random(in: 1...bytes.count, using: &state.random) : bytes.count
            let growth = UInt64(max(0, Int(offset) + count - state.inodes[inode]!.current.count))
            guard growth <= state.freeBytes else { throw LogError(.noSpace, file: path, offset: offset, "cannot be written: no space") }
            state.freeBytes -= growth
            bytes.withUnsafeBytes { state.inodes[inode]!.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: Int(offset)) }
            return count
        }
    }

    public func size() throws(LogError) -> UInt64 {
        try fileSystem.perform(.read, path, generation: generation) { (state) throws(LogError) in UInt64(state.inodes[inode]!.current.count)
        }
    }

    public func truncate(to size: UInt64) throws(LogError) {
        try fileSystem.perform(.truncate, path, generation: generation) { (state) throws(LogError) in
            let count = state.inodes[inode]!.current.count
            if Int(size) < count {
                state.inodes[inode]!.current.removeLast(count - Int(size))
                state.inodes[inode]!.wasCut = true
            }
            state.inodes[inode]!.lengths.append(Int(size))
        }
    }

    public func sync() throws(LogError) {
        try fileSystem.perform(.sync, path, generation: generation) { (state) throws(LogError) in
            let sync = SimulatedFileSystem.Sync(path: path, wasCut: state.inodes[inode]!.wasCut)
            if !state.ignoresSync(sync) { state.inodes[inode]!.sync() }
        }
    }

    public func syncWithMetadata() throws(LogError) { try sync() }
}
