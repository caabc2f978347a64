import Common

/// One `@@variable`: where it exists, what it says, and whether a session may set it.
struct SystemVariable: Sendable {
    enum Scope: Hashable, Sendable { case global, session, both }

    enum Kind: Hashable, Sendable {
        /// 1 or 0 in SELECT, ON or OFF in SHOW.
        case boolean
        case integer
        case text
    }

    let name: String
    let scope: Scope
    let kind: Kind
    /// A session may set it; nothing else follows from that here.
    var isSettable = false
    /// The MySQL versions that have it, as 80026 for 8.0.26; MariaDB counts as 5.7.
    var since = 0
    var until = Int.max
    /// The server's value.
    let value: @Sendable (ServerFacts) -> SQLValue

    func exists(in version: AdvertisedVersion) -> Bool {
        let number = version.isMariaDB ? 50799 : version.number
        return since <= number && number < until
    }

    /// As SHOW VARIABLES prints it.
    func shown(_ value: SQLValue) -> SQLValue {
        guard kind == .boolean, let truth = value.truth else { return .text(value.text ?? "") }
        return .text(truth ? "ON" : "OFF")
    }
}

extension SystemVariable {
    static func boolean(
        _ name: String, _ scope: Scope, since: Int = 0, until: Int = .max, _ value: @escaping @Sendable (ServerFacts) -> Bool
    ) -> SystemVariable {
        SystemVariable(name: name, scope: scope, kind: .boolean, since: since, until: until) { SQLValue(value($0)) }
    }

    static func integer(
        _ name: String, _ scope: Scope, since: Int = 0, until: Int = .max, _ value: @escaping @Sendable (ServerFacts) -> UInt64
    ) -> SystemVariable {
        SystemVariable(name: name, scope: scope, kind: .integer, since: since, until: until) { SQLValue(value($0)) }
    }

    static func text(
        _ name: String, _ scope: Scope, since: Int = 0, until: Int = .max, _ value: @escaping @Sendable (ServerFacts) -> String?
    ) -> SystemVariable {
        SystemVariable(name: name, scope: scope, kind: .text, since: since, until: until) { value($0).map(SQLValue.text) ?? .null }
    }

    var settable: SystemVariable {
        var copy = self
        copy.isSettable = true
        return copy
    }
}

extension SystemVariable {
    /// All that this server knows, by name.
    static let table: [String: SystemVariable] = Dictionary(
        uniqueKeysWithValues: (replicationVariables + serverVariables + sessionVariables).map { ($0.name, $0) })

    /// In the order of SHOW VARIABLES.
    static let sorted: [SystemVariable] = table.values.sorted { $0.name < $1.name }

    /// - Throws: 1193, on which replicas rely to tell old servers from new ones.
    static func named(_ name: String, in version: AdvertisedVersion) throws(SQLError) -> SystemVariable {
        if let variable = table[name], variable.exists(in: version) { return variable }
        throw SQLError(1193, "HY000", "Unknown system variable '\(name.prefix(SQLLimits.maxQuotedCharacters))'")
    }
}
