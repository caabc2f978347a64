import Foundation
import Testing

/// binlog-inspect beside the servers' own tools, which must tell the same of each file, value by value.
@Suite(.serialized)
struct InspectComparisonTests {
    /// What the stock tool and binlog-inspect say of files that they do not read to the end.
    private static let refusals: [String: (stock: String, here: String?)] = [
        "mariadb-10.11.19-encrypted.000001": ("Could not read entry at offset 296", "the file is encrypted from here on"),
        "rows-mariadb-10.11.000002": ("code(1)", "rows of `r`.`hires` cannot be read by what the binlog tells"),
    ]

    @Test("each file of the corpus is what the stock tool makes of it", arguments: CorpusFiles.names)
    func corpus(_ name: String) async throws {
        // mysqlbinlog does not read the row events of MySQL 5.5.
        let comparison = BinlogComparison(tool: name.contains("mariadb") || name.contains("sakila") ? .mariadbBinlog : .mysqlbinlog)
        let outcome = try await comparison.compare(CorpusFiles.path(name))
        #expect(outcome.differences.isEmpty, "\(outcome.differences.prefix(20).joined(separator: "\n"))")
        #expect(outcome.events > 0)
        let expected = Self.refusals[name]
        #expect(
            outcome.stockRefusal?.contains(expected?.stock ?? "nothing") ?? (expected == nil),
            "\(outcome.stockRefusal ?? "read to the end")")
        #expect(
            outcome.refusal?.contains(expected?.here ?? "nothing") ?? (expected?.here == nil), "\(outcome.refusal ?? "read to the end")")
    }

    private static let database = "sh`op-1"

    /// The scripts that fill tables of every type and change them, without the rows of a megabyte, whose text would be four times as long.
    ///
    /// - Parameter isShort: whether the values of 30 to 100 kB are shortened to a hundredth.
    private func workload(_ kind: ScriptedServer.Kind, isShort: Bool) throws -> [Data] {
        try ["types", "\(kind)-types", "\(kind)-changes", "changes"].map { name in
            var text = try SQLScripts.text(name).split(separator: "\n").filter { !$0.contains(" large ") }.joined(separator: "\n")
            if isShort { text = text.replacing(/,(\d+)0000\)/) { ",\($0.1)00)" } }
            return Data(text.utf8)
        }
    }

    /// What of a server's settings changes the form of its events.
    private static func settings(_ kind: ScriptedServer.Kind) -> [String] {
        let images = ["FULL", "MINIMAL", "NOBLOB"].flatMap { image in
            ["FULL", "MINIMAL"].map { "binlog_row_image=\(image), GLOBAL binlog_row_metadata=\($0)" }
        }
        switch kind {
        case .mysql:
            return images + [
                "binlog_transaction_compression=ON", "binlog_row_value_options=PARTIAL_JSON", "binlog_rows_query_log_events=ON",
            ]
        case .mariadb:
            return images + [
                "binlog_row_metadata=NO_LOG", "log_bin_compress=ON, GLOBAL log_bin_compress_min_len=10", "binlog_annotate_row_events=ON",
            ]
        }
    }

    private static func defaults(_ kind: ScriptedServer.Kind) -> String {
        let common = "binlog_row_image=FULL, GLOBAL binlog_row_metadata=FULL"
        return switch kind {
        case .mysql:
            "\(common), GLOBAL binlog_transaction_compression=OFF, GLOBAL binlog_row_value_options='', GLOBAL binlog_rows_query_log_events=OFF"
        case .mariadb: "\(common), GLOBAL log_bin_compress=OFF"
        }
    }

    @Test("what a server writes under any setting is what its own tool makes of it", arguments: ScriptedServer.Kind.allCases)
    func workloads(_ kind: ScriptedServer.Kind) async throws {
        let server = try await ScriptedServer.start(kind, options: kind == .mariadb ? ["--binlog-format=ROW"] : [])
        for (place, settings) in Self.settings(kind).enumerated() {
            try await server.clear([Self.database])
            try await server.run("SET GLOBAL \(Self.defaults(kind)); SET GLOBAL \(settings)")
            for script in try workload(kind, isShort: place > 0) { try await server.run(script) }
            if kind == .mysql {
                try await server.run(
                    "SET gtid_next='AUTOMATIC:blue'; UPDATE `\(Self.database.replacing("`", with: "``"))`.numbers SET i=8 WHERE id=100")
            }
            let outcome = try await BinlogComparison(tool: kind == .mysql ? .mysqlbinlog : .mariadbBinlog).compare(
                try server.newestBinlog())
            #expect(outcome.differences.isEmpty, "\(settings):\n\(outcome.differences.prefix(20).joined(separator: "\n"))")
            #expect(outcome.stockRefusal == nil && outcome.refusal == nil, "\(outcome)")
            #expect(outcome.rows > 100 && outcome.values > 1000 && outcome.events > 200, "\(outcome)")
        }
    }
}
