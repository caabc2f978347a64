/// Why a conversation with another node did not come about, or a request has no answer.
struct PeerError: Error, Hashable, Sendable, CustomStringConvertible {
    struct Code: RawRepresentable, Hashable, Sendable {
        var rawValue: String

        init(rawValue: String) { self.rawValue = rawValue }

        /// Nobody answers, or the connection broke.
        static let unreachable = Code(rawValue: "unreachable")
        /// No answer within the time.
        static let timeout = Code(rawValue: "timeout")
        /// What answers is no node of Kingbus, or speaks wrongly.
        static let foreign = Code(rawValue: "foreign")
        /// The answer, or the question, is larger than may be sent, or too many are open.
        static let overload = Code(rawValue: "overload")

        // What nodes refuse each other for.
        static let version = Code(rawValue: "version")
        static let clusterExists = Code(rawValue: "cluster_exists")
        static let wait = Code(rawValue: "wait")
        static let otherCluster = Code(rawValue: "other_cluster")
        static let otherMember = Code(rawValue: "other_member")
        static let notFounded = Code(rawValue: "not_founded")
    }

    var code: Code
    /// A sentence for a person, without a full stop.
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    var description: String { message }
}
