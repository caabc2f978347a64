/// How the bytes of a text column are characters.
public enum Charset: UInt8, Hashable, Sendable, CaseIterable {
    /// No metadata says it: the bytes are taken for UTF-8 where they can be it.
    case unknown
    case armscii8, ascii, big5, binary, cp1250, cp1251, cp1256, cp1257, cp850, cp852, cp866, cp932, dec8, eucjpms, euckr, gb18030, gb2312
    case gbk, geostd8, greek, hebrew, hp8, keybcs2, koi8r, koi8u, latin1, latin2, latin5, latin7, macce, macroman, sjis, swe7, tis620
    case ucs2, ujis, utf16, utf16le, utf32, utf8mb3, utf8mb4

    /// The charset of a collation id; ``unknown`` for an id that no server up to MySQL 9.7 and MariaDB 11 gives out.
    public init(collation id: UInt64) {
        self = id < UInt64(Self.byCollation.count) ? Self.byCollation[Int(id)] : .unknown
    }

    /// The charset of a name, as SQL has it; nil for one that is not known. What was once called utf8 is utf8mb3.
    public init?(name: some StringProtocol) {
        let wanted = name.lowercased() == "utf8" ? "utf8mb3" : name.lowercased()
        guard let found = Self.byName[wanted] else { return nil }
        self = found
    }

    /// The charset of a collation's name, which it begins with: `utf8mb4` of `utf8mb4_0900_ai_ci`.
    public init?(collationName name: some StringProtocol) {
        guard let charset = name.split(separator: "_", maxSplits: 1).first else { return nil }
        self.init(name: charset)
    }

    /// The id of one of its collations; nil for ``unknown``.
    public var someCollation: UInt64? { Self.collations.first { $0.0 == self }?.1.first.map(UInt64.init) }

    /// The name, as SQL has it.
    public var name: String { "\(self)" }

    /// Whether bytes below 0x80 are ASCII wherever they are not the second half of a character.
    var isASCIISuperset: Bool {
        switch self {
        case .ucs2, .utf16, .utf16le, .utf32, .swe7: false
        default: true
        }
    }

    /// Whether its bytes are UTF-8, or are taken for it.
    var isUTF8: Bool {
        switch self {
        case .unknown, .binary, .utf8mb3, .utf8mb4: true
        default: false
        }
    }

    /// What stands before a hexadecimal literal in SQL to make it text of this charset. Each utf8mb3 text is utf8mb4 text too, under a
    /// name that every server since 5.5.3 knows.
    var introducer: String { self == .utf8mb3 ? "_utf8mb4" : "_\(name)" }

    /// The name that iconv has for it; nil where glibc has none and where it is not needed, since the bytes are converted here.
    var iconvName: String? {
        switch self {
        case .unknown, .binary, .keybcs2, .ascii, .latin1, .ucs2, .utf16, .utf16le, .utf32, .utf8mb3, .utf8mb4: nil
        case .armscii8: "ARMSCII-8"
        case .big5: "BIG5"
        case .cp1250: "CP1250"
        case .cp1251: "CP1251"
        case .cp1256: "CP1256"
        case .cp1257: "CP1257"
        case .cp850: "CP850"
        case .cp852: "CP852"
        case .cp866: "CP866"
        case .cp932: "CP932"
        case .dec8: "DEC-MCS"
        case .eucjpms: "EUC-JP-MS"
        case .euckr: "UHC"
        case .gb18030: "GB18030"
        case .gb2312: "GB2312"
        case .gbk: "GBK"
        case .geostd8: "GEORGIAN-PS"
        case .greek: "ISO-8859-7"
        case .hebrew: "ISO-8859-8"
        case .hp8: "HP-ROMAN8"
        case .koi8r: "KOI8-R"
        case .koi8u: "KOI8-U"
        case .latin2: "ISO-8859-2"
        case .latin5: "ISO-8859-9"
        case .latin7: "ISO-8859-13"
        case .macce: "MAC-CENTRALEUROPE"
        case .macroman: "MACINTOSH"
        case .sjis: "SJIS"
        case .swe7: "SEN_850200_B"
        case .tis620: "TIS-620"
        case .ujis: "EUC-JP"
        }
    }
}

extension Charset {
    private static let byName = Dictionary(uniqueKeysWithValues: allCases.filter { $0 != .unknown }.map { ($0.name, $0) })

    private static let byCollation: [Charset] = {
        var table = [Charset](repeating: .unknown, count: 3272)
        for (charset, ids) in collations {
            for id in ids { table[id] = charset }
        }
        return table
    }()

    /// The collation ids of each charset, from INFORMATION_SCHEMA.COLLATIONS of MySQL 9.7 and MariaDB 10.11 and the latter's
    /// COLLATION_CHARACTER_SET_APPLICABILITY. Gaps in a run are ids that no one uses.
    private static let collations: [(Charset, [Int])] = [
        (.armscii8, [32, 64, 1056, 1088]), (.ascii, [11, 65, 1035, 1089]), (.big5, [1, 84, 1025, 1108]), (.binary, [63]),
        (.cp1250, [26, 34, 44, 66, 99, 1050, 1090]), (.cp1251, [14, 23, 50, 51, 52, 1074, 1075]), (.cp1256, [57, 67, 1081, 1091]),
        (.cp1257, [29, 58, 59, 1082, 1083]), (.cp850, [4, 80, 1028, 1104]), (.cp852, [40, 81, 1064, 1105]),
        (.cp866, [36, 68, 1060, 1092]), (.cp932, [95, 96, 1119, 1120]), (.dec8, [3, 69, 1027, 1093]), (.eucjpms, [97, 98, 1121, 1122]),
        (.euckr, [19, 85, 1043, 1109]), (.gb18030, [248, 249, 250]), (.gb2312, [24, 86, 1048, 1110]), (.gbk, [28, 87, 1052, 1111]),
        (.geostd8, [92, 93, 1116, 1117]), (.greek, [25, 70, 1049, 1094]), (.hebrew, [16, 71, 1040, 1095]), (.hp8, [6, 72, 1030, 1096]),
        (.keybcs2, [37, 73, 1061, 1097]), (.koi8r, [7, 74, 1031, 1098]), (.koi8u, [22, 75, 1046, 1099]),
        (.latin1, [5, 8, 15, 31, 47, 48, 49, 94, 1032, 1071]), (.latin2, [2, 9, 21, 27, 77, 1033, 1101]), (.latin5, [30, 78, 1054, 1102]),
        (.latin7, [20, 41, 42, 79, 1065, 1103]), (.macce, [38, 43, 1062, 1067]), (.macroman, [39, 53, 1063, 1077]),
        (.sjis, [13, 88, 1037, 1112]), (.swe7, [10, 82, 1034, 1106]), (.tis620, [18, 89, 1042, 1113]),
        (.ucs2, [35, 90, 1059, 1114, 1152, 1174] + [128...159, 640...642, 2560...2759].joined()), (.ujis, [12, 91, 1036, 1115]),
        (.utf16, [54, 55, 1078, 1079, 1125, 1147] + [101...124, 672...674, 2816...3015].joined()), (.utf16le, [56, 62, 1080, 1086]),
        (.utf32, [60, 61, 1084, 1085, 1184, 1206] + [160...183, 736...738, 3072...3271].joined()),
        (.utf8mb3, [33, 76, 83, 1057, 1107, 1216, 1238] + [192...223, 576...578, 2048...2247].joined()),
        (.utf8mb4, [45, 46, 1069, 1070, 1248, 1270] + [224...247, 255...323, 608...610, 2304...2503].joined()),
    ]
}
