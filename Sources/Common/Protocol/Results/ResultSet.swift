/// The answer to a query that gives rows: values as text, nil for NULL.
public struct ResultSet: Hashable, Sendable {
    public var columns: [ColumnDefinition]
    /// Each with as many values as there are columns.
    public var rows: [[[UInt8]?]]

    public init(columns: [ColumnDefinition], rows: [[[UInt8]?]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// A value as text; nil for NULL and outside the result.
    public func text(row: Int, column: Int) -> String? {
        guard rows.indices.contains(row), rows[row].indices.contains(column), let bytes = rows[row][column] else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A value by its column's name, letter case aside; nil for NULL and outside the result.
    public func text(row: Int, column name: String) -> String? {
        let wanted = name.lowercased()
        guard let column = columns.firstIndex(where: { $0.name.lowercased() == wanted }) else { return nil }
        return text(row: row, column: column)
    }
}

/// Writes result sets: the number of columns, their definitions, rows, and an end.
///
///     var encoder = ResultSetEncoder(columns: [.text("Variable_name"), .text("Value")], capabilities: capabilities, into: &writer)
///     encoder.append([name, value], into: &writer)
///     encoder.finish(into: &writer)
///
/// Format: "Protocol::Text Resultset" in the MySQL source documentation (COM_QUERY Response).
public struct ResultSetEncoder: Sendable {
    /// Stands for NULL where the length of a value would.
    static let null: UInt8 = 0xfb

    private let columnCount: Int
    private let capabilities: CapabilityFlags
    private let status: StatusFlags
    private var row: [UInt8] = []

    /// Writes what precedes the rows.
    ///
    /// - Precondition: there is at least one column.
    public init(
        columns: [ColumnDefinition], capabilities: CapabilityFlags, status: StatusFlags = .autocommit, into writer: inout PacketWriter
    ) {
        precondition(!columns.isEmpty)
        columnCount = columns.count
        self.capabilities = capabilities
        self.status = status
        var count: [UInt8] = []
        count.append(lengthEncoded: UInt64(columns.count))
        writer.append(count)
        for column in columns { writer.append(column.encoded()) }
        if !capabilities.contains(.deprecateEOF) { finish(into: &writer) }
    }

    /// - Precondition: there are as many values as columns.
    public mutating func append(_ values: [[UInt8]?], into writer: inout PacketWriter) {
        precondition(values.count == columnCount)
        row.removeAll(keepingCapacity: true)
        for value in values {
            if let value { row.append(lengthEncoded: value) } else { row.append(Self.null) }
        }
        writer.append(row)
    }

    /// Writes what follows the rows.
    public func finish(into writer: inout PacketWriter) {
        writer.append(EOFPacket(status: status).encoded(for: capabilities))
    }
}

extension PacketWriter {
    /// Appends a whole result set.
    public mutating func append(_ result: ResultSet, capabilities: CapabilityFlags) {
        var encoder = ResultSetEncoder(columns: result.columns, capabilities: capabilities, into: &self)
        for row in result.rows { encoder.append(row, into: &self) }
        encoder.finish(into: &self)
    }
}
