extension RandomColumn {
    private static let charsets = [
        "utf8mb4", "utf8mb4 COLLATE utf8mb4_bin", "utf8mb4 COLLATE utf8mb4_general_ci", "utf8mb3", "latin1", "latin1 COLLATE latin1_bin",
        "ascii", "ucs2", "utf16", "utf16le", "utf32", "gbk", "gb2312", "big5", "sjis", "cp932", "ujis", "eucjpms", "euckr", "latin2",
        "latin5", "latin7", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "koi8r", "koi8u", "greek", "hebrew",
        "tis620", "swe7", "dec8", "hp8", "keybcs2", "macce", "macroman", "armscii8", "geostd8",
    ]

    /// A column of any type that the server knows.
    ///
    /// - Parameter isPartitioned: whether its table is, in which MySQL has no geometries.
    static func make(_ name: String, on kind: ScriptedServer.Kind, isPartitioned: Bool, _ random: inout SeededRandom) -> RandomColumn {
        var column: RandomColumn
        switch Int.random(in: 0..<20, using: &random) {
        case 0...2: column = integer(name, &random)
        case 3: column = decimal(name, &random)
        case 4:
            let (family, type) = random.pick([(Family.float, "FLOAT"), (.double, "DOUBLE")])
            column = RandomColumn(name: name, family: family, type: type)
        case 5:
            let bits = random.pick([1, 7, 8, 13, 33, 64])
            column = RandomColumn(name: name, family: .bit(bits), type: "BIT(\(bits))")
        case 6:
            let (family, type) = random.pick([(Family.year, "YEAR"), (.date, "DATE")])
            column = RandomColumn(name: name, family: family, type: type)
        case 7, 8: column = temporal(name, &random)
        case 9...12: column = text(name, on: kind, &random)
        case 13, 14: column = bytes(name, on: kind, &random)
        case 15: column = labelled(name, &random)
        case 16, 17: column = RandomColumn(name: name, family: .json, type: "JSON")
        case 18 where !isPartitioned:
            let shape = random.pick(["GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "GEOMETRYCOLLECTION"])
            column = RandomColumn(name: name, family: .geometry(shape), type: shape)
        default:
            if kind == .mysql {
                let count = random.pick([1, 3, 16])
                column = RandomColumn(name: name, family: .vector(count), type: "VECTOR(\(count))")
            } else {
                let address = random.pick(["UUID", "INET4", "INET6"])
                column = RandomColumn(name: name, family: .address(address), type: address)
            }
        }
        column.isNullable = random.chance(60)
        column.addAttributes(on: kind, &random)
        return column
    }

    private mutating func addAttributes(on kind: ScriptedServer.Kind, _ random: inout SeededRandom) {
        switch family {
        case .temporal("DATETIME", let fraction) where random.chance(30), .temporal("TIMESTAMP", let fraction) where random.chance(50):
            let now = "CURRENT_TIMESTAMP\(fraction > 0 ? "(\(fraction))" : "")"
            attributes = " DEFAULT \(now)" + (random.chance(50) ? " ON UPDATE \(now)" : "")
        case .integer where random.chance(40): attributes = " DEFAULT 7"
        // MariaDB cannot read again what it writes of a quote in a default.
        case .text where random.chance(30): attributes = kind == .mysql ? " DEFAULT (_utf8mb4 'd''e')" : " DEFAULT 'd'"
        case .bytes where random.chance(30): attributes = " DEFAULT (x'41')"
        default: break
        }
        if isNullable, random.chance(10) { attributes += " INVISIBLE" }
    }

    private static func integer(_ name: String, _ random: inout SeededRandom) -> RandomColumn {
        let (type, bits) = random.pick([("TINYINT", 8), ("SMALLINT", 16), ("MEDIUMINT", 24), ("INT", 32), ("BIGINT", 64)])
        let isUnsigned = random.chance(40)
        return RandomColumn(
            name: name, family: .integer(bits: bits, isUnsigned: isUnsigned), type: type + (isUnsigned ? " UNSIGNED" : ""))
    }

    private static func decimal(_ name: String, _ random: inout SeededRandom) -> RandomColumn {
        let (digits, scale) = random.pick([(1, 0), (5, 5), (9, 2), (10, 0), (18, 9), (30, 10), (65, 30)])
        let isUnsigned = random.chance(20)
        return RandomColumn(
            name: name, family: .decimal(digits: digits, scale: scale, isUnsigned: isUnsigned),
            type: "DECIMAL(\(digits),\(scale))" + (isUnsigned ? " UNSIGNED" : ""))
    }

    private static func temporal(_ name: String, _ random: inout SeededRandom) -> RandomColumn {
        let kind = random.pick(["TIME", "DATETIME", "TIMESTAMP"])
        let fraction = Int.random(in: 0...6, using: &random)
        return RandomColumn(name: name, family: .temporal(kind, fraction: fraction), type: "\(kind)(\(fraction))")
    }

    private static func text(_ name: String, on kind: ScriptedServer.Kind, _ random: inout SeededRandom) -> RandomColumn {
        var charset = random.pick(charsets)
        if kind == .mysql, random.chance(10) { charset = random.pick(["gb18030", "utf8mb4 COLLATE utf8mb4_0900_ai_ci"]) }
        let isCompressed = kind == .mariadb && random.chance(10)
        let (type, characters) = random.pick([
            ("CHAR(1)", 1), ("CHAR(20)", 20), ("CHAR(100)", 100), ("VARCHAR(5)", 5), ("VARCHAR(63)", 63), ("VARCHAR(300)", 300),
            ("TINYTEXT", 20), ("TEXT", 300), ("MEDIUMTEXT", 400), ("LONGTEXT", 400),
        ])
        let isLong = !type.hasPrefix("CHAR")
        return RandomColumn(
            name: name, family: .text(characters: characters),
            type: type + (isCompressed && isLong ? " COMPRESSED" : "") + " CHARACTER SET \(charset)")
    }

    private static func bytes(_ name: String, on kind: ScriptedServer.Kind, _ random: inout SeededRandom) -> RandomColumn {
        let isCompressed = kind == .mariadb && random.chance(10)
        let (type, count) = random.pick([
            ("BINARY(1)", 1), ("BINARY(8)", 8), ("BINARY(255)", 255), ("VARBINARY(20)", 20), ("VARBINARY(300)", 300), ("TINYBLOB", 255),
            ("BLOB", 400), ("MEDIUMBLOB", 400), ("LONGBLOB", 400),
        ])
        let isLong = !type.hasPrefix("BINARY")
        return RandomColumn(name: name, family: .bytes(count: count), type: type + (isCompressed && isLong ? " COMPRESSED" : ""))
    }

    private static func labelled(_ name: String, _ random: inout SeededRandom) -> RandomColumn {
        let count = random.pick([1, 3, 8, 9, 64])
        let labels = (0..<count).map { $0 == 0 ? "'a''b'" : $0 == 1 ? "'é'" : "'label \($0)'" }.joined(separator: ",")
        let charset = random.pick(["utf8mb4", "latin1", "ucs2"])
        return random.chance(50)
            ? RandomColumn(name: name, family: .enumeration(count: count), type: "ENUM(\(labels)) CHARACTER SET \(charset)")
            : RandomColumn(name: name, family: .set(count: count), type: "SET(\(labels)) CHARACTER SET \(charset)")
    }
}
