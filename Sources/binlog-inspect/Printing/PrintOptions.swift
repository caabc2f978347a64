import BinlogInput
import Common

/// What is printed of the transactions that are wanted, and how.
struct PrintOptions: Sendable {
    enum Format: CaseIterable, Sendable { case text, json, sql, summary, history }

    var format = Format.text
    var rows = RowFilter()
    /// Lines of events or of JSON, or statements of SQL that change something, to print at most.
    var limit: UInt64?
    /// What `--schema` says; nil without it.
    var schema: SchemaStore?
    /// Whether JSON shows 64-bit integers as strings.
    var writesInt64AsString = false
}
