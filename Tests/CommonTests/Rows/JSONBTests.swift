@testable import Common
import Testing

@Suite struct JSONBTests {
    private func text(_ document: [UInt8]) throws -> String {
        var sink = ByteSink()
        try document.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONBWriter.write(text: bytes, into: &sink) }
        return sink.string
    }

    private func sql(_ document: [UInt8]) throws -> String {
        var sink = ByteSink()
        var scratch = ByteSink()
        try document.span.bytes.withUnsafeBytes { bytes throws(CodecError) in
            try JSONBWriter.write(sql: bytes, scratch: &scratch, into: &sink)
        }
        return sink.string
    }

    private func node(_ document: [UInt8]) throws -> JSONNode {
        try document.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONNode(document: bytes) }
    }

    private func apply(_ diffs: [UInt8], to document: [UInt8]) throws -> [UInt8] {
        try diffs.span.bytes.withUnsafeBytes { diffs throws(CodecError) in
            try document.span.bytes.withUnsafeBytes { document throws(CodecError) in try JSONDiff.apply(diffs, to: document) }
        }
    }

    /// One change: its operation, path and value.
    private func diff(_ operation: JSONDiff.Operation, _ path: String, _ value: [UInt8] = []) -> [UInt8] {
        var bytes = [operation.rawValue]
        bytes.append(lengthEncoded: Array(path.utf8))
        if operation != .remove { bytes.append(lengthEncoded: value) }
        return bytes
    }

    private let two: [UInt8] = [5, 2, 0]
    /// {"a": 1, "b": [true, null]}
    private let sample: [UInt8] = [
        0, 2, 0, 32, 0, 18, 0, 1, 0, 19, 0, 1, 0, 5, 1, 0, 2, 20, 0, 0x61, 0x62, 2, 0, 12, 0, 4, 1, 0, 4, 0, 0, 0, 0,
    ]

    @Test("scalars")
    func scalars() throws {
        #expect(try text([]) == "null")
        #expect(try text([4, 1]) == "true")
        #expect(try text([5, 0xff, 0xff]) == "-1")
        #expect(try text([6, 0xff, 0xff]) == "65535")
        #expect(try text([12, 3] + Array("a\"b".utf8)) == #""a\"b""#)
        #expect(try text([11] + [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]) == "1.0")
        #expect(try text([15, 246, 4, 3, 2, 0x81, 0x05]) == "1.05")
        #expect(try text([15, 16, 2, 1, 5]) == #""base64:type16:AQU=""#)
        #expect(throws: CodecError.self) { try text([14]) }
        #expect(throws: CodecError.self) { try text([12, 9, 0x61]) }
    }

    @Test("SQL casts the text where that makes the same types, and builds the document where it does not")
    func expressions() throws {
        #expect(try sql([4, 0]) == "CAST(_utf8mb4'null' AS JSON)")
        #expect(try sql([6, 5, 0]) == "JSON_EXTRACT(JSON_ARRAY(CAST(5 AS UNSIGNED)),'$[0]')")
        #expect(try sql(sample) == #"CAST(_utf8mb4'{"a": 1, "b": [true, null]}' AS JSON)"#)
        #expect(try sql([12, 2, 0xc3, 0xa9]) == "CAST(_utf8mb4 x'22c3a922' AS JSON)")
    }

    @Test("a tree is written as it was read")
    func roundTrip() throws {
        let document = try node(sample).document
        #expect(try text(document) == #"{"a": 1, "b": [true, null]}"#)
        let recorded = try RecordedTables("rows-mysql-9.7.4-full.000001")
        for case let document? in recorded.tables.values.flatMap(\.values).joined().map(\.document) {
            #expect(try text(try node(document).document) == text(document))
        }
        for row in recorded.tables["special"] ?? [:] {
            let document = row.value[1].document ?? []
            if !document.isEmpty { #expect(try node(document).document == document, "as the server laid it out: \(row.key)") }
        }
    }

    @Test("what does not fit the small format is written in the large one")
    func largeFormat() throws {
        let string: [UInt8] = [12, 0xf0, 0xa2, 0x04] + [UInt8](repeating: 0x7a, count: 70_000)
        let inner = JSONNode.array([try node(two), try node([7, 1, 0, 1, 0])])
        let big = JSONNode.object([.init(key: [0x6b], value: try node(string)), .init(key: [0x6c], value: inner)])
        let document = big.document
        #expect(document[0] == JSONB.largeObject)
        #expect(try node(document) == big)
        #expect(try text(document).hasSuffix("zz\", \"l\": [2, 65537]}"))
    }

    @Test("changes replace, insert and remove, the order of members kept")
    func diffs() throws {
        #expect(try text(apply(diff(.replace, "$.a", two), to: sample)) == #"{"a": 2, "b": [true, null]}"#)
        #expect(
            try text(apply(diff(.insert, "$.aa", two) + diff(.insert, "$.\"0 \"", two), to: sample))
                == #"{"a": 1, "b": [true, null], "0 ": 2, "aa": 2}"#)
        #expect(try text(apply(diff(.insert, "$.b[1]", two), to: sample)) == #"{"a": 1, "b": [true, 2, null]}"#)
        #expect(try text(apply(diff(.insert, "$.b[7]", two), to: sample)) == #"{"a": 1, "b": [true, null, 2]}"#)
        #expect(try text(apply(diff(.remove, "$.b[0]") + diff(.remove, "$.a"), to: sample)) == #"{"b": [null]}"#)
        #expect(try text(apply(diff(.replace, "$", two), to: sample)) == "2")
        #expect(throws: CodecError.self) { try apply(diff(.replace, "$.c", two), to: sample) }
        #expect(throws: CodecError.self) { try apply(diff(.remove, "$.a[0]"), to: sample) }
        #expect(throws: CodecError.self) { try apply(diff(.remove, "$.*"), to: sample) }
        #expect(throws: CodecError.self) { try apply([7, 1, 0x24], to: sample) }
    }

    @Test("a document that contains itself or is too deep is an error")
    func hostile() throws {
        // An array whose two elements both are at offset 4 of the rest, that is, share their bytes at every level.
        var bomb: [UInt8] = []
        for _ in 0..<60 { bomb += [2, 0, 0xff, 0xff, 2, 10, 0, 2, 10, 0] }
        for start in stride(from: 0, to: bomb.count, by: 10) {
            let size = bomb.count - start
            bomb[start + 2] = UInt8(size & 255)
            bomb[start + 3] = UInt8(size >> 8)
        }
        #expect(throws: CodecError.self) { try text([2] + bomb) }
        #expect(throws: CodecError.self) { try node([2] + bomb) }
        var deep = JSONNode.array([])
        for _ in 0..<100 { deep = .array([deep]) }
        #expect(throws: CodecError.self) { try text(deep.document) }
        guard case .array(let inner) = deep else { return }
        #expect(try text(inner[0].document).hasPrefix("[[["))
        // An element that points back at its own array.
        #expect(throws: CodecError.self) { try text([2, 1, 0, 7, 0, 2, 0, 0]) }
    }
}
