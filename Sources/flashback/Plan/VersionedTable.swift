import Common

/// MariaDB's system-versioned tables: each row has a column that tells when it ended, with the greatest value for one that has not.
enum VersionedTable {
    /// Columns that may tell when a row ended: there is another one of the type, which tells when it began.
    static func endColumns(of map: TableMapEvent) -> [Int] {
        let columns = map.columns.indices.filter { index in
            let column = map.columns[index]
            guard !column.isNullable else { return false }
            return column.type == .timestamp2 && column.metadata == 6 || column.type == .longLong
        }
        return columns.filter { index in columns.contains { $0 != index && map.columns[$0].type == map.columns[index].type } }
    }

    /// Whether a value is the greatest of its type: of TIMESTAMP(6), the last microsecond of 31 or 32 bits of seconds; of transactions'
    /// numbers, all bits.
    static func isOpenEnd(_ value: borrowing RowValue) -> Bool {
        guard !value.isNull else { return false }
        let bytes = value.bytes.array
        let fraction: [UInt8] = [0x0f, 0x42, 0x3f]
        return switch bytes.count {
        case 7: [[0x7f, 0xff, 0xff, 0xff] + fraction, [0xff, 0xff, 0xff, 0xff] + fraction].contains(bytes)
        case 8: bytes.allSatisfy { $0 == 0xff }
        default: false
        }
    }
}
