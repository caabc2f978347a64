/// How a column is compared with a value so that only the same value is equal.
public enum ColumnComparison: Sendable {
    case plain
    /// Byte for byte, since `a` and `A` are equal to most collations. A key's own collation knows only one of them.
    case binary
    /// By hexadecimal digits, since servers compare nothing else with these types.
    case digits
    /// By all its bits: servers compare a SET with a number as doubles, which have 53.
    case bits

    public init(_ column: TableMapEvent.Column) {
        switch column.type {
        // MariaDB's UUID, INET4 and INET6: as text they are compared with text, and with other bytes as binary.
        case _ where column.address != nil: self = .plain
        case .vector, .geometry: self = .digits
        case .set: self = .bits
        case .varchar, .varString, .string, .tinyBlob, .blob, .mediumBlob, .longBlob, .varcharCompressed, .blobCompressed:
            self = column.charset == .binary ? .plain : .binary
        default: self = .plain
        }
    }

    /// Whether the value is followed by a parenthesis.
    public var closesParenthesis: Bool { self == .digits }

    /// What stands before the value.
    ///
    /// - Parameters:
    ///   - name: The column's, quoted.
    ///   - isKey: Whether the column is one of a key that the row is found by.
    public func label(_ name: [UInt8], isKey: Bool) -> [UInt8] {
        switch self {
        case .digits: Array("HEX(".utf8) + name + Array(")<=>HEX(".utf8)
        case .binary where !isKey: Array("CAST(".utf8) + name + Array(" AS BINARY)<=>".utf8)
        case .bits: Array("(".utf8) + name + Array("|0)<=>".utf8)
        case .plain, .binary: name + Array("<=>".utf8)
        }
    }
}
