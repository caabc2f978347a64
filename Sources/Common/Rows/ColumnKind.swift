/// What the bytes of a column's value are, resolved from its type, its metadata and its collation.
///
/// `prefix` counts the bytes of the little-endian length in front of the value, which is no part of it.
public enum ColumnKind: Hashable, Sendable {
    /// Two's complement or unsigned, little-endian; 1, 2, 3, 4 or 8 bytes.
    case integer(byteCount: UInt8, isUnsigned: Bool)
    case float
    case double
    /// Big-endian groups of nine digits (`decimal2bin` in MySQL's `decimal.cc`).
    case decimal(precision: UInt8, scale: UInt8)
    /// Big-endian.
    case bit(count: UInt8)
    /// One byte: 0, or the year less 1900.
    case year
    /// Three bytes: day, month and year in 5, 4 and 15 bits.
    case date
    /// From MySQL 5.6 on (`my_time_packed_to_binary` and its sisters), with 0 to 6 digits of a fraction.
    case time(digits: UInt8)
    case dateTime(digits: UInt8)
    case timestamp(digits: UInt8)
    /// Before MySQL 5.6: a decimal number hhmmss in three bytes.
    case oldTime
    /// Before MySQL 5.6: a decimal number YYYYMMDDhhmmss in eight bytes.
    case oldDateTime
    /// Before MySQL 5.6: seconds since 1970 in four bytes.
    case oldTimestamp
    /// MariaDB's own formats with a fraction, 1 to 6 digits: big-endian, of mixed radix.
    case mariaTime(digits: UInt8)
    case mariaDateTime(digits: UInt8)
    case mariaTimestamp(digits: UInt8)
    /// CHAR, VARCHAR, TEXT.
    case text(prefix: UInt8)
    /// VARBINARY and BLOB.
    case binary(prefix: UInt8)
    /// BINARY(`length`), whose trailing zero bytes a row image leaves out.
    case fixedBinary(prefix: UInt8, length: UInt16)
    /// MariaDB's UUID, INET4 and INET6, which are fixed-length binary.
    case address(prefix: UInt8, TableMapEvent.AddressKind)
    /// MariaDB's COMPRESSED columns: a header byte, then the value as it is or deflated.
    case compressed(prefix: UInt8, isText: Bool)
    /// A number into the labels from 1 on; 0 is the error value ''.
    case enumeration(byteCount: UInt8)
    /// A bit for each label.
    case set(byteCount: UInt8)
    /// MySQL's binary JSON.
    case json(prefix: UInt8)
    /// Four bytes of SRID, then well-known binary.
    case geometry(prefix: UInt8)
    /// IEEE singles.
    case vector(prefix: UInt8)
    /// A column that is always NULL.
    case null

    /// - Throws: `unsupported` for the DECIMAL of MySQL before 5.0; `invalid` for metadata that no server writes.
    init(_ column: TableMapEvent.Column) throws(CodecError) {
        let metadata = column.metadata
        let prefix = UInt8(clamping: metadata)
        let digits = UInt8(clamping: metadata)
        let fraction = UInt8(clamping: column.fractionDigits)
        let shortPrefix: UInt8 = metadata > 255 ? 2 : 1
        let isBinary = column.charset == .binary
        func invalid() -> CodecError {
            CodecError(.invalid, at: 0, "column type \(column.type.rawValue) with metadata \(metadata)")
        }
        switch column.type {
        case .tiny: self = .integer(byteCount: 1, isUnsigned: column.isUnsigned ?? false)
        case .short: self = .integer(byteCount: 2, isUnsigned: column.isUnsigned ?? false)
        case .int24: self = .integer(byteCount: 3, isUnsigned: column.isUnsigned ?? false)
        case .long: self = .integer(byteCount: 4, isUnsigned: column.isUnsigned ?? false)
        case .longLong: self = .integer(byteCount: 8, isUnsigned: column.isUnsigned ?? false)
        case .float: self = .float
        case .double: self = .double
        case .newDecimal:
            let (precision, scale) = (metadata >> 8, metadata & 255)
            guard precision <= 65, scale <= precision, precision > 0 else { throw invalid() }
            self = .decimal(precision: UInt8(precision), scale: UInt8(scale))
        case .bit:
            guard metadata > 0, metadata <= 64 else { throw invalid() }
            self = .bit(count: UInt8(metadata))
        case .year: self = .year
        case .date, .newDate: self = .date
        case .time: self = fraction == 0 ? .oldTime : .mariaTime(digits: fraction)
        case .dateTime: self = fraction == 0 ? .oldDateTime : .mariaDateTime(digits: fraction)
        case .timestamp: self = fraction == 0 ? .oldTimestamp : .mariaTimestamp(digits: fraction)
        case .time2: self = .time(digits: digits)
        case .dateTime2: self = .dateTime(digits: digits)
        case .timestamp2: self = .timestamp(digits: digits)
        case .varchar, .varString: self = isBinary ? .binary(prefix: shortPrefix) : .text(prefix: shortPrefix)
        case .string where column.address.map { $0.byteCount == metadata } ?? false:
            self = .address(prefix: shortPrefix, column.address ?? .uuid)
        case .string:
            self = isBinary ? .fixedBinary(prefix: shortPrefix, length: UInt16(clamping: metadata)) : .text(prefix: shortPrefix)
        case .tinyBlob, .blob, .mediumBlob, .longBlob: self = isBinary ? .binary(prefix: prefix) : .text(prefix: prefix)
        case .varcharCompressed: self = .compressed(prefix: shortPrefix, isText: !isBinary)
        case .blobCompressed: self = .compressed(prefix: prefix, isText: !isBinary)
        case .enumeration: self = .enumeration(byteCount: prefix)
        case .set: self = .set(byteCount: prefix)
        case .json, .typedArray: self = .json(prefix: prefix)
        case .geometry: self = .geometry(prefix: prefix)
        case .vector: self = .vector(prefix: prefix)
        case .null: self = .null
        case .decimal: throw CodecError(.unsupported, at: 0, "DECIMAL of a server before 5.0 is not read")
        default: throw CodecError(.unsupported, at: 0, "column type \(column.type.rawValue) is not known")
        }
        guard isPossible else { throw invalid() }
    }

    private var isPossible: Bool {
        switch self {
        case .time(let digits), .dateTime(let digits), .timestamp(let digits), .mariaTime(let digits), .mariaDateTime(let digits),
            .mariaTimestamp(let digits):
            digits <= 6
        case .enumeration(let byteCount): (1...2).contains(byteCount)
        case .set(let byteCount): (1...8).contains(byteCount)
        case .text(let prefix), .binary(let prefix), .compressed(let prefix, _), .json(let prefix), .geometry(let prefix),
            .vector(let prefix):
            (1...4).contains(prefix)
        default: true
        }
    }

    /// Where a value's bytes end.
    enum Layout {
        case fixed(Int)
        case prefixed(Int)
    }

    var layout: Layout {
        switch self {
        case .integer(let byteCount, _), .enumeration(let byteCount), .set(let byteCount): .fixed(Int(byteCount))
        case .float, .oldTimestamp: .fixed(4)
        case .double, .oldDateTime: .fixed(8)
        case .decimal(let precision, let scale): .fixed(DecimalFormat(precision: precision, scale: scale).byteCount)
        case .bit(let count): .fixed((Int(count) + 7) / 8)
        case .year: .fixed(1)
        case .date, .oldTime: .fixed(3)
        case .time(let digits): .fixed(3 + (Int(digits) + 1) / 2)
        case .dateTime(let digits): .fixed(5 + (Int(digits) + 1) / 2)
        case .timestamp(let digits): .fixed(4 + (Int(digits) + 1) / 2)
        // MariaDB rounds up to what the largest value needs: sql/compat56.h and hires_bytes in its field.cc.
        case .mariaTime(let digits): .fixed(digits < 3 ? 4 : digits < 6 ? 5 : 6)
        case .mariaDateTime(let digits): .fixed(digits < 3 ? 6 : digits < 6 ? 7 : 8)
        case .mariaTimestamp(let digits): .fixed(4 + (Int(digits) + 1) / 2)
        case .text(let prefix), .binary(let prefix), .fixedBinary(let prefix, _), .compressed(let prefix, _), .json(let prefix),
            .geometry(let prefix), .vector(let prefix), .address(let prefix, _):
            .prefixed(Int(prefix))
        case .null: .fixed(0)
        }
    }
}
