/// The session state that a QUERY event's statement depends on.
///
///     let query = try QueryEvent(decoding: event, checksum: .crc32)
///     let state = try QueryStatusVariables(decoding: query.statusVariables)
///     state.charset?.client  // the collation that the text is in
///
/// What a server was too old to write, or had no reason to, is nil. Sources: `Query_event_status_vars` in MySQL's
/// `statement_events.h`; the codes from 128 on are MariaDB's (`log_event.h`).
public struct QueryStatusVariables: ~Escapable {
    /// Session switches (`OPTIONS_WRITTEN_TO_BIN_LOG`).
    public struct Options: OptionSet, Hashable, Sendable {
        public var rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// `sql_auto_is_null=1`.
        public static let autoIsNull = Options(rawValue: 1 << 14)
        /// `autocommit=0`.
        public static let noAutocommit = Options(rawValue: 1 << 19)
        /// `foreign_key_checks=0`.
        public static let noForeignKeyChecks = Options(rawValue: 1 << 26)
        /// `unique_checks=0`.
        public static let relaxedUniqueChecks = Options(rawValue: 1 << 27)
    }

    /// Collation numbers.
    public struct Charset: Hashable, Sendable {
        /// What the statement's text is in.
        public var client: UInt16
        public var connection: UInt16
        public var server: UInt16
    }

    /// What MariaDB's two-phase ALTER TABLE does: in the flags of ``MariaDBGTIDEvent/ExtraFlags``.
    public struct Alter: Hashable, Sendable {
        public var flags: MariaDBGTIDEvent.ExtraFlags
        /// Sequence number of the group that began the ALTER.
        public var startSequence: UInt64?
    }

    private enum Code {
        static let options: UInt8 = 0
        static let sqlMode: UInt8 = 1
        static let terminatedCatalog: UInt8 = 2
        static let autoIncrement: UInt8 = 3
        static let charset: UInt8 = 4
        static let timeZone: UInt8 = 5
        static let catalog: UInt8 = 6
        static let timeNames: UInt8 = 7
        static let databaseCollation: UInt8 = 8
        static let updatedTables: UInt8 = 9
        static let originalEventLength: UInt8 = 10
        static let invoker: UInt8 = 11
        static let updatedDatabases: UInt8 = 12
        static let microseconds: UInt8 = 13
        static let explicitDefaultsForTimestamp: UInt8 = 16
        static let ddlXID: UInt8 = 17
        static let utf8mb4Collation: UInt8 = 18
        static let requiresPrimaryKey: UInt8 = 19
        static let encryptsTables: UInt8 = 20
        static let cascadesTriggers: UInt8 = 21
        static let mariaDBMicroseconds: UInt8 = 128
        static let mariaDBXID: UInt8 = 129
        static let mariaDBAlter: UInt8 = 130
        static let mariaDBCollations: UInt8 = 131
    }

    private static let collationPairByteCount = 4

    /// Names of databases that are written at most (`MAX_DBS_IN_EVENT_MTS`); of more, only that they are more.
    public static let maxUpdatedDatabases = 16

    private let span: RawSpan

    public private(set) var options: Options?
    public private(set) var sqlMode: UInt64?
    /// Always `std`, until there is another.
    public var catalog: RawSpan? { @_lifetime(copy self) get { text(catalogRange) } }
    private var catalogRange: Range<Int>?
    public private(set) var autoIncrementIncrement: UInt16?
    public private(set) var autoIncrementOffset: UInt16?
    public private(set) var charset: Charset?
    public var timeZone: RawSpan? { @_lifetime(copy self) get { text(timeZoneRange) } }
    private var timeZoneRange: Range<Int>?
    /// The number of the locale in lc_time_names.
    public private(set) var timeNames: UInt16?
    public private(set) var databaseCollation: UInt16?
    /// A bit for each table that a multi-table UPDATE changes.
    public private(set) var updatedTables: UInt64?
    /// In a relay log, the event's length at a source before 5.0, in bytes.
    public private(set) var originalEventLength: UInt32?
    /// The account that CURRENT_USER() names.
    public var invokerUser: RawSpan? { @_lifetime(copy self) get { text(invokerUserRange) } }
    private var invokerUserRange: Range<Int>?
    public var invokerHost: RawSpan? { @_lifetime(copy self) get { text(invokerHostRange) } }
    private var invokerHostRange: Range<Int>?
    /// How many databases the statement changes; nil where the server does not say or they are more than ``maxUpdatedDatabases``.
    public private(set) var updatedDatabaseCount: Int?
    private var updatedDatabases: Range<Int>?
    /// The microseconds of NOW(6).
    public private(set) var microseconds: UInt32?
    public private(set) var explicitDefaultsForTimestamp: Bool?
    /// The number by which the server's own two-phase commit knows a DDL statement.
    public private(set) var ddlXID: UInt64?
    /// The number of default_collation_for_utf8mb4.
    public private(set) var utf8mb4Collation: UInt16?
    public private(set) var requiresPrimaryKey: Bool?
    public private(set) var encryptsTables: Bool?
    /// enable_cascade_triggers, from MySQL 9.6 on.
    public private(set) var cascadesTriggers: Bool?
    /// MariaDB's two-phase ALTER TABLE.
    public private(set) var alter: Alter?
    /// MariaDB's character_set_collations, from 11.2 on: pairs of two collation numbers of two bytes each.
    public var collations: RawSpan? { @_lifetime(copy self) get { text(collationsRange) } }
    private var collationsRange: Range<Int>?
    /// The first variable that is not known. Its length is not either, so whatever stands behind it is not read.
    public private(set) var unknownCode: UInt8?

    /// Reads ``QueryEvent/statusVariables``.
    ///
    /// - Throws: `truncated` where a variable goes past the end; `invalid` where the changed databases are none.
    @_lifetime(copy span)
    public init(decoding span: RawSpan) throws(CodecError) {
        self.span = span
        var reader = ByteReader(span)
        while !reader.isAtEnd, unknownCode == nil {
            let code = try reader.uint8()
            switch code {
            case Code.catalog: catalogRange = try Self.text(&reader)
            case Code.terminatedCatalog:
                // MySQL 5.0.0 to 5.0.3.
                catalogRange = try Self.text(&reader)
                try reader.skip(1)
            case Code.timeZone: timeZoneRange = try Self.text(&reader)
            case Code.invoker:
                invokerUserRange = try Self.text(&reader)
                invokerHostRange = try Self.text(&reader)
            case Code.updatedDatabases:
                let count = Int(try reader.uint8())
                guard count > 0 else { throw CodecError(.invalid, at: reader.offset, "a statement changes no database") }
                guard count <= Self.maxUpdatedDatabases else { break }
                let start = reader.offset
                for _ in 0..<count { _ = try reader.nullTerminated() }
                updatedDatabaseCount = count
                updatedDatabases = start..<reader.offset
            case Code.mariaDBCollations:
                let count = Int(try reader.uint8()) * Self.collationPairByteCount
                try reader.skip(count)
                collationsRange = reader.offset - count..<reader.offset
            default: try readNumber(code, &reader)
            }
        }
    }

    /// Moves past a text behind its length, and returns where it stands.
    private static func text(_ reader: inout ByteReader) throws(CodecError) -> Range<Int> {
        let count = Int(try reader.uint8())
        try reader.skip(count)
        return reader.offset - count..<reader.offset
    }

    @_lifetime(copy self)
    private func text(_ range: Range<Int>?) -> RawSpan? {
        guard let range else { return nil }
        return span.extracting(range)
    }

    /// Reads a variable of fixed length.
    private mutating func readNumber(_ code: UInt8, _ reader: inout ByteReader) throws(CodecError) {
        switch code {
        case Code.options: options = Options(rawValue: try reader.uint32())
        case Code.sqlMode: sqlMode = try reader.uint64()
        case Code.autoIncrement:
            autoIncrementIncrement = try reader.uint16()
            autoIncrementOffset = try reader.uint16()
        case Code.charset:
            charset = Charset(client: try reader.uint16(), connection: try reader.uint16(), server: try reader.uint16())
        case Code.timeNames: timeNames = try reader.uint16()
        case Code.databaseCollation: databaseCollation = try reader.uint16()
        case Code.updatedTables: updatedTables = try reader.uint64()
        case Code.originalEventLength: originalEventLength = try reader.uint32()
        case Code.microseconds, Code.mariaDBMicroseconds: microseconds = try reader.uint24()
        case Code.explicitDefaultsForTimestamp: explicitDefaultsForTimestamp = try reader.uint8() != 0
        case Code.ddlXID, Code.mariaDBXID: ddlXID = try reader.uint64()
        case Code.utf8mb4Collation: utf8mb4Collation = try reader.uint16()
        case Code.requiresPrimaryKey: requiresPrimaryKey = try reader.uint8() != 0
        case Code.encryptsTables: encryptsTables = try reader.uint8() != 0
        case Code.cascadesTriggers: cascadesTriggers = try reader.uint8() != 0
        case Code.mariaDBAlter:
            let flags = MariaDBGTIDEvent.ExtraFlags(rawValue: try reader.uint8())
            alter = Alter(flags: flags, startSequence: flags.endsAlter ? try reader.uint64() : nil)
        default: unknownCode = code
        }
    }

    /// Hands over the names of the databases that the statement changes, in order.
    public func forEachUpdatedDatabase(_ body: (RawSpan) -> Void) {
        guard let updatedDatabases else { return }
        var reader = ByteReader(span.extracting(updatedDatabases))
        while let name = try? reader.nullTerminated() { body(name) }
    }
}
