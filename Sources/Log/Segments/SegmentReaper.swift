import Synchronization

/// Purged files that nobody reads any more, until the append thread removes them.
final class SegmentReaper: Sendable {
    private let paths = Mutex<[String]>([])

    func remove(_ path: String) { paths.withLock { $0.append(path) } }

    /// The files to remove, in the order of the log.
    func take() -> [String] {
        paths.withLock { paths in
            defer { paths = [] }
            return paths
        }
    }
}
