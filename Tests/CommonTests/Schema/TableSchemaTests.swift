import Testing

@testable import Common

@Suite struct TableSchemaTests {
    private static func tables(_ text: String) throws -> [TableSchema] { try TableSchema.tables(parsing: Array(text.utf8)) }

    private static let dump = """
        -- MySQL dump 10.13  it's a comment; CREATE TABLE no (id int);
        /*!40101 SET NAMES utf8mb4 */;
        /*M!999999\\- enable the sandbox mode */
        USE `shop`;
        DROP TABLE IF EXISTS `or``ders`;
        /*!50503 SET character_set_client = utf8mb4 */;
        CREATE TABLE `or``ders` (
          `id` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'a, b) and `c`',
          `primary` varchar(20) COLLATE utf8mb4_bin DEFAULT 'it''s; (',
          `name` char(10) CHARACTER SET latin1 NOT NULL DEFAULT '',
          `state` enum('new','it''s, done','grün') DEFAULT 'new',
          `flags` set('a','b') CHARACTER SET ucs2 COLLATE ucs2_general_ci,
          `price` decimal(10,2) DEFAULT '0.00',
          `whole` decimal(8,0) unsigned zerofill,
          `sum` int GENERATED ALWAYS AS ((`id` + 1)) VIRTUAL,
          `kept` int GENERATED ALWAYS AS (`id` + 1) STORED NOT NULL,
          `hidden` int DEFAULT NULL /*!80023 INVISIBLE */,
          `at` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
          `data` varbinary(16) DEFAULT (uuid_to_bin(uuid())),
          `bits` bit(3) DEFAULT b'101',
          PRIMARY KEY (`name`(3),`id` DESC) USING BTREE,
          UNIQUE KEY `k` (`price`,`at`),
          CONSTRAINT `c` CHECK ((`id` > 0)),
          FOREIGN KEY (`id`) REFERENCES `x` (`id`) ON DELETE CASCADE
        ) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb3 COMMENT='CREATE TABLE x (y int)'
        /*!50100 PARTITION BY RANGE (`id`) (PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB) */;
        INSERT INTO `or``ders` VALUES (1,'USE other; CREATE TABLE z (a int);'),(2,'\\'');
        CREATE TABLE other.plain (id INT PRIMARY KEY, v TEXT, w JSON);
        CREATE TEMPORARY TABLE passing (id int);
        CREATE TABLE made LIKE plain;
        """

    @Test func `what a dump makes is read, and the rest is passed over`() throws {
        let tables = try Self.tables(Self.dump)
        #expect(tables.map(\.database) == ["shop", "other"])
        #expect(tables.map(\.name) == ["or`ders", "plain"])
        let orders = tables[0]
        let names = ["id", "primary", "name", "state", "flags", "price", "whole", "sum", "kept", "hidden", "at", "data", "bits"]
        #expect(orders.columns.map(\.name) == names)
        let column = Dictionary(uniqueKeysWithValues: orders.columns.map { ($0.name, $0) })
        #expect(column["id"]?.isUnsigned == true && column["whole"]?.isUnsigned == true && column["price"]?.isUnsigned == false)
        #expect(column["primary"]?.charset == .utf8mb4 && column["name"]?.charset == .latin1 && column["flags"]?.charset == .ucs2)
        #expect(column["state"]?.labels == ["new", "it's, done", "grün"] && column["state"]?.charset == .utf8mb3)
        #expect(column["price"]?.numbers == [10, 2] && column["at"]?.numbers == [6])
        #expect(orders.columns.filter(\.isVirtual).map(\.name) == ["sum"])
        #expect(orders.columns.filter { !$0.isVisible }.map(\.name) == ["hidden"])
        #expect(orders.primaryKey.map(\.column) == ["name", "id"] && orders.primaryKey.map(\.prefixLength) == [3, 0])
        #expect(tables[1].primaryKey.map(\.column) == ["id"])
    }

    @Test func `triggers, foreign keys, generated columns and versions of rows are told`() throws {
        let tables = try Self.tables(
            """
            USE shop;
            CREATE TABLE parent (id int PRIMARY KEY, a int, v int AS (a + 1), s int GENERATED ALWAYS AS (a * 2) STORED);
            CREATE TABLE `child` (
              `id` int, `p` int, `q` int REFERENCES parent(a) ON UPDATE SET NULL,
              CONSTRAINT `both` FOREIGN KEY `k` (`p`,`q`) REFERENCES `other`.`parent` (`id`, `a`) ON DELETE CASCADE ON UPDATE NO ACTION,
              CONSTRAINT `pk` PRIMARY KEY (`id`)
            );
            ALTER TABLE child ADD CONSTRAINT late FOREIGN KEY (p) REFERENCES parent (id) MATCH FULL ON UPDATE CASCADE ON DELETE SET DEFAULT;
            DELIMITER ;;
            /*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `t1` AFTER UPDATE ON `parent` FOR EACH ROW BEGIN
              INSERT INTO child VALUES (1, 2, 3); UPDATE child SET p = 1; END */;;
            CREATE DEFINER=x@y PROCEDURE p() BEGIN CREATE TABLE inside (id int); END;;
            DELIMITER ;
            CREATE TRIGGER shop.t2 BEFORE INSERT ON parent FOR EACH ROW SET @a = 1;
            CREATE TABLE old (id int) ENGINE=InnoDB WITH SYSTEM VERSIONING;
            """)
        let parent = try #require(tables.first { $0.name == "parent" })
        let child = try #require(tables.first { $0.name == "child" })
        #expect(parent.triggers == ["t1", "t2"] && child.triggers == [])
        #expect(
            parent.columns.map(\.isGenerated) == [false, false, true, true]
                && parent.columns.map(\.isVirtual) == [false, false, true, false])
        #expect(child.primaryKey.map(\.column) == ["id"])
        var inline = ForeignKey(name: "", columns: ["q"], parentDatabase: "shop", parentTable: "parent", parentColumns: ["a"])
        inline.onUpdate = .setNull
        var both = ForeignKey(
            name: "both", columns: ["p", "q"], parentDatabase: "other", parentTable: "parent", parentColumns: ["id", "a"])
        (both.onDelete, both.onUpdate) = (.cascade, .noAction)
        var late = ForeignKey(name: "late", columns: ["p"], parentDatabase: "shop", parentTable: "parent", parentColumns: ["id"])
        (late.onDelete, late.onUpdate) = (.setDefault, .cascade)
        #expect(child.foreignKeys == [inline, both, late])
        #expect(tables.filter(\.isVersioned).map(\.name) == ["old"])
    }

    @Test func `SHOW CREATE TABLE names no database`() throws {
        let text = """
            *************************** 1. row ***************************
                   Table: a
            Create Table: CREATE TABLE `a` (
              `id` int NOT NULL
            ) ENGINE=InnoDB DEFAULT CHARSET=latin1
            *************************** 1. row ***************************
                   Table: b
            Create Table: CREATE TABLE "b" (
              "id" int NOT NULL, "t" text
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci
            """
        let tables = try Self.tables(text)
        #expect(tables.map(\.name) == ["a", "b"] && tables.map(\.database) == ["", ""])
        #expect(tables[1].columns[1].charset == .utf8mb4)
    }

    @Test(arguments: ["CREATE TABLE a (id int", "CREATE TABLE a (id int,", "CREATE TABLE a (`id", "CREATE TABLE a (id enum('a", "/* open"])
    func `what is cut off is refused`(text: String) { #expect(throws: CodecError.self) { try Self.tables(text) } }

    @Test func `Mutation: a changed dump is read or refused`() {
        let bytes = Array(Self.dump.utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var changed = bytes
            for _ in 0..<3 {
                changed[Int.random(in: 0..<bytes.count, using: &generator)] = Array("(),;`'\"*/\\ ax0\u{1}".utf8).randomElement(
                    using: &generator)!
            }
            _ = try? TableSchema.tables(parsing: changed)
        }
    }

    // MARK: - In a binlog

    private static func map(_ columns: [(ColumnType, Int)]) throws -> TableMapEvent {
        var body: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 1, UInt8(ascii: "d"), 0, 1, UInt8(ascii: "t"), 0, UInt8(columns.count)]
        var metadata: [UInt8] = []
        for (type, value) in columns {
            body.append(type == .enumeration ? ColumnType.string.rawValue : type.rawValue)
            switch type {
            case .varchar: metadata += [UInt8(value & 255), UInt8(value >> 8)]
            case .string, .enumeration: metadata += [type.rawValue, UInt8(value)]
            case .newDecimal: metadata += [UInt8(value >> 8), UInt8(value & 255)]
            case .blob, .dateTime2: metadata.append(UInt8(value))
            default: break
            }
        }
        body += [UInt8(metadata.count)] + metadata + [UInt8](repeating: 0, count: (columns.count + 7) / 8)
        var bytes: [UInt8] = []
        EventHeader(type: .tableMap, serverID: 1, eventLength: UInt32(EventHeader.byteCount + body.count)).encode(into: &bytes)
        bytes += body
        return try TableMapEvent(decoding: bytes.span.bytes, checksum: .none)
    }

    private static let schema = """
        CREATE TABLE t (id int unsigned, v varchar(10), e enum('x','y'), d decimal(5,1), b blob, g int AS (id) VIRTUAL, a datetime(3))
        DEFAULT CHARSET=latin1
        """

    private static let columns: [(ColumnType, Int)] = [
        (.long, 0), (.varchar, 10), (.enumeration, 1), (.newDecimal, 5 << 8 | 1), (.blob, 2), (.long, 0), (.dateTime2, 3),
    ]

    @Test func `a table that fits gets names, signs, charsets and labels`() throws {
        let schema = try #require(try Self.tables(Self.schema).first)
        var map = try Self.map(Self.columns)
        try schema.apply(to: &map)
        #expect(map.columns.map(\.name) == ["id", "v", "e", "d", "b", "g", "a"])
        #expect(map.columns[0].isUnsigned == true && map.columns[3].isUnsigned == false)
        #expect(map.columns[1].charset == .latin1 && map.columns[4].charset == .binary)
        #expect(map.columns[2].labels == [Array("x".utf8), Array("y".utf8)] && map.columns[2].labelCharset == .utf8mb4)
    }

    @Test func `a binlog may be without the columns that are computed anew`() throws {
        let schema = try #require(try Self.tables(Self.schema).first)
        var map = try Self.map(Self.columns.enumerated().filter { $0.offset != 5 }.map(\.element))
        try schema.apply(to: &map)
        #expect(map.columns.map(\.name) == ["id", "v", "e", "d", "b", "a"])
    }

    @Test func `a table of another shape is left as it is`() throws {
        let schema = try #require(try Self.tables(Self.schema).first)
        var others: [[(ColumnType, Int)]] = [Array(Self.columns.dropLast(2)), Self.columns + [(.long, 0)]]
        for (index, other) in [
            (ColumnType.longLong, 0), (.varchar, 9), (.enumeration, 2), (.newDecimal, 5 << 8 | 2), (.blob, 3), (.varchar, 10),
            (.dateTime2, 6),
        ].enumerated() {
            var columns = Self.columns
            columns[index] = other
            others.append(columns)
        }
        for columns in others {
            var map = try Self.map(columns)
            let before = map
            #expect(throws: TableSchema.Mismatch.self) { try schema.apply(to: &map) }
            #expect(map == before)
        }
    }
}
