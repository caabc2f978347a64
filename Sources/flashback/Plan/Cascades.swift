import BinlogInput
import Common

/// What foreign keys change by themselves when a row of the parent does.
struct Cascades {
    private let name: String
    private let keys: [(child: String, key: ForeignKey)]
    private let serverVersion: String
    private let schema: SchemaStore?
    private let isMariaDB: Bool
    /// Columns whose change changes rows of others unseen, and why.
    private let updates: [(column: Int, reason: String)]

    /// - Parameters:
    ///   - map: The parent.
    ///   - keys: Those that refer to it.
    init(_ map: TableMapEvent, _ keys: [(child: String, key: ForeignKey)], in serverVersion: String, _ schema: SchemaStore?) {
        let name = "`\(map.database)`.`\(map.table)`"
        self.name = name
        self.keys = keys
        self.serverVersion = serverVersion
        self.schema = schema
        isMariaDB = ServerVersion(parsing: serverVersion).isMariaDB
        updates = keys.filter(\.key.onUpdate.changesRows).flatMap { child, key in
            map.columns.indices.filter { index in map.columns[index].name.map(key.parentColumns.contains) ?? false }.map {
                (
                    $0,
                    "an UPDATE of a key of \(name), to which \(Self.shown(child, key)) refers ON UPDATE \(key.onUpdate.rawValue): "
                        + "what that changed is not in the binlog of \(serverVersion)"
                )
            }
        }
    }

    /// Whether what an event's rows changed in others is not in the binlog.
    private func areHidden(by event: RowsEvent) -> Bool {
        !event.flags.contains(.noForeignKeyChecks) && (isMariaDB || !event.flags.contains(.showsCascades))
    }

    /// The columns that an update must not have changed, each with the reason.
    func hiddenUpdates(of event: RowsEvent) -> [(column: Int, reason: String)] {
        event.hasBefore && event.hasAfter && areHidden(by: event) ? updates : []
    }

    private static func shown(_ child: String, _ key: ForeignKey) -> String { key.name.isEmpty ? child : "\(child) (`\(key.name)`)" }

    /// What is to be told of an event that is to be undone. Whether an update changes a key is asked of its rows.
    func find(_ event: RowsEvent) -> (obstacles: [Obstacle], warnings: [String]) {
        let areHidden = areHidden(by: event)
        var obstacles: [Obstacle] = []
        var warnings: [String] = []
        if event.action == .insert, let (child, key) = keys.first {
            warnings.append(
                "rows that are taken out of \(name) again may be referred to by then (\(Self.shown(child, key))): nothing looks after that")
        }
        for (child, key) in keys where key.onDelete.changesRows {
            if event.action == .delete, areHidden {
                obstacles.append(
                    Obstacle(
                        reason:
                            "a DELETE from \(name), to which \(Self.shown(child, key)) refers ON DELETE \(key.onDelete.rawValue): "
                            + "what that changed is not in the binlog of \(serverVersion)"))
            }
        }
        if event.action != .insert, areHidden, schema?.knowsForeignKeys != true {
            let advice = schema == nil ? "--schema tells" : "the user of --schema may not see all tables"
            warnings.append(
                "what foreign keys changed in other tables (ON DELETE or ON UPDATE CASCADE, SET NULL) is not in the binlog of "
                    + "\(serverVersion) and is not undone; whether there are such keys is not known (\(advice))")
        }
        return (obstacles, warnings)
    }
}
