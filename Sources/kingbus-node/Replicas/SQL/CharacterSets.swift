import Common

/// A character set that clients may name, with its default collation and that collation's number (manual, "Supported Character Sets
/// and Collations").
struct CharacterSet: Hashable, Sendable {
    let name: String
    let collation: String
    let collationID: UInt16
    let maxBytesPerCharacter: UInt8

    private init(_ name: String, _ collation: String, _ id: UInt16, _ width: UInt8) {
        self.name = name
        self.collation = collation
        collationID = id
        maxBytesPerCharacter = width
    }

    static let all: [CharacterSet] = [
        CharacterSet("armscii8", "armscii8_general_ci", 32, 1), CharacterSet("ascii", "ascii_general_ci", 11, 1),
        CharacterSet("big5", "big5_chinese_ci", 1, 2), CharacterSet("binary", "binary", 63, 1),
        CharacterSet("cp1250", "cp1250_general_ci", 26, 1), CharacterSet("cp1251", "cp1251_general_ci", 51, 1),
        CharacterSet("cp1256", "cp1256_general_ci", 57, 1), CharacterSet("cp1257", "cp1257_general_ci", 59, 1),
        CharacterSet("cp850", "cp850_general_ci", 4, 1), CharacterSet("cp852", "cp852_general_ci", 40, 1),
        CharacterSet("cp866", "cp866_general_ci", 36, 1), CharacterSet("cp932", "cp932_japanese_ci", 95, 2),
        CharacterSet("dec8", "dec8_swedish_ci", 3, 1), CharacterSet("eucjpms", "eucjpms_japanese_ci", 97, 3),
        CharacterSet("euckr", "euckr_korean_ci", 19, 2), CharacterSet("gb18030", "gb18030_chinese_ci", 248, 4),
        CharacterSet("gb2312", "gb2312_chinese_ci", 24, 2), CharacterSet("gbk", "gbk_chinese_ci", 28, 2),
        CharacterSet("geostd8", "geostd8_general_ci", 92, 1), CharacterSet("greek", "greek_general_ci", 25, 1),
        CharacterSet("hebrew", "hebrew_general_ci", 16, 1), CharacterSet("hp8", "hp8_english_ci", 6, 1),
        CharacterSet("keybcs2", "keybcs2_general_ci", 37, 1), CharacterSet("koi8r", "koi8r_general_ci", 7, 1),
        CharacterSet("koi8u", "koi8u_general_ci", 22, 1), CharacterSet("latin1", "latin1_swedish_ci", 8, 1),
        CharacterSet("latin2", "latin2_general_ci", 9, 1), CharacterSet("latin5", "latin5_turkish_ci", 30, 1),
        CharacterSet("latin7", "latin7_general_ci", 41, 1), CharacterSet("macce", "macce_general_ci", 38, 1),
        CharacterSet("macroman", "macroman_general_ci", 39, 1), CharacterSet("sjis", "sjis_japanese_ci", 13, 2),
        CharacterSet("swe7", "swe7_swedish_ci", 10, 1), CharacterSet("tis620", "tis620_thai_ci", 18, 1),
        CharacterSet("ucs2", "ucs2_general_ci", 35, 2), CharacterSet("ujis", "ujis_japanese_ci", 12, 3),
        CharacterSet("utf16", "utf16_general_ci", 54, 4), CharacterSet("utf16le", "utf16le_general_ci", 56, 4),
        CharacterSet("utf32", "utf32_general_ci", 60, 4), CharacterSet("utf8mb3", "utf8mb3_general_ci", 33, 3),
        CharacterSet("utf8mb4", "utf8mb4_0900_ai_ci", 255, 4),
    ]

    private static let utf8mb4Before80 = CharacterSet("utf8mb4", "utf8mb4_general_ci", 45, 4)
    private static let utf8Before80 = CharacterSet("utf8", "utf8_general_ci", 33, 3)

    /// As that version names them.
    static func all(in version: AdvertisedVersion) -> [CharacterSet] {
        if version.isMySQL(from: 80000) { return all }
        return all.map {
            switch $0.name {
            case "utf8mb3": utf8Before80
            case "utf8mb4": utf8mb4Before80
            default: $0
            }
        }
    }

    /// - Throws: 1115 for a name that no character set has.
    static func named(_ name: String, in version: AdvertisedVersion) throws(SQLError) -> CharacterSet {
        var wanted = name.lowercased()
        let isMySQL80 = version.isMySQL(from: 80000)
        if isMySQL80, wanted == "utf8" { wanted = "utf8mb3" }
        if !isMySQL80, wanted == "utf8mb3" { wanted = "utf8" }
        if let found = all(in: version).first(where: { $0.name == wanted }) { return found }
        throw SQLError(1115, "42000", "Unknown character set: '\(name.prefix(SQLLimits.maxQuotedCharacters))'")
    }

    /// The set that a collation belongs to, by the collation's prefix: `utf8mb4` for `utf8mb4_bin`.
    ///
    /// - Throws: 1273 for a name that begins like none.
    static func ofCollation(_ collation: String, in version: AdvertisedVersion) throws(SQLError) -> CharacterSet {
        let prefix = collation.prefix { $0 != "_" }
        do {
            let set = try named(String(prefix), in: version)
            if prefix.count < collation.count || set.name == "binary" { return set }
        } catch {}
        throw SQLError(1273, "HY000", "Unknown collation: '\(collation.prefix(SQLLimits.maxQuotedCharacters))'")
    }
}
