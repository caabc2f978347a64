import Glibc

/// What stands in a node's data directory, for tools that only look: takes no lock, writes nothing, and works beside a running node.
public struct StoredLog: Sendable {
    public struct SegmentFile: Hashable, Sendable {
        /// Index of the segment entry that the file begins with.
        public let firstIndex: UInt64
        public let path: String
    }

    /// The segment files, ascending.
    public let segments: [SegmentFile]
    /// What the node has noted about itself; nil where it has not begun to.
    public let hardState: HardState?

    /// - Throws: where the directory is none of a node, or cannot be read.
    public init(directory: String, fileSystem: any FileSystem = RealFileSystem()) throws(LogError) {
        let directory = DataDirectory(path: directory)
        guard try fileSystem.exists(directory.segments) else {
            throw LogError(
                .io, file: directory.path, "not a node's data directory: it has no folder named segments",
                hint: "name the directory that --data-dir names")
        }
        // Before the files are listed: what it calls durable must be found in them.
        hardState =
            try fileSystem.exists(directory.hardState) ? HardStateFile(opening: directory.hardState, fileSystem, mode: .read).current : nil
        var segments: [SegmentFile] = []
        for name in try fileSystem.list(directory.segments) {
            guard let index = DataDirectory.segmentIndex(fileName: name) else { continue }
            segments.append(SegmentFile(firstIndex: index, path: directory.segment(index)))
        }
        self.segments = segments.sorted { $0.firstIndex < $1.firstIndex }
    }

    /// Whether the path names a directory.
    public static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
