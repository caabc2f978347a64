import Common

/// What the connection sends, or does, in answer to a statement.
enum SQLAnswer: Hashable, Sendable {
    case ok
    case resultSet(SQLResultSet)
    case error(SQLError)
    /// End that connection, or only what it runs; if it does not exist, the answer is ``SQLError/unknownThread(_:)``, else OK.
    case kill(connectionID: UInt64, queryOnly: Bool)
}

struct SQLResultSet: Hashable, Sendable {
    struct Column: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            /// Sent as MYSQL_TYPE_LONGLONG.
            case integer
            /// Sent as MYSQL_TYPE_VAR_STRING.
            case text
        }

        var name: String
        var kind: Kind

        static func text(_ name: String) -> Column { Column(name: name, kind: .text) }
        static func integer(_ name: String) -> Column { Column(name: name, kind: .integer) }
    }

    var columns: [Column]
    /// As many values in each as there are columns; ``SQLValue/text`` is what the text protocol sends.
    var rows: [[SQLValue]]
}
