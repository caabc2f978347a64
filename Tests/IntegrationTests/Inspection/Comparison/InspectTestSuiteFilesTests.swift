import Foundation
import Testing

/// The comparison with the stock tools over the binlog files of the servers' own test suites; with KINGBUS_LONG=1 only.
@Suite(.serialized)
struct InspectTestSuiteFilesTests {
    private static let isLong = ProcessInfo.processInfo.environment["KINGBUS_LONG"] == "1"

    /// What is said of a file that a tool does not read to its end; nil where it does.
    private struct Refusal {
        var stock: String?
        var here: String?
    }

    private static let tooOld = Refusal(here: "a binlog of MySQL 4.1 or older (Start_v3) is not read")
    private static let unordered = "stands outside any transaction"
    private static let cutStatement = "with a row event or a table map event that does not have the STMT_END_F flag set"

    /// By package and name; a file that stands there twice is the same.
    private static let refusals: [String: Refusal] = [
        "mariadb binlog_before_20574.bin": Refusal(here: "the file is encrypted from here on"),
        "mariadb binlog_old_version_4_1.000001": tooOld,
        "mariadb bug11747416_32228_binlog.000001": Refusal(here: "at byte 316: the file ends inside an event of 65567 bytes"),
        "mariadb bug32407.001": Refusal(stock: "signal(11)", here: "at byte 203: a Table_map event \(unordered)"),
        "mariadb bug40482-bin.000001": Refusal(stock: "Could not read entry at offset 106"),
        "mariadb bug47142_master-bin.000001": tooOld,
        "mariadb corrupt-relay-bin.000624": Refusal(stock: "read entry at offset 91204", here: "at byte 4264: a Xid event \(unordered)"),
        "mariadb invalid_row_v2_tag.001": Refusal(stock: "read entry at offset 256", here: "at byte 256: a Write_rows event \(unordered)"),
        "mariadb master-bin.000001": tooOld,
        "mariadb mdev-39404-binlog.000001": Refusal(stock: "read entry at offset 256", here: "at byte 256: an XID's parts have at most 64"),
        "mariadb mdev-4645-binlog_checksum.binlog": Refusal(here: "event headers of 23 bytes are not read"),
        "mariadb mdev-4645-binlog_group_id.binlog": Refusal(here: "event headers of 27 bytes are not read"),
        "mariadb mdev-4645-binlog_group_id_checksum.binlog": Refusal(here: "event headers of 31 bytes are not read"),
        "mariadb trunc_binlog.000001": tooOld,
        "mariadb ver_5_1-telco.001": Refusal(stock: "signal(11)", here: "at byte 421: a Table_map event \(unordered)"),
        "mariadb ver_5_1_17.001": Refusal(stock: "signal(11)", here: "at byte 421: a Table_map event \(unordered)"),
        "mariadb ver_5_1_23.001": Refusal(here: "at byte 425: a Table_map event \(unordered)"),
        "mysql binlog_no_fd_event.000001": Refusal(stock: "Found invalid event", here: "does not begin with a FORMAT_DESCRIPTION event"),
        "mysql binlog_truncated_event.000001": Refusal(stock: "truncated in the middle", here: "at byte 4: an event header needs 19 bytes"),
        "mysql binlog_truncated_prev_gtid_event.000001": Refusal(here: "at byte 120: an event header needs 19 bytes, 9 are there"),
        "mysql bug40482-bin.000001": Refusal(stock: "Found invalid event"),
        "mysql corrupt-relay-bin.000624": Refusal(
            stock: "with no matching Query_log_event", here: "at byte 4264: a Xid event \(unordered)"),
        "mysql orphan_xa_prepare.000001": Refusal(here: "at byte 236: a XA_prepare event stands right behind a GTID event"),
        "mysql orphan_xid.000001": Refusal(here: "at byte 509: a Xid event stands right behind a GTID event"),
        "mysql rpl_nogtid_encryption_master-bin.000002": Refusal(
            stock: "Reading encrypted log files directly is not supported", here: "the file is encrypted (binlog_encryption=ON)"),
        "mysql ver_5_1-wl2325_r.001": Refusal(stock: "Found invalid event", here: "at byte 428: a Xid event \(unordered)"),
        "mysql ver_5_1-wl2325_s.001": Refusal(stock: "Found invalid event", here: "at byte 411: needs 1 bytes, 0 are left"),
        "mysql ver_5_1_23.001": Refusal(stock: cutStatement, here: "at byte 425: a Table_map event \(unordered)"),
    ]

    @Test("each binlog file of the servers' test suites is what the stock tool makes of it", .enabled(if: isLong))
    func files() async throws {
        let (folder, names) = try await TestSuiteFiles.fetch()
        #expect(names.count > 100)
        var total = BinlogComparison.Outcome()
        for name in names {
            let package = name.prefix { $0 != "/" }
            // MariaDB's tool does not read MySQL 8.0's files.
            let tool: BinlogComparison.Tool = package == "mariadb" && !name.contains("mysql_80") ? .mariadbBinlog : .mysqlbinlog
            let outcome = try await BinlogComparison(tool: tool).compare("\(folder)/\(name)")
            total.add(outcome)
            if outcome.stockRefusal != nil {
                // Each tool reads some old files that the other one does not.
                let other = try await BinlogComparison(tool: tool == .mysqlbinlog ? .mariadbBinlog : .mysqlbinlog).compare(
                    "\(folder)/\(name)")
                total.add(other)
                #expect(other.differences.isEmpty, "\(name), by the other tool:\n\(other.differences.prefix(20).joined(separator: "\n"))")
            }
            #expect(outcome.differences.isEmpty, "\(name):\n\(outcome.differences.prefix(20).joined(separator: "\n"))")
            let expected = Self.refusals["\(package) \(name.split(separator: "/").last ?? "")"]
            #expect(Self.isAsExpected(outcome.refusal, expected?.here), "\(name): \(outcome.refusal ?? "is read to its end")")
            // Files that are to be read together with the one that follows.
            let isCut = outcome.stockRefusal?.contains(Self.cutStatement) ?? false
            #expect(
                isCut || Self.isAsExpected(outcome.stockRefusal, expected?.stock),
                "\(name): there \(outcome.stockRefusal ?? "it is read to its end")")
        }
        print(
            "\(names.count) files: \(total.events) events, \(total.statements) statements, \(total.rows) rows, \(total.values) values,",
            "\(total.differences.count) differences")
    }

    private static func isAsExpected(_ said: String?, _ wanted: String?) -> Bool {
        guard let said, let wanted else { return said == nil && wanted == nil }
        return said.contains(wanted)
    }
}
