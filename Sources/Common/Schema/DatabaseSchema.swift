/// The tables that a server has, or that a dump makes, and what is known of all of them.
public struct DatabaseSchema: Hashable, Sendable {
    public var tables: [TableSchema]
    /// Whether no table is missing that has a foreign key.
    public var knowsForeignKeys: Bool

    public init(tables: [TableSchema], knowsForeignKeys: Bool) {
        self.tables = tables
        self.knowsForeignKeys = knowsForeignKeys
    }
}
