/// LOAD, NEW_LOAD or CREATE_FILE: a LOAD DATA INFILE as servers before MySQL 5.0.3 wrote it; newer ones may still pass it on.
///
/// LOAD and NEW_LOAD differ in how they hold the clauses' strings; CREATE_FILE also carries the file's first block, more of which
/// follow in APPEND_BLOCK events until an EXEC_LOAD. Source: `Load_log_event` and `Create_file_log_event` in MariaDB's `log_event.h`
/// and `.cc`.
public struct LoadEvent: ~Escapable {
    /// What the FIELDS and LINES clauses say.
    public struct Format: ~Escapable {
        /// Bits that say what stands before INTO TABLE and whether fields may be unquoted.
        public struct Options: OptionSet, Hashable, Sendable {
            public var rawValue: UInt8
            public init(rawValue: UInt8) { self.rawValue = rawValue }

            public static let optionallyEnclosed = Options(rawValue: 2)
            public static let replace = Options(rawValue: 4)
            public static let ignore = Options(rawValue: 8)
        }

        public let fieldTerminator: RawSpan
        public let fieldEnclosure: RawSpan
        public let lineTerminator: RawSpan
        public let lineStart: RawSpan
        public let escape: RawSpan
        public let options: Options

        /// Each string behind its length.
        @_lifetime(copy reader)
        fileprivate init(from reader: inout ByteReader) throws(CodecError) {
            fieldTerminator = try reader.bytes(Int(try reader.uint8()))
            fieldEnclosure = try reader.bytes(Int(try reader.uint8()))
            lineTerminator = try reader.bytes(Int(try reader.uint8()))
            lineStart = try reader.bytes(Int(try reader.uint8()))
            escape = try reader.bytes(Int(try reader.uint8()))
            options = Options(rawValue: try reader.uint8())
        }

        /// One byte for each string, and a bit at the end for each that is empty.
        @_lifetime(copy reader)
        fileprivate init(fromOld reader: inout ByteReader) throws(CodecError) {
            let strings = try reader.bytes(5)
            options = Options(rawValue: try reader.uint8())
            let empty = try reader.uint8()
            fieldTerminator = strings.extracting(0..<(empty & 1 == 0 ? 1 : 0))
            fieldEnclosure = strings.extracting(1..<(empty & 2 == 0 ? 2 : 1))
            lineTerminator = strings.extracting(2..<(empty & 4 == 0 ? 3 : 2))
            lineStart = strings.extracting(3..<(empty & 8 == 0 ? 4 : 3))
            escape = strings.extracting(4..<(empty & 16 == 0 ? 5 : 4))
        }
    }

    public let threadID: UInt32
    /// Seconds that the statement took.
    public let executionTime: UInt32
    /// Lines of the file that are passed over.
    public let skippedLines: UInt32
    /// The number that the blocks of the file go by; nil where the file is not in the binlog.
    public let fileID: UInt32?
    public let format: Format
    public let columnCount: Int
    private let columns: RawSpan
    public let table: RawSpan
    public let database: RawSpan
    public let fileName: RawSpan
    /// The file's first block in a CREATE_FILE event, else empty.
    public let block: RawSpan

    /// Reads a whole event of one of the three types.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let header = try EventHeader(decoding: event)
        guard [.load, .newLoad, .createFile].contains(header.type) else {
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected a LOAD event, found \(header.type)")
        }
        let body = try eventBody(event, header: header, checksum: checksum)
        var reader = ByteReader(body)
        threadID = try reader.uint32()
        executionTime = try reader.uint32()
        skippedLines = try reader.uint32()
        let tableLength = Int(try reader.uint8())
        let databaseLength = Int(try reader.uint8())
        columnCount = Int(try reader.uint32())
        fileID = header.type == .createFile ? try reader.uint32() : nil
        format = header.type == .load ? try Format(fromOld: &reader) : try Format(from: &reader)
        let lengths = try reader.bytes(columnCount)
        let start = reader.offset
        for index in 0..<columnCount { try reader.skip(Int(lengths.byte(at: index)) + 1) }
        columns = body.extracting(start..<reader.offset)
        table = try Self.name(&reader, tableLength)
        database = try Self.name(&reader, databaseLength)
        if header.type == .createFile {
            fileName = try reader.nullTerminated()
            block = reader.rest()
        } else {
            // The terminating zero is not written.
            let rest = reader.rest()
            var end = 0
            while end < rest.byteCount, rest.byte(at: end) != 0 { end += 1 }
            fileName = rest.extracting(0..<end)
            block = rest.extracting(end..<end)
        }
    }

    @_lifetime(copy reader)
    private static func name(_ reader: inout ByteReader, _ length: Int) throws(CodecError) -> RawSpan {
        let name = try reader.bytes(length)
        try reader.skip(1)
        return name
    }

    /// Hands over the names of the columns that the file's fields go to; none stands for all of the table's.
    public func forEachColumn(_ body: (RawSpan) -> Void) {
        var reader = ByteReader(columns)
        while let name = try? reader.nullTerminated() { body(name) }
    }
}
