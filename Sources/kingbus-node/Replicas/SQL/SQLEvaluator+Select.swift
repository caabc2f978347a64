import Common

extension SQLEvaluator {
    mutating func resultSet(of select: SQLSelect) throws(SQLError) -> SQLResultSet {
        if let table = select.table { throw tableError(table) }
        var columns: [SQLResultSet.Column] = []
        var row: [SQLValue] = []
        for item in select.items {
            let value = try value(of: item.expression)
            try charge(item.name.utf8.count + (value.text?.utf8.count ?? 0))
            columns.append(SQLResultSet.Column(name: item.name, kind: kind(of: value)))
            row.append(value)
        }
        var isSelected = select.limit > 0 && select.offset == 0
        if let filter = select.filter {
            let truth = try value(of: filter).truth ?? false
            isSelected = isSelected && truth
        }
        return SQLResultSet(columns: columns, rows: isSelected ? [row] : [])
    }

    private func kind(of value: SQLValue) -> SQLResultSet.Column.Kind {
        switch value {
        case .integer, .unsigned: .integer
        case .null, .decimal, .text: .text
        }
    }

    /// 1146, or 1046 where even the schema is missing: there are no tables here.
    private func tableError(_ parts: [String]) -> SQLError {
        var parts = parts
        if parts.count == 1 {
            guard let database = session.database else {
                return SQLError(1046, "3D000", "No database selected; this is a Kingbus binlog server, which has no tables")
            }
            parts.insert(database, at: 0)
        }
        let name = parts.joined(separator: ".").prefix(SQLLimits.maxQuotedCharacters)
        return SQLError(1146, "42S02", "Table '\(name)' doesn't exist; this is a Kingbus binlog server, which has no tables")
    }
}
