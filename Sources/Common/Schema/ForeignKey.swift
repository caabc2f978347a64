/// A foreign key of a table, which is the child in it.
public struct ForeignKey: Hashable, Sendable {
    /// What happens to a child's row when its parent's row is deleted, or gets another key.
    public enum Action: String, Hashable, Sendable {
        case restrict = "RESTRICT"
        case noAction = "NO ACTION"
        case cascade = "CASCADE"
        case setNull = "SET NULL"
        case setDefault = "SET DEFAULT"

        /// Whether rows of the child change.
        public var changesRows: Bool { self != .restrict && self != .noAction }
    }

    /// Empty where it has none.
    public var name: String
    public var columns: [String]
    /// Empty where the description does not say.
    public var parentDatabase: String
    public var parentTable: String
    public var parentColumns: [String]
    public var onDelete = Action.restrict
    public var onUpdate = Action.restrict

    public init(
        name: String, columns: [String] = [], parentDatabase: String = "", parentTable: String = "", parentColumns: [String] = []
    ) {
        self.name = name
        self.columns = columns
        self.parentDatabase = parentDatabase
        self.parentTable = parentTable
        self.parentColumns = parentColumns
    }
}
