import Common

/// Files of a few bytes that are written once, whole: there after a crash entirely, or not at all.
enum SmallFile {
    /// Writes the file beside its place, makes it durable, and renames it.
    static func create(_ path: String, _ bytes: [UInt8], in directory: String, _ fileSystem: any FileSystem) throws(LogError) {
        let draft = path + ".new"
        if try fileSystem.exists(draft) {
            // Gone for good before another takes its name: the rename must not bring back this one.
            try fileSystem.unlink(draft)
            try fileSystem.syncDirectory(directory)
        }
        let file = try fileSystem.open(draft, .create)
        try file.writeFully(bytes, at: 0)
        try file.syncWithMetadata()
        try fileSystem.rename(draft, to: path)
        try fileSystem.syncDirectory(directory)
    }

    /// `bytes` and their CRC-32C.
    static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        result.append(littleEndian: CRC32C.checksum(of: bytes.span.bytes))
        return result
    }

    /// The bytes that ``sealed(_:)`` made these of; nil where the checksum is wrong.
    @_lifetime(copy bytes)
    static func unsealed(_ bytes: RawSpan) -> RawSpan? {
        let end = bytes.byteCount - 4
        guard end >= 0 else { return nil }
        let content = bytes.extracting(0..<end)
        let stored = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: end, as: UInt32.self))
        return CRC32C.checksum(of: content) == stored ? content : nil
    }
}
