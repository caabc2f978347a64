/// Why the node cannot start, or a request cannot be carried out, as one line for a person: what, where, and what to do.
struct SetupError: Error, Hashable, Sendable, CustomStringConvertible {
    var description: String
    /// The process's exit code.
    var exitCode: Int32

    init(_ description: String, exitCode: Int32 = 1) {
        self.description = description
        self.exitCode = exitCode
    }
}
