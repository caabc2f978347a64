import Foundation

/// Where the checkout and its built programs are.
enum Repository {
    /// The folder that holds Package.swift.
    static let root: String = {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path(percentEncoded: false)
    }()

    /// A program of the package, as built beside the tests that run; or, where `KINGBUS_BUILD` names a folder that has it, that one.
    static func program(_ name: String) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(filePath: tests).deletingLastPathComponent()
        let given = ProcessInfo.processInfo.environment["KINGBUS_BUILD"].map { [URL(filePath: $0)] } ?? []
        for candidate in given + [folder, URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()] {
            let path = candidate.appending(path: name).path(percentEncoded: false)
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw CommandFailed(description: "\(name) is not built in \(folder.path(percentEncoded: false))")
    }
}
