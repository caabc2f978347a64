/// One column of a result set.
///
/// Format: "Protocol::ColumnDefinition41" in the MySQL source documentation (COM_QUERY Response).
public struct ColumnDefinition: Hashable, Sendable {
    /// What values are like; they travel as text in any case. Source: `include/field_types.h`.
    public struct FieldType: RawRepresentable, Hashable, Sendable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// MYSQL_TYPE_LONGLONG
        public static let longLong = FieldType(rawValue: 8)
        /// MYSQL_TYPE_VAR_STRING
        public static let varString = FieldType(rawValue: 253)
    }

    private static let catalog = "def"
    /// Bytes of the fields behind the names, which their own length precedes.
    private static let fixedBytes: UInt64 = 12
    /// BINARY_FLAG in `include/mysql_com.h`, which servers set on numbers too.
    private static let binaryFlag: UInt16 = 1 << 7
    /// What clients may expect of a column of text, in bytes.
    private static let textLength: UInt32 = 1 << 16
    /// The longest signed 64-bit integer, its sign included.
    private static let integerLength: UInt32 = 20

    public var name: String
    public var type: FieldType
    public var collation: UInt16
    /// The most bytes a value has, for clients that lay out tables.
    public var length: UInt32
    public var flags: UInt16
    public var decimals: UInt8

    public init(name: String, type: FieldType, collation: UInt16, length: UInt32, flags: UInt16 = 0, decimals: UInt8 = 0) {
        self.name = name
        self.type = type
        self.collation = collation
        self.length = length
        self.flags = flags
        self.decimals = decimals
    }

    /// A column of utf8mb4 text.
    public static func text(_ name: String) -> ColumnDefinition {
        ColumnDefinition(name: name, type: .varString, collation: UInt16(CollationNumber.utf8mb4), length: textLength)
    }

    /// A column of 64-bit integers.
    public static func integer(_ name: String) -> ColumnDefinition {
        ColumnDefinition(
            name: name, type: .longLong, collation: UInt16(CollationNumber.binary), length: integerLength, flags: binaryFlag)
    }

    /// - Throws: ``CodecError`` if the payload ends early. Names of schema and tables are passed over.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        // Catalog, schema, table and the table's own name.
        for _ in 0..<4 { _ = try reader.lengthEncodedBytes() }
        name = try reader.lengthEncodedBytes().string
        _ = try reader.lengthEncodedBytes()
        let fixed = try reader.lengthEncodedInteger()
        guard fixed >= Self.fixedBytes else {
            throw CodecError(.invalid, at: reader.offset, "a column definition has \(fixed) fixed bytes instead of \(Self.fixedBytes)")
        }
        collation = try reader.uint16()
        length = try reader.uint32()
        type = FieldType(rawValue: try reader.uint8())
        flags = try reader.uint16()
        decimals = try reader.uint8()
        try reader.skip(2)
    }

    /// The payload.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.append(lengthEncoded: Self.catalog.utf8)
        // Schema, table and the table's own name: a computed value has none.
        for _ in 0..<3 { output.append(lengthEncoded: 0) }
        output.append(lengthEncoded: name.utf8)
        output.append(lengthEncoded: 0)
        output.append(lengthEncoded: Self.fixedBytes)
        output.append(littleEndian: collation)
        output.append(littleEndian: length)
        output.append(type.rawValue)
        output.append(littleEndian: flags)
        output.append(decimals)
        output.append(littleEndian: UInt16(0))
        return output
    }
}
