import Foundation

/// A folder of one test or server, removed when the last reference to it goes.
final class TemporaryFolder: Sendable {
    let path: String

    /// - Parameter name: begins the folder's name, to tell it from others.
    init(_ name: String) throws {
        path = "\(Caretaker.shared.folder)/\(name)-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of an entry of the folder.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// A new file with this text.
    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
        return file(name)
    }
}
