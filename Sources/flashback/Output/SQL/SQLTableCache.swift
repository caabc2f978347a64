import Common

/// What SQL says of the tables that are met.
struct SQLTableCache {
    private static let maxTables = 1024

    private let comparesAll: Bool
    private var known: [UInt64: (plan: RowPlan, table: SQLTable)] = [:]

    /// - Parameter comparesAll: Whether a row that is found by its key must be all that is known of it.
    init(comparesAll: Bool) { self.comparesAll = comparesAll }

    /// Forgets all: the ids of tables mean nothing in another file.
    mutating func removeAll() { known.removeAll() }

    /// The table of an event, made ready for its rows.
    mutating func table(_ plan: (event: RowsEvent, plan: RowPlan)) -> SQLTable {
        let map = plan.plan.table
        let table: SQLTable
        if let known = known[map.tableID], known.plan === plan.plan {
            table = known.table
        } else {
            if known.count >= Self.maxTables { known.removeAll() }
            table = SQLTable(map, comparesAll: comparesAll)
            known[map.tableID] = (plan.plan, table)
        }
        table.prepare(for: plan.event)
        return table
    }
}
