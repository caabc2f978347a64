/// One thing that a person should look at.
struct AlertAnswer: Codable, Hashable, Sendable {
    /// For programs, in snake case.
    var code: String
    var message: String
    /// What to do about it.
    var hint: String
}
