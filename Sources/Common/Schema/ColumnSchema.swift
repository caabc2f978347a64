/// A column as a server describes it.
public struct ColumnSchema: Hashable, Sendable {
    public var name: String
    /// The type's name in small letters, without what follows it: `varchar`.
    public var type: String
    /// The numbers behind it: 10 and 2 of `decimal(10,2)`.
    public var numbers: [Int] = []
    /// The members of an ENUM or SET.
    public var labels: [String] = []
    public var isUnsigned = false
    /// Of text; nil where it is not known.
    public var charset: Charset?
    /// Whether it is computed from other columns.
    public var isGenerated = false
    /// Whether it is computed whenever it is read.
    public var isVirtual = false
    public var isVisible = true

    public init(name: String, type: String) {
        self.name = name
        self.type = type
    }

    /// As SQL has it, for a person.
    var typeText: String { numbers.isEmpty ? type : "\(type)(\(numbers.map(String.init).joined(separator: ",")))" }

    private static let geometryTypes: [String: UInt64] = [
        "geometry": 0, "point": 1, "linestring": 2, "polygon": 3, "multipoint": 4, "multilinestring": 5, "multipolygon": 6,
        "geometrycollection": 7, "geomcollection": 7,
    ]
    private static let addresses: [String: TableMapEvent.AddressKind] = ["uuid": .uuid, "inet6": .inet6, "inet4": .inet4]
    /// Bytes of the length prefix.
    private static let blobPrefixes = [
        "tinyblob": 1, "tinytext": 1, "blob": 2, "text": 2, "mediumblob": 3, "mediumtext": 3, "longblob": 4, "longtext": 4,
    ]
    private static let integers: [String: ColumnType] = [
        "tinyint": .tiny, "bool": .tiny, "boolean": .tiny, "smallint": .short, "mediumint": .int24, "int": .long, "integer": .long,
        "bigint": .longLong, "serial": .longLong,
    ]
    private static let longestCharacterBytes = 4

    private var holdsText: Bool {
        ["char", "nchar", "varchar", "nvarchar", "character", "enum", "set"].contains(type) || type.hasSuffix("text")
    }
    private var holdsBytes: Bool { ["binary", "varbinary"].contains(type) || type.hasSuffix("blob") }

    // MARK: - In a binlog

    /// Whether the event's column can be this one.
    func fits(_ column: TableMapEvent.Column) -> Bool {
        let metadata = column.metadata
        if let integer = Self.integers[type] { return column.type == integer }
        if let prefix = Self.blobPrefixes[type] { return column.type.isBlob && (metadata == prefix || !numbers.isEmpty) }
        if Self.geometryTypes[type] != nil { return column.type == .geometry }
        if let address = Self.addresses[type] { return column.type == .string && metadata == address.byteCount }
        switch type {
        case "float": return column.type == .float || column.type == .double
        case "double", "real": return column.type == .double
        case "decimal", "numeric", "dec", "fixed":
            return column.type == .newDecimal && metadata == (numbers.first ?? 10) << 8 | (numbers.count > 1 ? numbers[1] : 0)
        case "bit": return column.type == .bit && metadata == numbers.first ?? 1
        case "year": return column.type == .year
        case "date": return column.type == .date || column.type == .newDate
        case "time": return column.type == .time || column.type == .time2 && metadata == digits
        case "datetime": return column.type == .dateTime || column.type == .dateTime2 && metadata == digits
        case "timestamp": return column.type == .timestamp || column.type == .timestamp2 && metadata == digits
        case "char", "nchar", "character": return column.type == .string && fitsCharacters(metadata, numbers.first ?? 1)
        case "binary": return column.type == .string && metadata == numbers.first ?? 1
        case "varchar", "nvarchar": return column.type.isVarchar && fitsCharacters(metadata, numbers.first ?? 0)
        case "varbinary": return column.type.isVarchar && metadata == numbers.first ?? 0
        case "enum": return column.type == .enumeration && metadata == (labels.count < 256 ? 1 : 2)
        case "set": return column.type == .set && metadata == (labels.count > 32 ? 8 : (labels.count + 7) / 8)
        case "json": return column.type == .json || column.type.isBlob && metadata == 4
        case "vector": return column.type == .vector || column.type.isVarchar || column.type.isBlob
        default: return false
        }
    }

    /// Of a fraction of a second.
    private var digits: Int { numbers.first ?? 0 }

    /// Whether a column of so many characters may have so many bytes. MariaDB's compressed ones have a byte more.
    private func fitsCharacters(_ bytes: Int, _ characters: Int) -> Bool {
        if characters == 0 { return bytes <= 1 }
        return [bytes, bytes - 1].contains { $0 % characters == 0 && 1...Self.longestCharacterBytes ~= $0 / characters }
    }

    func apply(to column: inout TableMapEvent.Column) {
        if column.name == nil { column.name = name }
        if column.isVisible == nil { column.isVisible = isVisible }
        column.isGenerated = isGenerated
        if column.isUnsigned == nil, column.type.hasSign { column.isUnsigned = isUnsigned }
        if column.collation == nil {
            if holdsBytes { column.collation = Charset.binary.someCollation }
            if holdsText { column.collation = charset?.someCollation }
        }
        if column.labels.isEmpty, !labels.isEmpty {
            column.labels = labels.map { Array($0.utf8) }
            column.labelCharset = .utf8mb4
        }
        if column.geometryType == nil, column.type == .geometry { column.geometryType = Self.geometryTypes[type] }
        if [.time, .dateTime, .timestamp].contains(column.type) { column.fractionDigits = digits }
        if column.address == nil { column.address = Self.addresses[type] }
    }
}

extension ColumnType {
    fileprivate var isBlob: Bool { [.tinyBlob, .blob, .mediumBlob, .longBlob, .blobCompressed].contains(self) }
    fileprivate var isVarchar: Bool { [.varchar, .varString, .varcharCompressed].contains(self) }
}
