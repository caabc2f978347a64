/// The head of a row event: which table, which columns, and where the rows begin.
///
/// WRITE, UPDATE and DELETE of the versions 0, 1 and 2, PARTIAL_UPDATE, and MariaDB's compressed ones once they have been expanded.
/// Source: `Rows_event` in MySQL's `rows_event.h` and `.cpp`.
public struct RowsEvent: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        case insert, update, delete
        /// An update whose after image may hold changes to JSON values in their place.
        case partialUpdate
    }

    public struct Flags: OptionSet, Hashable, Sendable {
        public var rawValue: UInt16

        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The last row event of its statement: the tables that were mapped are forgotten.
        public static let statementEnd = Flags(rawValue: 1)
        public static let noForeignKeyChecks = Flags(rawValue: 2)
        public static let relaxedUniqueChecks = Flags(rawValue: 4)
        /// The images hold every column.
        public static let completeRows = Flags(rawValue: 8)
        /// From MySQL 9.6 on, unless innodb_native_foreign_keys is ON: rows that a foreign key cascaded to have events of their own.
        public static let showsCascades = Flags(rawValue: 16)
    }

    public var action: Action
    public var tableID: UInt64
    public var flags: Flags
    /// The partition that the rows are in, or were in before an update; nil where the table has none.
    public var partition: UInt16?
    /// Where an update moved the rows from; nil but for updates of partitioned tables.
    public var sourcePartition: UInt16?
    /// NDB's own bytes behind their two bytes of length and format; empty but from NDB.
    public var ndbInfo: [UInt8] = []
    public var columnCount = 0
    /// A bit for every column, the first lowest: which are in the before image, or in the only one.
    public var beforeColumns: [UInt8] = []
    /// The same for the after image; equal to ``beforeColumns`` but in updates.
    public var afterColumns: [UInt8] = []
    /// Which bytes of the event are the rows.
    public var rows = 0..<0

    public var hasBefore: Bool { action != .insert }
    public var hasAfter: Bool { action != .delete }

    /// What a row event of this type does; nil for every other type.
    public static func action(of type: EventType) -> Action? {
        switch type {
        case .writeRowsV0, .writeRowsV1, .writeRows: .insert
        case .updateRowsV0, .updateRowsV1, .updateRows: .update
        case .deleteRowsV0, .deleteRowsV1, .deleteRows: .delete
        case .partialUpdateRows: .partialUpdate
        default: nil
        }
    }

    /// Reads the head of a whole event.
    ///
    /// - Parameter postHeaderLength: What the file's FORMAT_DESCRIPTION says of the event's type; nil takes what today's servers write.
    /// - Throws: ``CodecError`` for bytes that are no row event.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm, postHeaderLength: UInt8? = nil) throws(CodecError) {
        let header = try EventHeader(decoding: event)
        let body = try eventBody(event, header: header, checksum: checksum)
        try self.init(header.type, body: body, bodyByteCount: body.byteCount, postHeaderLength: postHeaderLength)
    }

    /// Reads the head of an event of which only as much needs to be there. Of one that MariaDB compressed, ``rows`` are the compressed
    /// bytes.
    public init(decodingHead event: RawSpan, checksum: ChecksumAlgorithm, postHeaderLength: UInt8? = nil) throws(CodecError) {
        let head = try EventHead(decoding: event, checksum: checksum)
        let type = CompressedEventReader.ordinaryType(of: head.header.type) ?? head.header.type
        try self.init(type, body: head.body, bodyByteCount: head.bodyByteCount, postHeaderLength: postHeaderLength)
    }

    private init(_ type: EventType, body: RawSpan, bodyByteCount: Int, postHeaderLength: UInt8?) throws(CodecError) {
        guard let action = Self.action(of: type) else {
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected row changes, found \(type)")
        }
        var reader = ByteReader(body)
        self.action = action
        tableID = try reader.integer(byteCount: postHeaderLength == 6 ? 4 : 6)
        flags = Flags(rawValue: try reader.uint16())
        if Self.hasExtraData(type) { try decodeExtraData(&reader) }
        let count = try reader.lengthEncodedInteger()
        guard count > 0, count <= UInt64(TableMapEvent.maxColumns) else {
            throw CodecError(.invalid, at: EventHeader.byteCount + reader.offset, "rows of \(count) columns")
        }
        columnCount = Int(count)
        let bitmapLength = (Int(count) + 7) / 8
        beforeColumns = try reader.bytes(bitmapLength).array
        if action == .update || action == .partialUpdate {
            afterColumns = try reader.bytes(bitmapLength).array
        } else {
            afterColumns = beforeColumns
        }
        let start = EventHeader.byteCount + reader.offset
        rows = start..<EventHeader.byteCount + bodyByteCount
    }

    private static func hasExtraData(_ type: EventType) -> Bool {
        type.rawValue >= EventType.writeRows.rawValue
    }

    /// The variable part of a version 2 header; its length counts its own two bytes.
    private mutating func decodeExtraData(_ reader: inout ByteReader) throws(CodecError) {
        let length = Int(try reader.uint16())
        guard length >= 2 else { throw CodecError(.invalid, at: EventHeader.byteCount + reader.offset, "extra data of \(length) bytes") }
        var extra = ByteReader(try reader.bytes(length - 2))
        while !extra.isAtEnd {
            switch try extra.uint8() {
            case 0:
                // The length counts itself and the format byte.
                let total = Int(try extra.uint8())
                let format = try extra.uint8()
                guard total >= 2 else {
                    throw CodecError(.invalid, at: EventHeader.byteCount + reader.offset, "NDB info of \(total) bytes")
                }
                ndbInfo = [UInt8(total), format] + (try extra.bytes(total - 2).array)
            case 1:
                partition = try extra.uint16()
                if action == .update || action == .partialUpdate { sourcePartition = try extra.uint16() }
            // A kind that is not known has a length that is not known.
            default: extra = ByteReader(extra.rest().extracting(last: 0))
            }
        }
    }
}
