import Common

/// What one connection has set: `@user` variables, its own values of system variables, its default schema.
struct SessionVariables: Hashable, Sendable {
    static let maxUserVariables = 256
    /// Names and values together. A `@slave_connect_state` or a GTID set of 100 000 intervals fits.
    static let maxUserVariableBytes = 4 << 20
    static let maxUserVariableNameCharacters = 64
    static let maxSystemValueBytes = 4096
    static let maxDatabaseNameCharacters = 64

    private var user: [String: SQLValue] = [:]
    private var userByteCount = 0
    private var system: [String: SQLValue] = [:]
    private(set) var database: String?

    /// - Parameter name: in lower case.
    func userVariable(_ name: String) -> SQLValue { user[name] ?? .null }

    /// The session's own value of a system variable, or nil if it was never set.
    func systemVariable(_ name: String) -> SQLValue? { system[name] }

    /// - Parameter name: in lower case.
    mutating func setUserVariable(_ name: String, to value: SQLValue) throws(SQLError) {
        guard !name.isEmpty, name.count <= Self.maxUserVariableNameCharacters else {
            throw SQLError(3061, "42000", "User variable name '\(name.prefix(SQLLimits.maxQuotedCharacters))' is illegal")
        }
        let old = user[name].map { byteCount(name, $0) } ?? 0
        let total = userByteCount - old + byteCount(name, value)
        guard total <= Self.maxUserVariableBytes else {
            throw .tooComplex("the user variables of a session may take \(Self.maxUserVariableBytes) bytes")
        }
        guard old > 0 || user.count < Self.maxUserVariables else {
            throw .tooComplex("a session may have \(Self.maxUserVariables) user variables")
        }
        user[name] = value
        userByteCount = total
    }

    private func byteCount(_ name: String, _ value: SQLValue) -> Int {
        switch value {
        case .null, .integer, .unsigned: name.utf8.count
        case .decimal(let text), .text(let text): name.utf8.count + text.utf8.count
        }
    }

    /// - Parameters:
    ///   - name: one of ``SystemVariable/table``, which bounds their number.
    ///   - value: nil returns the variable to the server's value.
    mutating func setSystemVariable(_ name: String, to value: SQLValue?) throws(SQLError) {
        if case .text(let text)? = value, text.utf8.count > Self.maxSystemValueBytes {
            throw .wrongValue(text, for: name)
        }
        system[name] = value
    }

    mutating func use(_ database: String) throws(SQLError) {
        guard !database.isEmpty, database.count <= Self.maxDatabaseNameCharacters else {
            throw SQLError(1102, "42000", "Incorrect database name '\(database.prefix(SQLLimits.maxQuotedCharacters))'")
        }
        self.database = database
    }
}
