/// What a client asks of the server, as far as a binlog server understands it.
///
///     let statement = try SQLStatement(parsing: bytes, version: 90704)
public enum SQLStatement: Hashable, Sendable {
    case select(SQLSelect)
    case set([SQLAssignment])
    case show(SQLShow)
    case kill(SQLExpression, queryOnly: Bool)
    case use(String)
    /// BEGIN, COMMIT and the like: there is nothing to begin or to commit.
    case transactionControl
    /// `DO expression, …`
    case evaluate([SQLExpression])
    /// A statement of MySQL that a binlog server does not run; its first word in upper case.
    case refused(String)
}

/// `SELECT items [FROM table] [WHERE …] [LIMIT …]`.
public struct SQLSelect: Hashable, Sendable {
    public struct Item: Hashable, Sendable {
        public var expression: SQLExpression
        /// The alias, or the expression's source text: what MySQL names the result column.
        public var name: String
    }

    public var items: [Item]
    /// The first table of FROM with its schema in front; what follows it is not parsed. Nil without FROM and for DUAL.
    public var table: [String]?
    public var filter: SQLExpression?
    public var offset: UInt64 = 0
    /// Rows at most.
    public var limit: UInt64 = .max
}

/// One part of a SET statement.
public enum SQLAssignment: Hashable, Sendable {
    case userVariable(String, SQLExpression)
    /// A nil value is DEFAULT.
    case systemVariable(SQLVariableScope?, String, SQLExpression?)
    /// `NAMES charset [COLLATE collation]`; nil is DEFAULT.
    case names(charset: String?, collation: String?)
    /// `CHARACTER SET charset`; nil is DEFAULT.
    case characterSet(String?)
    /// `TRANSACTION ISOLATION LEVEL …` and `TRANSACTION READ ONLY | WRITE`.
    case transaction(SQLVariableScope?, isolation: String?, isReadOnly: Bool?)
}

/// A SHOW statement.
public struct SQLShow: Hashable, Sendable {
    public enum Subject: Hashable, Sendable {
        case variables(SQLVariableScope)
        case status(SQLVariableScope)
        case binaryLogStatus, binaryLogs
        /// The words decide the column names: SLAVE or REPLICA.
        case replicas(isOldName: Bool)
        case replicaStatus(isOldName: Bool)
        case grants, warnings, processList, databases, collations, characterSets
        /// Known to MySQL, not answered here; the words after SHOW, in upper case.
        case unsupported(String)
    }

    public var subject: Subject
    public var like: SQLExpression?
    public var filter: SQLExpression?
}
