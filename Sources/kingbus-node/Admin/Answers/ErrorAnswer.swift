/// What every failed request is answered with.
struct ErrorAnswer: Codable, Hashable, Sendable {
    struct Body: Codable, Hashable, Sendable {
        var code: String
        var message: String
        var hint: String
    }

    var error: Body

    init(_ error: AdminError) {
        self.error = Body(code: error.code, message: error.message, hint: error.hint)
    }
}
