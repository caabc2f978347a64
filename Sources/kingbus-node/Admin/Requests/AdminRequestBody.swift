/// The JSON body of a change.
protocol AdminRequestBody: Decodable {
    /// Every key that the body may have. Another one is refused: a misspelt key must not be a change that silently did less.
    static var keys: [String] { get }
}
