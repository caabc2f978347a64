/// What `GET /v1/entries/{index}` answers, as far as it is read here.
struct LogEntry: Decodable {
    var index: UInt64
    /// Equal chains mean equal logs up to here.
    var chain: String
}
