extension TableSchema {
    /// The tables that the CREATE TABLE statements of a dump make: what mysqldump, mariadb-dump and SHOW CREATE TABLE print.
    ///
    /// The database is that of the last USE, or the name's own. Whatever else the text holds is passed over.
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
                if isWord("table") {
                    try advance()
                    if let table = try table() { tables.append(table) }
                }
                isFirst = false
                continue
            }
            isFirst = token.kind == .symbol(.semicolon)
            if token.kind != .end { try advance() }
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
        if let charset = try tableCharset() { for index in inheriting { table.columns[index].charset = charset } }
        return table
    }

    private mutating func element(of table: inout TableSchema, _ inheriting: inout [Int]) throws(SQLError) {
        if case .word(let word, _) = token.kind, Self.notColumns.contains(word.lowercased()) {
            if isWord("primary") { table.primaryKey = try primaryKey() }
            return try skipElement()
        }
        guard let name else { throw unexpected("no column where one is expected in `\(table.name)`") }
        try advance()
        let (column, isKey, hasCharset) = try column(named: name, ofTable: table.name)
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

    /// The charset among the options of the table whose last parenthesis the token is.
    private mutating func tableCharset() throws(SQLError) -> Charset? {
        var charset: Charset?
        try advance()
        while token.kind != .end, !isSymbol(.semicolon), !isSymbol(.star), !isWord("create") {
            if let found = try charsetOption() { charset = charset ?? found } else { try advance() }
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
    ) throws(SQLError) -> (schema: ColumnSchema, isKey: Bool, hasCharset: Bool) {
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
            if isWord("unsigned") || isWord("zerofill") { column.isUnsigned = true }
            if isWord("primary") { isKey = true }
            if isWord("as") { isGenerated = true }
            if isWord("stored") || isWord("persistent") { isStored = true }
            if isWord("invisible") { column.isVisible = false }
            if isWord("comment") || isWord("default") { try advance() }
            if isSymbol(.openParenthesis) { continue }
            if token.kind != .end { try advance() }
        }
        column.isVirtual = isGenerated && !isStored
        if column.type == "serial" { column.isUnsigned = true }
        return (column, isKey, hasCharset)
    }
}
