import Foundation

/// A program that ran to its end.
struct CommandResult: Sendable {
    let status: ExitStatus
    let output: Data
    let errors: String

    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }
}

struct CommandFailed: Error, CustomStringConvertible {
    let description: String
}

/// Runs programs to their end.
enum Command {
    /// Runs a program and returns what it wrote, whatever its exit status.
    ///
    /// - Parameters:
    ///   - input: the file that is its standard input.
    ///   - output: a file that takes its standard output, which is then absent from the result.
    static func run(
        _ executable: String, _ arguments: [String], environment: [String: String?] = [:], input: String = "/dev/null",
        output: String? = nil, within deadline: Duration = .seconds(120)
    ) async throws -> CommandResult {
        let folder = try TemporaryFolder("command")
        let process = try ChildProcess(
            executable, arguments, environment: environment, standardInput: input,
            standardOutput: output ?? folder.file("output"), standardError: folder.file("errors"))
        let status = try await process.exit(within: deadline)
        return CommandResult(
            status: status,
            output: output == nil ? try Data(contentsOf: URL(filePath: folder.file("output"))) : Data(),
            errors: try String(contentsOfFile: folder.file("errors"), encoding: .utf8))
    }

    /// Runs a program that must exit with 0.
    ///
    /// - Throws: `CommandFailed` with what it wrote to standard error.
    @discardableResult
    static func succeed(
        _ executable: String, _ arguments: [String], environment: [String: String?] = [:], input: String = "/dev/null",
        output: String? = nil, within deadline: Duration = .seconds(120)
    ) async throws -> CommandResult {
        let result = try await run(
            executable, arguments, environment: environment, input: input, output: output, within: deadline)
        guard result.status == .code(0) else {
            throw CommandFailed(description: "\(executable) ended with \(result.status): \(result.errors)")
        }
        return result
    }
}
