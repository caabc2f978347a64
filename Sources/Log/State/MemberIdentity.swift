import Common

/// Who this data directory is: made at its first start and never changed.
///
/// A directory that was emptied comes back under another incarnation: it has forgotten its vote and its log, and must not count as the
/// member that it was.
public struct MemberIdentity: Hashable, Sendable {
    public var name: String
    /// Random; never 0.
    public var incarnation: UInt64

    public init(name: String, incarnation: UInt64) {
        precondition(incarnation != 0)
        self.name = name
        self.incarnation = incarnation
    }
}

extension MemberIdentity {
    /// `KBI1`, then the incarnation, the name and a CRC-32C.
    private static let magic: UInt32 = 0x3149_424B
    private static let maxFileBytes = 4096

    func create(_ path: String, in directory: String, _ fileSystem: any FileSystem) throws(LogError) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: Self.magic)
        bytes.append(littleEndian: incarnation)
        bytes.append(contentsOf: name.utf8)
        let sealed = SmallFile.sealed(bytes)
        precondition(sealed.count <= Self.maxFileBytes)
        try SmallFile.create(path, sealed, in: directory, fileSystem)
    }

    init(opening path: String, _ fileSystem: any FileSystem) throws(LogError) {
        let bytes = try fileSystem.open(path, .read).bytes(at: 0, count: Self.maxFileBytes + 1)
        guard let content = SmallFile.unsealed(bytes.span.bytes) else { throw .corruption(file: path, "its checksum is wrong") }
        var reader = ByteReader(content)
        guard (try? reader.uint32()) == Self.magic, let incarnation = try? reader.uint64(), incarnation != 0 else {
            throw .corruption(file: path, "it is no identity of a member")
        }
        self.init(name: reader.rest().string, incarnation: incarnation)
    }
}
