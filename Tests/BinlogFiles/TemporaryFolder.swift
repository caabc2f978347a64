import Foundation

/// A folder that is gone once it is released.
public final class TemporaryFolder {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "kingbus-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of an entry, be it there or not.
    public func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// Makes a file, and returns its path.
    public func write(_ bytes: [UInt8], _ name: String = "binlog.000001") throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }

    public func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url.appending(path: name))) }

    /// The names of its entries, sorted.
    public var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false)).sorted() }
    }
}
