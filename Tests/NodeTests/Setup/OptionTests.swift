import Common
import Foundation
import Testing

@testable import kingbus_node

@Suite struct OptionTests {
    @Test(arguments: [
        ("512", 512 as UInt64), ("1KiB", 1024), ("64MiB", 64 << 20), ("1GiB", 1 << 30), ("2TiB", 2 << 40), ("1kb", 1000),
        ("3MB", 3_000_000),
        ("1gb", 1_000_000_000), ("7B", 7), ("0", 0),
    ])
    func `sizes are read`(text: String, bytes: UInt64) throws {
        #expect(try Quantities.bytes(text, option: "x") == bytes)
    }

    @Test(arguments: ["", "MiB", "-1", "1.5GiB", "1 GiB", "99999999999TiB", "18446744073709551616", "x", "1QiB"])
    func `what is no size names its option`(text: String) {
        let error = #expect(throws: SetupError.self) { try Quantities.bytes(text, option: "segment-size") }
        #expect(error?.exitCode == 64)
        #expect(error?.description.contains("--segment-size") == true)
    }

    @Test(arguments: [
        ("100ms", 100_000_000 as Int64), ("5s", 5_000_000_000), ("2m", 120_000_000_000), ("1h", 3_600_000_000_000),
        ("7d", 604_800_000_000_000), ("9us", 9000),
    ])
    func `durations are read`(text: String, nanoseconds: Int64) throws {
        #expect(try Quantities.nanoseconds(text, option: "x") == nanoseconds)
    }

    @Test(arguments: ["", "5", "-1s", "1.5s", "s", "9999999999999d"]) func `what is no duration is refused`(text: String) {
        #expect(throws: SetupError.self) { try Quantities.nanoseconds(text, option: "x") }
    }

    @Test func `free space is a share or a size`() throws {
        #expect(try MinimumFree(parsing: "5%").bytes(of: 1000) == 50)
        #expect(try MinimumFree(parsing: "0%").bytes(of: 1000) == 0)
        #expect(try MinimumFree(parsing: "10GiB").bytes(of: 1000) == 10 << 30)
        for text in ["100%", "%", "-1%", "x", ""] { #expect(throws: SetupError.self) { try MinimumFree(parsing: text) } }
    }

    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "kingbus-options-\(UInt32.random(in: .min ... .max)).yaml").path
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func `the environment is over the file`() throws {
        try withFile("name: f\ndata-dir: /f\nupstream: [mysql://a@x, mysql://b@y]\ninsecure: yes\n") { path in
            let sources = try OptionSources(
                environment: ["KINGBUS_DATA_DIR": "/e", "KINGBUS_NAME": ""], path: path,
                known: ["name", "data-dir", "upstream", "insecure", "mysql-require-tls"])
            #expect(sources.value("data-dir") == "/e")
            #expect(sources.value("name") == "f")
            #expect(sources.values("upstream") == ["mysql://a@x", "mysql://b@y"])
            let isInsecure = try sources.flag("insecure")
            #expect(isInsecure)
            let isRequired = try sources.flag("mysql-require-tls")
            #expect(!isRequired)
        }
        let sources = try OptionSources(environment: ["KINGBUS_UPSTREAM": "mysql://a@x,mysql://b@y"], path: nil, known: [])
        #expect(sources.values("upstream") == ["mysql://a@x", "mysql://b@y"])
    }

    @Test(arguments: ["nmae: n1\n", "- a\n- b\n", "name: {a: b}\n", "name: [\n", "just words"])
    func `a file that says something else is refused`(text: String) throws {
        try withFile(text) { path in
            let error = #expect(throws: SetupError.self) { try OptionSources(environment: [:], path: path, known: ["name"]) }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func `an empty file holds no options, and a missing one is an error`() throws {
        try withFile("# nothing\n") { path in
            let sources = try OptionSources(environment: [:], path: path, known: ["name"])
            #expect(sources.value("name") == nil)
        }
        #expect(throws: SetupError.self) { try OptionSources(environment: [:], path: "/nowhere/x.yaml", known: []) }
    }

    @Test func `a flag that is neither true nor false is refused`() throws {
        let sources = try OptionSources(environment: ["KINGBUS_INSECURE": "perhaps"], path: nil, known: [])
        #expect(throws: SetupError.self) { try sources.flag("insecure") }
    }
}

@Suite struct LineLogHandlerTests {
    @Test(arguments: [
        ("plain", "plain"), ("", "\"\""), ("a b", "\"a b\""), ("a\"\\", "\"a\\\"\\\\\""), ("x\r\nfaked info", "\"x\\r\\nfaked info\""),
        ("\u{1b}[2J", "\"\\u{1b}[2J\""), ("a\u{2028}b\u{85}", "\"a\\u{2028}b\\u{85}\""), ("\t", "\"\\t\""),
    ])
    func `a detail stays on its line, whatever a client put into it`(text: String, expected: String) {
        #expect(LineLogHandler.quoted(text) == expected)
    }

    @Test func `a message stays on its line`() {
        #expect(LineLogHandler.onOneLine("the upstream says: no\r\nway \u{1b}[0m") == "the upstream says: no\\r\\nway \\u{1b}[0m")
        #expect(LineLogHandler.onOneLine("ä \"quoted\" \\ word") == "ä \"quoted\" \\ word")
    }
}
