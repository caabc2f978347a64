/// The optional fields of a TABLE_MAP: `Table_map_event::Optional_metadata_field_type` in MySQL's `rows_event.h`.
private enum OptionalField: UInt8 {
    case signedness = 1
    case defaultCharset, columnCharset, columnName, setValues, enumValues, geometryType, simplePrimaryKey, primaryKeyWithPrefix
    case enumAndSetDefaultCharset, enumAndSetColumnCharset, visibility, dimensions
}

extension TableMapEvent {
    /// Reads one optional field into the columns that it is about; one that is not known changes nothing.
    ///
    /// A list counts only columns of its own kind, in their order.
    mutating func decodeOptional(_ number: UInt8, _ field: consuming ByteReader, isMariaDB: Bool) throws(CodecError) {
        var reader = field
        let hasCollation = { (type: ColumnType) in type.hasCollation || isMariaDB && type == .geometry }
        switch OptionalField(rawValue: number) {
        case .signedness: try decodeBits(reader.rest(), of: indices(where: \.hasSign)) { $0.isUnsigned = $1 }
        case .visibility: try decodeBits(reader.rest(), of: Array(columns.indices)) { $0.isVisible = $1 }
        case .defaultCharset: try decodeDefaultCollation(&reader, of: indices(where: hasCollation))
        case .columnCharset: try decodeCollations(&reader, of: indices(where: hasCollation))
        case .enumAndSetDefaultCharset: try decodeDefaultCollation(&reader, of: indices { $0 == .enumeration || $0 == .set })
        case .enumAndSetColumnCharset: try decodeCollations(&reader, of: indices { $0 == .enumeration || $0 == .set })
        case .columnName:
            for index in columns.indices where !reader.isAtEnd { columns[index].name = try reader.lengthEncodedBytes().string }
        case .setValues: try decodeLabels(&reader, of: .set)
        case .enumValues: try decodeLabels(&reader, of: .enumeration)
        case .geometryType:
            for index in indices(where: { $0 == .geometry }) where !reader.isAtEnd {
                columns[index].geometryType = try reader.lengthEncodedInteger()
            }
        case .dimensions:
            for index in indices(where: { $0 == .vector }) where !reader.isAtEnd {
                columns[index].dimensions = try reader.lengthEncodedInteger()
            }
        case .simplePrimaryKey, .primaryKeyWithPrefix:
            try decodeKey(&reader, hasPrefixes: number == OptionalField.primaryKeyWithPrefix.rawValue)
        case nil: break
        }
    }

    private func indices(where fits: (ColumnType) -> Bool) -> [Int] { columns.indices.filter { fits(columns[$0].type) } }

    private mutating func decodeBits(_ bits: RawSpan, of indices: [Int], set: (inout Column, Bool) -> Void) throws(CodecError) {
        for (position, index) in indices.enumerated() where position / 8 < bits.byteCount {
            set(&columns[index], bits.byte(at: position / 8) << UInt8(position % 8) & 0x80 != 0)
        }
    }

    private mutating func decodeDefaultCollation(_ reader: inout ByteReader, of indices: [Int]) throws(CodecError) {
        let collation = try reader.lengthEncodedInteger()
        for index in indices { columns[index].collation = collation }
        while !reader.isAtEnd {
            let position = try reader.lengthEncodedInteger()
            let other = try reader.lengthEncodedInteger()
            guard position < UInt64(indices.count) else {
                throw CodecError(.invalid, at: reader.offset, "a collation for text column \(position) of \(indices.count)")
            }
            columns[indices[Int(position)]].collation = other
        }
    }

    private mutating func decodeCollations(_ reader: inout ByteReader, of indices: [Int]) throws(CodecError) {
        for index in indices where !reader.isAtEnd { columns[index].collation = try reader.lengthEncodedInteger() }
    }

    private mutating func decodeLabels(_ reader: inout ByteReader, of type: ColumnType) throws(CodecError) {
        for index in indices(where: { $0 == type }) where !reader.isAtEnd {
            let count = try reader.lengthEncodedInteger()
            // Each takes a byte at least, so a count that lies is found out before much memory is taken.
            guard count <= UInt64(reader.remaining) else {
                throw CodecError(.truncated, at: reader.offset, "\(count) values in \(reader.remaining) bytes")
            }
            var labels: [[UInt8]] = []
            for _ in 0..<count { labels.append(try reader.lengthEncodedBytes().array) }
            columns[index].labels = labels
        }
    }

    private mutating func decodeKey(_ reader: inout ByteReader, hasPrefixes: Bool) throws(CodecError) {
        primaryKey = []
        while !reader.isAtEnd {
            let column = try reader.lengthEncodedInteger()
            let prefix = hasPrefixes ? try reader.lengthEncodedInteger() : 0
            guard column < UInt64(columns.count), primaryKey.count < columns.count else {
                throw CodecError(.invalid, at: reader.offset, "a primary key on column \(column) of \(columns.count)")
            }
            primaryKey.append(KeyPart(column: Int(column), prefixLength: Int(clamping: prefix)))
        }
    }
}
