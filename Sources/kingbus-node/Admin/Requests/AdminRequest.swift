import NIOCore

/// What an operation is asked with.
struct AdminRequest: Sendable {
    /// From the path, by the names that its template gives them.
    var parameters: [String: String] = [:]
    /// Empty where the method is GET.
    var body = ByteBuffer()

    /// A parameter of the path; every template that an operation stands behind has those that it asks for.
    subscript(parameter: String) -> String { parameters[parameter] ?? "" }
}
