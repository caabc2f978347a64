/// TABLE_MAP: what the columns of a table are, ahead of the row events that name the table by its id.
///
///     let table = try TableMapEvent(decoding: event, checksum: .crc32)
///     table.columns[0].name   // "id", where binlog_row_metadata=FULL
///
/// A schema from elsewhere may fill in what the event does not say: `columns` can be changed before a ``RowPlan`` is made of it.
/// Source: `Table_map_event` in MySQL's `rows_event.h` and `.cpp`.
public struct TableMapEvent: Hashable, Sendable {
    /// Columns of one table, as servers allow them.
    public static let maxColumns = 4096

    /// What the rows that follow name the table by; below 2^48. It says nothing outside its file.
    public var tableID: UInt64
    public var flags: UInt16
    /// Bytes of the database's name, in UTF-8.
    public var database: String
    public var table: String
    public var columns: [Column]
    /// The columns of the primary key, in its order; empty where it is not known or there is none.
    public var primaryKey: [KeyPart] = []

    /// A column of a primary key.
    public struct KeyPart: Hashable, Sendable {
        /// Which of ``TableMapEvent/columns``, from 0.
        public var column: Int
        /// Characters, or bytes of a binary column, that count; 0 where the whole column does.
        public var prefixLength: Int
    }

    /// What a BINARY column of MariaDB's plugin types is.
    public enum AddressKind: Hashable, Sendable {
        case uuid, inet4, inet6

        var byteCount: Int { self == .inet4 ? 4 : 16 }
    }

    /// A column, as far as it is known.
    public struct Column: Hashable, Sendable {
        /// What the type is in truth: ENUM and SET too, which stand as STRING in the event.
        public var type: ColumnType
        /// What the type's metadata say: bytes of a length prefix (BLOB, JSON, GEOMETRY, VECTOR), greatest length in bytes (VARCHAR,
        /// STRING), bits (BIT), digits of a fraction (TIME2, DATETIME2, TIMESTAMP2), bytes (ENUM, SET, FLOAT, DOUBLE), precision × 256 +
        /// scale (DECIMAL); 0 for types without metadata.
        public var metadata: Int
        public var isNullable: Bool
        /// Nil where the event does not say, as before MySQL 8.0.
        public var isUnsigned: Bool?
        /// Of text, ENUM and SET columns; nil where the event does not say.
        public var collation: UInt64?
        /// With binlog_row_metadata=FULL, or from a schema.
        public var name: String?
        /// The values of an ENUM or SET in their order, each in the column's charset, or in ``labelCharset``.
        public var labels: [[UInt8]] = []
        /// What the labels are in, where a schema gave them; nil for the column's charset.
        public var labelCharset: Charset?
        /// `Field::geometry_type`: 0 GEOMETRY, 1 POINT, 2 LINESTRING, 3 POLYGON, 4 to 6 their multiples, 7 a collection.
        public var geometryType: UInt64?
        public var isVisible: Bool?
        /// Whether a schema says that it is computed from other columns. The event never says it.
        public var isGenerated = false
        /// Of a VECTOR.
        public var dimensions: UInt64?
        /// Digits of a fraction in MariaDB's own temporal formats (mysql56_temporal_format=OFF), 0 to 6. The event never says it,
        /// and rows of such columns cannot be cut without it: a schema must.
        public var fractionDigits = 0
        /// MariaDB's UUID and INET types, which the event shows as BINARY: a schema may say so.
        public var address: AddressKind?

        /// The charset of the collation; ``Charset/unknown`` where that is not known.
        public var charset: Charset { collation.map { Charset(collation: $0) } ?? .unknown }
    }

    /// Reads a whole event.
    ///
    /// - Parameters:
    ///   - tableIDByteCount: 6, or 4 where the file's description gives the type a post-header of 6 bytes.
    ///   - isMariaDB: Whether MariaDB wrote the event: it counts GEOMETRY among the columns with a collation.
    /// - Throws: ``CodecError``: `invalid` for a metadata block that does not fit the types, `unsupported` for a type that is not known.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm, tableIDByteCount: Int = 6, isMariaDB: Bool = false) throws(CodecError)
    {
        var reader = ByteReader(try eventBody(event, is: .tableMap, checksum: checksum))
        tableID = try reader.integer(byteCount: tableIDByteCount)
        flags = try reader.uint16()
        database = try reader.bytes(Int(try reader.uint8())).string
        try reader.skip(1)
        table = try reader.bytes(Int(try reader.uint8())).string
        try reader.skip(1)
        let count = try reader.lengthEncodedInteger()
        guard count <= UInt64(Self.maxColumns) else {
            throw CodecError(.invalid, at: EventHeader.byteCount + reader.offset, "a table of \(count) columns")
        }
        let types = try reader.bytes(Int(count))
        var metadata = ByteReader(try reader.lengthEncodedBytes())
        columns = []
        columns.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            columns.append(try Column(type: ColumnType(rawValue: types.byte(at: index)), metadata: &metadata))
        }
        let nullable = try reader.bytes((Int(count) + 7) / 8)
        for index in 0..<Int(count) { columns[index].isNullable = nullable.byte(at: index / 8) >> UInt8(index % 8) & 1 == 1 }
        while !reader.isAtEnd {
            let field = try reader.uint8()
            try decodeOptional(field, ByteReader(try reader.lengthEncodedBytes()), isMariaDB: isMariaDB)
        }
    }
}

extension TableMapEvent.Column {
    /// Reads one column's part of the metadata block (`read_field_metadata` in `rpl_utility`, `Field::save_field_metadata`).
    fileprivate init(type: ColumnType, metadata reader: inout ByteReader) throws(CodecError) {
        self.type = type
        metadata = 0
        isNullable = false
        switch type {
        case .tiny, .short, .int24, .long, .longLong, .null, .timestamp, .date, .newDate, .time, .dateTime, .year, .decimal: break
        case .float, .double, .timestamp2, .dateTime2, .time2, .tinyBlob, .blob, .mediumBlob, .longBlob, .geometry, .json, .vector,
            .blobCompressed:
            metadata = Int(try reader.uint8())
        case .varchar, .varcharCompressed: metadata = Int(try reader.uint16())
        case .bit:
            let bits = Int(try reader.uint8())
            metadata = Int(try reader.uint8()) * 8 + bits
        case .newDecimal:
            metadata = Int(try reader.uint8()) << 8
            metadata |= Int(try reader.uint8())
        case .enumeration, .set:
            try reader.skip(1)
            metadata = Int(try reader.uint8())
        case .string, .varString:
            let first = try reader.uint8()
            let second = try reader.uint8()
            if first & 0x30 != 0x30 {
                // A CHAR that may be longer than 255 bytes keeps bits 8 and 9 of its length, inverted, inside its type.
                self.type = ColumnType(rawValue: first | 0x30)
                metadata = Int(second) | (Int(first & 0x30) ^ 0x30) << 4
            } else {
                self.type = ColumnType(rawValue: first)
                metadata = Int(second)
            }
            guard self.type == .string || self.type == .varString || self.type == .enumeration || self.type == .set else {
                throw CodecError(.invalid, at: reader.offset, "a string column has the type \(self.type.rawValue)")
            }
        case .typedArray:
            // The type of the elements and its metadata; a VARCHAR's length has three bytes here. The values are JSON.
            let element = ColumnType(rawValue: try reader.uint8())
            guard element != .typedArray else { throw CodecError(.invalid, at: reader.offset, "an array of arrays") }
            if element == .varchar { try reader.skip(3) } else { _ = try Self(type: element, metadata: &reader) }
            metadata = 4
        default: throw CodecError(.unsupported, at: reader.offset, "column type \(type.rawValue) is not known")
        }
    }
}
