/// A random table. Its column `k` is a small integer that statements choose rows by.
struct RandomTable {
    enum Key: CaseIterable {
        case none, single, composite, prefix, uniqueWithNulls, automatic
    }

    let name: String
    private(set) var columns: [RandomColumn] = []
    private(set) var engine = "InnoDB"
    private let key: Key
    private var keys: [String] = []
    private var partitions = ""
    /// Whether MySQL may give it a primary key that statements do not see. It gives none to partitions, and replays no rows, not even its
    /// own binlog's, where there is a functional key beside one.
    var canHaveInvisibleKey: Bool { partitions.isEmpty && !keys.contains { $0.hasPrefix("KEY ((") } }
    private var hasForeignKey = false
    private var refersToItself = false
    /// Whether MariaDB keeps the rows that were.
    private(set) var isVersioned = false

    /// Whether another table's foreign key may refer to `k`, and whether this one may have a foreign key.
    var canBeReferenced: Bool { isPlain && key == .single }
    var canRefer: Bool { isPlain && !hasForeignKey }
    private var isPlain: Bool { engine == "InnoDB" && partitions.isEmpty && !isVersioned }

    /// Those that a statement can give values to.
    var ordinary: [RandomColumn] { columns.filter { $0.generation == nil } }

    /// Whether it takes ON DUPLICATE KEY UPDATE: on a table with a foreign key to itself that has ended MySQL 9.7.4's server.
    func takesUpserts(on kind: ScriptedServer.Kind) -> Bool { !refersToItself || kind == .mariadb }

    /// Whether LOAD DATA of `k` alone leaves nothing in other columns that the server does not take again, as it does in a mandatory geometry.
    var canBeLoaded: Bool {
        columns.allSatisfy { column in
            switch column.family {
            case .geometry, .vector: column.isNullable
            default: true
            }
        }
    }

    /// Whether CHECKSUM TABLE says the same of the same rows. MariaDB's counts bytes that a generated column has behind a NULL, MySQL's, each
    /// time others, those of a multi-valued index.
    func hasChecksum(on kind: ScriptedServer.Kind) -> Bool {
        kind == .mysql ? !keys.contains { $0.contains("ARRAY") } : columns.allSatisfy { $0.generation == nil }
    }

    /// Whether a statement may give `k` of one row to the next. Where rows have no key without NULLs, MySQL itself replays those of one event
    /// in an order of its own (HASH_SCAN), and meets duplicates.
    func canShiftKey(on kind: ScriptedServer.Kind) -> Bool { key != .uniqueWithNulls || kind == .mariadb }

    private static let names = ["a", "b`c", "select", "é", "x y", "漢", "Z", "m-n", "q?", "%s"]

    init(_ name: String, on kind: ScriptedServer.Kind, _ random: inout SeededRandom) {
        self.name = name
        key = random.pick(Key.allCases)
        let isPartitioned = random.chance(20) && [.none, .single, .composite].contains(key)
        if !isPartitioned, random.chance(8) { engine = "MyISAM" }
        var k = RandomColumn(name: "k", family: .integer(bits: 8, isUnsigned: false), type: "INT")
        k.isNullable = ![.single, .composite, .automatic].contains(key)
        if key == .automatic { k.attributes = " AUTO_INCREMENT" }
        columns = [k]
        let names = Self.names.shuffled(using: &random)
        let count = Int.random(in: 1...7, using: &random)
        for index in 0..<count {
            columns.append(.make(names[index], on: kind, isPartitioned: isPartitioned, &random))
        }
        addKeys(on: kind, isPartitioned: isPartitioned, &random)
        if random.chance(kind == .mysql ? 15 : 30) { addGenerated(names[count...], &random) }
        isVersioned = kind == .mariadb && !isPartitioned && random.chance(6)
        if isPartitioned { partitions = Self.partitions(isNullable: k.isNullable, &random) }
    }

    private mutating func addKeys(on kind: ScriptedServer.Kind, isPartitioned: Bool, _ random: inout SeededRandom) {
        let keyable = columns.indices.dropFirst().filter { columns[$0].keyPart != nil }
        switch key {
        case .none: break
        case .single, .automatic: keys.append("PRIMARY KEY (k)")
        case .composite, .prefix:
            guard let other = keyable.first else {
                columns[0].isNullable = false
                keys.append("PRIMARY KEY (k)")
                break
            }
            columns[other].makeMandatory()
            let part = columns[other].keyPart ?? ""
            var parts = key == .composite ? [part, "k"] : [part]
            if case .text(let characters) = columns[other].family, !part.hasSuffix(")"), characters > 5 { parts[0] = "\(part)(4)" }
            keys.append("PRIMARY KEY (\(parts.joined(separator: ", ")))")
        case .uniqueWithNulls: keys.append("UNIQUE KEY (k\(keyable.last.flatMap { columns[$0].keyPart }.map { ", \($0)" } ?? ""))")
        }
        if random.chance(30), let other = keyable.last.flatMap({ columns[$0].keyPart }) { keys.append("KEY (\(other))") }
        if engine == "InnoDB", !isPartitioned { addRareKeys(on: kind, &random) }
    }

    /// Those for which a server keeps columns that nobody named.
    private mutating func addRareKeys(on kind: ScriptedServer.Kind, _ random: inout SeededRandom) {
        let texts = columns.filter { if case .text = $0.family { $0.keyPart != nil && $0.type.contains("SET utf8mb4") } else { false } }
        if let text = texts.first, random.chance(4) {
            keys.append("FULLTEXT KEY (\(text.name.quotedName))")
        }
        guard kind == .mysql, key != .automatic else { return }
        if random.chance(15) { keys.append("KEY ((k * 2))") }
        if random.chance(15), let json = columns.first(where: { $0.type == "JSON" }) {
            keys.append("KEY ((CAST(\(json.name.quotedName)->'$.k.l' AS UNSIGNED ARRAY)))")
        }
    }

    private mutating func addGenerated(_ names: ArraySlice<String>, _ random: inout SeededRandom) {
        // Not of an AUTO_INCREMENT column, whose value comes later.
        guard key != .automatic else { return }
        for name in names.prefix(Int.random(in: 1...2, using: &random)) {
            let kept = random.pick(["VIRTUAL", "STORED"])
            let (type, family, expression): (String, RandomColumn.Family, String) = random.pick([
                ("BIGINT", .integer(bits: 64, isUnsigned: false), "k + 1"),
                ("VARCHAR(30)", .text(characters: 30), "CONCAT('é', k)"),
                ("DOUBLE", .double, "k / 3"),
            ])
            columns.append(RandomColumn(name: name, family: family, type: type, generation: "(\(expression)) \(kept)"))
            if engine == "InnoDB", random.chance(30) { keys.append("KEY (\(name.quotedName))") }
        }
    }

    mutating func addForeignKey(to parent: String, onDelete: String, onUpdate: String) {
        hasForeignKey = true
        refersToItself = parent == name
        columns.append(RandomColumn(name: "fk", family: .integer(bits: 8, isUnsigned: false), type: "INT"))
        keys.append("FOREIGN KEY (fk) REFERENCES \(parent.quotedName) (k) ON DELETE \(onDelete) ON UPDATE \(onUpdate)")
    }

    private static func partitions(isNullable: Bool, _ random: inout SeededRandom) -> String {
        random.pick([
            " PARTITION BY HASH (k) PARTITIONS 3", " PARTITION BY KEY (k) PARTITIONS 4", " PARTITION BY LINEAR HASH (k) PARTITIONS 5",
            " PARTITION BY RANGE (k) (PARTITION p0 VALUES LESS THAN (0), PARTITION p1 VALUES LESS THAN (8), "
                + "PARTITION p2 VALUES LESS THAN (16), PARTITION p3 VALUES LESS THAN MAXVALUE)",
            " PARTITION BY LIST (k % 3) (PARTITION p0 VALUES IN (0\(isNullable ? ", NULL" : "")), PARTITION p1 VALUES IN (1, -1), "
                + "PARTITION p2 VALUES IN (2, -2))",
            " PARTITION BY RANGE (k) SUBPARTITION BY HASH (k) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10), "
                + "PARTITION p1 VALUES LESS THAN MAXVALUE)",
        ])
    }

    var definition: String {
        let parts = columns.map(\.definition) + keys
        let options = "ENGINE=\(engine)\(isVersioned ? " WITH SYSTEM VERSIONING" : "")\(partitions)"
        return "CREATE TABLE \(name.quotedName) (\(parts.joined(separator: ", "))) \(options);"
    }

    /// A SELECT of all rows, a line each that begins with the table's name.
    var dump: String {
        let values = columns.map { "IFNULL(\($0.shown),'NULL')" }.joined(separator: ",")
        let (times, history) = isVersioned ? (",ROW_START,ROW_END", " FOR SYSTEM_TIME ALL") : ("", "")
        return "SELECT CONCAT_WS(',',HEX(_utf8mb4'\(name)'),\(values)\(times)) FROM \(name.quotedName)\(history);"
    }
}
