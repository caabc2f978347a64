import Foundation

/// A small file system of its own on a folder; gone with the last reference.
final class SmallDisk: Sendable {
    let path: String

    /// Whether this process may mount at all: it may as root outside most containers.
    static func isPermitted() async -> Bool {
        guard let folder = try? TemporaryFolder("mount"), let disk = try? await SmallDisk(on: folder.path, bytes: 1 << 20) else {
            return false
        }
        return FileManager.default.fileExists(atPath: disk.path)
    }

    /// Mounts an empty file system of this size on a folder that is there.
    init(on path: String, bytes: Int) async throws {
        self.path = path
        try await Command.succeed("/bin/mount", ["-t", "tmpfs", "-o", "size=\(bytes),mode=0750", "kingbus-tests", path])
    }

    deinit {
        _ = try? spawn(
            "/bin/umount", ["--lazy", path], environment: [:], standardInput: .file("/dev/null"), standardOutput: .file("/dev/null"),
            standardError: .file("/dev/null"))
    }

    func becomeReadOnly(_ isReadOnly: Bool) async throws {
        try await Command.succeed("/bin/mount", ["-o", "remount,\(isReadOnly ? "ro" : "rw")", path])
    }

    /// A file of zeros that takes space, for someone to remove.
    func fill(_ name: String, bytes: Int) throws {
        try Data(count: bytes).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func free(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
}
