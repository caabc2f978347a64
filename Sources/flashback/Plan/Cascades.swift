import BinlogInput
import Common

/// What foreign keys change by themselves when a row of the parent does.
struct Cascades {
    private let map: TableMapEvent
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
        self.map = map
        self.name = name
        self.keys = keys
        self.serverVersion = serverVersion
        self.schema = schema
        isMariaDB = ServerVersion(parsing: serverVersion).isMariaDB
        updates = keys.filter(\.key.onUpdate.changesRows).flatMap { child, key in
            map.columns.indices.filter { index in map.columns[index].name.map(key.parentColumns.contains) == true }.map {
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
        // Which columns are keys is not known where they have no names.
        if event.hasBefore, event.hasAfter, areHidden, !SQLTable.knowsNames(of: map) {
            for (child, key) in keys where key.onUpdate.changesRows {
                obstacles.append(
                    Obstacle(
                        reason:
                            "an UPDATE of \(name), to whose key \(Self.shown(child, key)) refers ON UPDATE \(key.onUpdate.rawValue): the "
                            + "binlog does not name the columns (binlog_row_metadata was not FULL), so that it may have changed the key, and "
                            + "what that changed is not in the binlog of \(serverVersion)", needsSchema: true))
            }
        }
        if event.action != .insert, areHidden, schema?.knowsForeignKeys != true {
            warnings.append(
                "what foreign keys changed in other tables (ON DELETE or ON UPDATE CASCADE, SET NULL) is not in the binlog of "
                    + "\(serverVersion) and is not undone; whether there are such keys is not known (\(Self.advice(schema)))")
        }
        return (obstacles, warnings)
    }

    /// How it can be known which foreign keys there are, where it is not.
    static func advice(_ schema: SchemaStore?) -> String {
        guard let schema else { return "--schema tells" }
        return schema.isLive
            ? "the user of --schema may not see all tables" : "the file of --schema may not hold all tables; a server's URL tells"
    }
}
