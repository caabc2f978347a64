extension DataDirectory {
    /// Makes what a new directory lacks, and reads who it is.
    ///
    /// The identity is made last: with it, everything else is there, and what is then missing has been lost.
    func prepare(_ options: LogOptions, _ fileSystem: any FileSystem) throws(LogError) -> MemberIdentity {
        let isNew = try !fileSystem.exists(identity)
        if isNew {
            try fileSystem.createDirectory(segments)
            guard try !fileSystem.list(segments).contains(where: { Self.segmentIndex(fileName: $0) != nil }) else {
                throw .corruption(file: identity, "the member's identity is gone, and its log is there")
            }
            if try !fileSystem.exists(hardState) { try HardStateFile.create(hardState, in: path, fileSystem) }
        } else {
            for part in [segments, hardState] where try !fileSystem.exists(part) { throw .corruption(file: part, "it is gone") }
        }
        try fileSystem.createDirectory(spool)
        for leftover in try fileSystem.list(spool) { try fileSystem.unlink("\(spool)/\(leftover)") }
        // Also what a process that was killed has left in memory: an identity that others know must not be forgotten.
        try fileSystem.syncDirectory(path)
        if isNew {
            try fileSystem.syncDirectory(parent)
            try MemberIdentity(name: options.name, incarnation: options.newIncarnation).create(identity, in: path, fileSystem)
        }
        return try MemberIdentity(opening: identity, fileSystem)
    }
}
