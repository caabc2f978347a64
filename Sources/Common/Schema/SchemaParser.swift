extension TableSchema {
    /// The tables that the CREATE TABLE statements of a dump make: what mysqldump, mariadb-dump and SHOW CREATE TABLE print.
    ///
    /// The database is that of the last USE, or the name's own. Triggers and foreign keys are told where the text makes them too. Whatever
    /// else it holds is passed over.
    ///
    /// - Throws: ``CodecError`` where a quote or a comment is never closed, or a CREATE TABLE is none that a server prints.
    public static func tables(parsing text: [UInt8]) throws(CodecError) -> [TableSchema] {
        var parser = SchemaParser(text)
        do { return try parser.tables() } catch {
            throw CodecError(.invalid, at: parser.token.start, error.message)
        }
    }
}

extension ColumnSchema {
    /// A column of a type as `information_schema.columns` has it in COLUMN_TYPE: `int unsigned`, `enum('a','b')`.
    public init(name: String, columnType: String) throws(CodecError) {
        var parser = SchemaParser(Array(columnType.utf8))
        do {
            try parser.advance()
            self = try parser.column(named: name, ofTable: "").schema
        } catch { throw CodecError(.invalid, at: 0, "`\(name)` \(columnType): \(error.message)") }
    }
}

/// Reads CREATE TABLE statements, token by token, out of a text that may be large.
private struct SchemaParser {
    /// Every version comment counts: the newest server wrote it.
    private static let version = 999_999
    /// What an element of a table begins with that is no column.
    private static let notColumns: Set<String> = [
        "primary", "key", "index", "unique", "fulltext", "spatial", "constraint", "foreign", "check", "period", "like", "vector",
    ]

    private var tokenizer: SQLTokenizer
    private(set) var token = SQLToken(kind: .end, start: 0, end: 0)
    private var database = ""
    private var triggers: [(database: String, table: String, name: String)] = []
    /// Foreign keys that are added to a table behind its CREATE TABLE.
    private var addedKeys: [(database: String, table: String, key: ForeignKey)] = []

    init(_ text: [UInt8]) { tokenizer = SQLTokenizer(text, version: Self.version) }

    mutating func advance() throws(SQLError) { token = try tokenizer.next() }

    mutating func tables() throws(SQLError) -> [TableSchema] {
        var tables: [TableSchema] = []
        var isFirst = true
        try advance()
        while token.kind != .end {
            if isFirst, isWord("use") {
                try advance()
                if let name { database = name }
            } else if isWord("create") {
                try advance()
                while isWord("or") || isWord("replace") { try advance() }
                if isWord("definer") { try skipDefiner() }
                if isWord("table") {
                    try advance()
                    if let table = try table() { tables.append(table) }
                } else if isWord("trigger") {
                    try advance()
                    try trigger()
                }
                isFirst = false
                continue
            } else if isFirst, isWord("alter") {
                try advance()
                if isWord("table") {
                    try advance()
                    try alteration()
                }
                continue
            }
            isFirst = token.kind == .symbol(.semicolon)
            if token.kind != .end { try advance() }
        }
        for index in tables.indices {
            let table = tables[index]
            tables[index].triggers = triggers.filter { $0.database == table.database && $0.table == table.name }.map(\.name)
            tables[index].foreignKeys += addedKeys.filter { $0.database == table.database && $0.table == table.name }.map(\.key)
        }
        return tables
    }

    // MARK: - Tokens

    private func isWord(_ word: String) -> Bool {
        if case .word(let text, _) = token.kind { text.lowercased() == word } else { false }
    }

    private func isSymbol(_ symbol: SQLSymbol) -> Bool { token.kind == .symbol(symbol) }

    /// What the token names, however it is quoted.
    private var name: String? {
        switch token.kind {
        case .word(let text, _), .quotedName(let text), .string(let text): text
        default: nil
        }
    }

    private func unexpected(_ what: String) -> SQLError { SQLError(1064, "42000", what) }

    /// Moves behind the parenthesis that closes the one that the token is.
    private mutating func skipParentheses() throws(SQLError) {
        var depth = 0
        repeat {
            if isSymbol(.openParenthesis) { depth += 1 }
            if isSymbol(.closeParenthesis) { depth -= 1 }
            if token.kind == .end { throw unexpected("the end inside parentheses") }
            try advance()
        } while depth > 0
    }

    /// A name with the database before it, or that of the last USE; nil where the token is no name.
    private mutating func qualifiedName() throws(SQLError) -> (database: String, name: String)? {
        guard let first = name else { return nil }
        try advance()
        guard isSymbol(.dot) else { return (database, first) }
        try advance()
        guard let second = name else { return nil }
        try advance()
        return (first, second)
    }

    /// Moves to what is created.
    private mutating func skipDefiner() throws(SQLError) {
        let kinds = ["trigger", "procedure", "function", "event", "view", "sql", "aggregate"]
        while token.kind != .end, !isSymbol(.semicolon), !kinds.contains(where: isWord) { try advance() }
    }

    // MARK: - Triggers and foreign keys

    /// What stands behind CREATE TRIGGER, up to its table's name.
    private mutating func trigger() throws(SQLError) {
        while isWord("if") || isWord("not") || isWord("exists") { try advance() }
        guard let (database, name) = try qualifiedName() else { return }
        while token.kind != .end, !isSymbol(.semicolon), !isWord("on") { try advance() }
        guard isWord("on") else { return }
        try advance()
        guard let table = try qualifiedName() else { return }
        // A trigger is in its table's database.
        triggers.append((table.database.isEmpty ? database : table.database, table.name, name))
    }

    /// What stands behind ALTER TABLE: the foreign keys that it adds.
    private mutating func alteration() throws(SQLError) {
        guard let (database, table) = try qualifiedName() else { return }
        var constraint = ""
        while token.kind != .end, !isSymbol(.semicolon) {
            if isWord("foreign") {
                var key = try foreignKey(named: constraint)
                if key.parentDatabase.isEmpty { key.parentDatabase = database }
                addedKeys.append((database, table, key))
            } else if isWord("constraint") {
                try advance()
                constraint = isWord("foreign") ? "" : name ?? ""
            } else {
                try advance()
            }
        }
    }

    /// `FOREIGN KEY (…) REFERENCES …`, up to what follows its actions.
    private mutating func foreignKey(named name: String) throws(SQLError) -> ForeignKey {
        var key = ForeignKey(name: name)
        while token.kind != .end, !isSymbol(.openParenthesis), !isSymbol(.comma) { try advance() }
        key.columns = try names()
        guard isWord("references") else { throw unexpected("no parent of a foreign key") }
        try reference(of: &key)
        return key
    }

    /// `REFERENCES parent (…) ON DELETE … ON UPDATE …`.
    private mutating func reference(of key: inout ForeignKey) throws(SQLError) {
        try advance()
        guard let first = name else { throw unexpected("no parent of a foreign key") }
        key.parentTable = first
        try advance()
        if isSymbol(.dot) {
            try advance()
            guard let second = name else { throw unexpected("no parent of a foreign key") }
            (key.parentDatabase, key.parentTable) = (first, second)
            try advance()
        }
        if isSymbol(.openParenthesis) { key.parentColumns = try names() }
        while isWord("on") || isWord("match") {
            let isMatch = isWord("match")
            try advance()
            let isDelete = isWord("delete")
            try advance()
            if isMatch { continue }
            guard case .word(let word, _) = token.kind else { throw unexpected("no action of a foreign key") }
            var text = word.uppercased()
            try advance()
            if text == "SET" || text == "NO", case .word(let second, _) = token.kind {
                text += " \(second.uppercased())"
                try advance()
            }
            guard let action = ForeignKey.Action(rawValue: text) else { throw unexpected("the action \(text) of a foreign key") }
            if isDelete { key.onDelete = action } else { key.onUpdate = action }
        }
    }

    /// Names in parentheses, with whatever stands behind each of them.
    private mutating func names() throws(SQLError) -> [String] {
        var names: [String] = []
        repeat {
            try advance()
            guard let name else { throw unexpected("no column in a foreign key") }
            names.append(name)
            try advance()
        } while isSymbol(.comma)
        guard isSymbol(.closeParenthesis) else { throw unexpected("no end of the columns of a foreign key") }
        try advance()
        return names
    }

    // MARK: - Tables

    /// The table whose name the token is; nil where it is not made of columns.
    private mutating func table() throws(SQLError) -> TableSchema? {
        while isWord("if") || isWord("not") || isWord("exists") { try advance() }
        guard var name else { return nil }
        var database = database
        try advance()
        if isSymbol(.dot) {
            try advance()
            guard let second = self.name else { return nil }
            (database, name) = (name, second)
            try advance()
        }
        guard isSymbol(.openParenthesis) else { return nil }
        var table = TableSchema(database: database, name: name)
        // Columns whose charset is the table's.
        var inheriting: [Int] = []
        repeat {
            try advance()
            try element(of: &table, &inheriting)
        } while isSymbol(.comma)
        guard isSymbol(.closeParenthesis) else { throw unexpected("no end of the columns of `\(name)`") }
        if let charset = try options(of: &table) { for index in inheriting { table.columns[index].charset = charset } }
        for index in table.foreignKeys.indices where table.foreignKeys[index].parentDatabase.isEmpty {
            table.foreignKeys[index].parentDatabase = database
        }
        return table
    }

    private mutating func element(of table: inout TableSchema, _ inheriting: inout [Int]) throws(SQLError) {
        if case .word(let word, _) = token.kind, Self.notColumns.contains(word.lowercased()) {
            var constraint = ""
            if isWord("constraint") {
                try advance()
                if let name, !isWord("foreign"), !isWord("primary"), !isWord("check"), !isWord("unique") {
                    constraint = name
                    try advance()
                }
            }
            if isWord("primary") { table.primaryKey = try primaryKey() }
            if isWord("foreign") { table.foreignKeys.append(try foreignKey(named: constraint)) }
            return try skipElement()
        }
        guard let name else { throw unexpected("no column where one is expected in `\(table.name)`") }
        try advance()
        let (column, isKey, hasCharset, parent) = try column(named: name, ofTable: table.name)
        if let parent { table.foreignKeys.append(parent) }
        if !hasCharset { inheriting.append(table.columns.count) }
        table.columns.append(column)
        if isKey { table.primaryKey = [TableSchema.KeyPart(column: name, prefixLength: 0)] }
    }

    private mutating func skipElement() throws(SQLError) {
        while !isSymbol(.comma), !isSymbol(.closeParenthesis) {
            if token.kind == .end { throw unexpected("the end inside the columns of a table") }
            if isSymbol(.openParenthesis) { try skipParentheses() } else { try advance() }
        }
    }

    /// The columns of `PRIMARY KEY (…)`.
    private mutating func primaryKey() throws(SQLError) -> [TableSchema.KeyPart] {
        while !isSymbol(.openParenthesis) {
            if token.kind == .end || isSymbol(.comma) { return [] }
            try advance()
        }
        var parts: [TableSchema.KeyPart] = []
        repeat {
            try advance()
            guard let column = name else { throw unexpected("no column in a primary key") }
            try advance()
            var prefix = 0
            if isSymbol(.openParenthesis) {
                try advance()
                if case .integer(let length) = token.kind { prefix = Int(clamping: length) }
                try advance()
                try advance()
            }
            parts.append(TableSchema.KeyPart(column: column, prefixLength: prefix))
            while isWord("asc") || isWord("desc") { try advance() }
        } while isSymbol(.comma)
        guard isSymbol(.closeParenthesis) else { throw unexpected("no end of a primary key") }
        try advance()
        return parts
    }

    /// Reads the options of the table whose last parenthesis the token is, and returns the charset among them.
    private mutating func options(of table: inout TableSchema) throws(SQLError) -> Charset? {
        var charset: Charset?
        try advance()
        while token.kind != .end, !isSymbol(.semicolon), !isSymbol(.star), !isWord("create") {
            if let found = try charsetOption() {
                charset = charset ?? found
            } else {
                if isWord("versioning") { table.isVersioned = true }
                try advance()
            }
        }
        return charset
    }

    /// What `CHARACTER SET x`, `CHARSET=x` or `COLLATE=x` says, or nil where the token begins none of them.
    private mutating func charsetOption() throws(SQLError) -> Charset?? {
        let isCollation = isWord("collate")
        if isWord("character") {
            try advance()
            guard isWord("set") else { return nil }
        } else if !isWord("charset"), !isCollation {
            return nil
        }
        try advance()
        if isSymbol(.equal) { try advance() }
        guard let name else { throw unexpected("no name of a charset") }
        try advance()
        return .some(isCollation ? Charset(collationName: name) : Charset(name: name))
    }

    // MARK: - Columns

    /// The column whose type the token is, up to the comma or the parenthesis behind it.
    mutating func column(
        named name: String, ofTable table: String
    ) throws(SQLError) -> (schema: ColumnSchema, isKey: Bool, hasCharset: Bool, parent: ForeignKey?) {
        guard case .word(let type, _) = token.kind else { throw unexpected("no type of `\(name)` in `\(table)`") }
        var column = ColumnSchema(name: name, type: type.lowercased())
        try advance()
        if isSymbol(.openParenthesis) {
            repeat {
                try advance()
                switch token.kind {
                case .integer(let number): column.numbers.append(Int(clamping: number))
                case .string(let label): column.labels.append(label)
                default: break
                }
                try advance()
            } while isSymbol(.comma)
            guard isSymbol(.closeParenthesis) else { throw unexpected("the type of `\(name)` in `\(table)`") }
            try advance()
        }
        var isKey = false
        var isGenerated = false
        var isStored = false
        var hasCharset = false
        var parent: ForeignKey?
        while token.kind != .end, !isSymbol(.comma), !isSymbol(.closeParenthesis) {
            if let charset = try charsetOption() {
                hasCharset = true
                column.charset = column.charset ?? charset
                continue
            }
            if isSymbol(.openParenthesis) {
                try skipParentheses()
                continue
            }
            if isWord("references") {
                var key = ForeignKey(name: "", columns: [name])
                try reference(of: &key)
                parent = key
                continue
            }
            if isWord("unsigned") || isWord("zerofill") { column.isUnsigned = true }
            if isWord("primary") { isKey = true }
            if isWord("as") { isGenerated = true }
            if isWord("stored") || isWord("persistent") { isStored = true }
            if isWord("invisible") { column.isVisible = false }
            if isWord("comment") || isWord("default") { try advance() }
            if isSymbol(.openParenthesis) { continue }
            if token.kind != .end { try advance() }
        }
        column.isGenerated = isGenerated
        column.isVirtual = isGenerated && !isStored
        if column.type == "serial" { column.isUnsigned = true }
        return (column, isKey, hasCharset, parent)
    }
}
