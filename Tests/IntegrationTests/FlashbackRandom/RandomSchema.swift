/// One to three random tables, what ties them together, and a table that triggers write to.
struct RandomSchema {
    private(set) var tables: [RandomTable] = []
    private(set) var triggers: [String] = []
    private(set) var hazards: Set<RandomHazard> = []
    /// Whether a ROLLBACK leaves changes behind.
    var hasMyISAM: Bool { tables.contains { $0.engine == "MyISAM" } }

    static let log = "lg"
    static let logDefinition = "CREATE TABLE \(log) (id INT AUTO_INCREMENT PRIMARY KEY, m VARCHAR(99));"

    private static let names = ["a", "select", "na`me", "naïve-1", "漢字", "two words", "T_9"]

    init(on kind: ScriptedServer.Kind, _ random: inout SeededRandom) {
        let names = Self.names.shuffled(using: &random)
        for index in 0..<Int.random(in: 1...3, using: &random) {
            tables.append(RandomTable(names[index], on: kind, &random))
        }
        addForeignKeys(on: kind, &random)
        if random.chance(25) { addTriggers(on: kind, &random) }
        if tables.contains(where: \.isVersioned) { hazards.insert(.history) }
        if kind == .mysql, tables.contains(where: { $0.columns.contains { $0.generation != nil } }) { hazards.insert(.generated) }
    }

    var canHaveInvisibleKeys: Bool { tables.allSatisfy(\.canHaveInvisibleKey) }

    /// Tables whose checksum depends on nothing but their rows.
    func summed(on kind: ScriptedServer.Kind) -> [String] { tables.filter { $0.hasChecksum(on: kind) }.map(\.name) }

    // MARK: - Foreign keys

    private mutating func addForeignKeys(on kind: ScriptedServer.Kind, _ random: inout SeededRandom) {
        for child in tables.indices where random.chance(50) {
            let parents = tables.indices.filter { $0 <= child && tables[$0].canBeReferenced }
            guard tables[child].canRefer, !parents.isEmpty else { continue }
            let parent = random.pick(parents)
            // MariaDB's binlog shows nothing at all of what a table's foreign key to itself does.
            let actions = parent == child && kind == .mariadb ? ["RESTRICT"] : ["RESTRICT", "CASCADE", "SET NULL", "NO ACTION"]
            let (onDelete, onUpdate) = (random.pick(actions), random.pick(parent == child ? ["RESTRICT", "NO ACTION"] : actions))
            tables[child].addForeignKey(to: tables[parent].name, onDelete: onDelete, onUpdate: onUpdate)
            if kind == .mariadb, !Set([onDelete, onUpdate]).isDisjoint(with: ["CASCADE", "SET NULL"]) { hazards.insert(.cascade) }
        }
    }

    // MARK: - Triggers

    private mutating func addTriggers(on kind: ScriptedServer.Kind, _ random: inout SeededRandom) {
        for number in 0..<Int.random(in: 1...2, using: &random) {
            let table = random.pick(tables)
            let event = random.pick(["INSERT", "UPDATE", "DELETE"])
            let row = event == "DELETE" ? "OLD" : "NEW"
            let when = random.chance(30) ? " WHERE \(row).k % 2 = 0" : ""
            let time = random.pick(["BEFORE", "AFTER"])
            var bodies = [
                "INSERT INTO \(Self.log) (m) SELECT CONCAT('\(event) ', IFNULL(\(row).k, '')) FROM DUAL\(when)",
                "INSERT INTO \(Self.log) (m) SELECT CONCAT('\(event) ', IFNULL(\(row).k, '')) FROM DUAL\(when)",
                "UPDATE \(Self.log) SET m = CONCAT('u', IFNULL(\(row).k, '')) ORDER BY id DESC LIMIT 2",
                "DELETE FROM \(Self.log) ORDER BY id LIMIT 1",
            ]
            if time == "BEFORE", row == "NEW" { bodies.append("SET NEW.k = IFNULL(NEW.k, 5)") }
            let body = random.pick(bodies)
            triggers.append("CREATE TRIGGER tr\(number) \(time) \(event) ON \(table.name.quotedName) FOR EACH ROW \(body);")
            hazards.insert(.trigger)
            // MariaDB's statements map what their triggers may write to, as they do with what a foreign key may.
            if kind == .mariadb { hazards.insert(.cascade) }
        }
    }
}
