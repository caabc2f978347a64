/// A path into a JSON document as a change names it: `$.a."b c"[3]`.
struct JSONPath: Hashable, Sendable {
    enum Leg: Hashable, Sendable {
        case member([UInt8])
        case element(Int)
    }

    var legs: [Leg] = []

    /// Reads a path without wildcards.
    init(parsing text: UnsafeRawBufferPointer) throws(CodecError) {
        var offset = 1
        func invalid() -> CodecError { CodecError(.invalid, at: offset, "no JSON path: \(String(decoding: text, as: UTF8.self))") }
        guard text.first == UInt8(ascii: "$") else { throw invalid() }
        while offset < text.count {
            guard legs.count < JSONB.maxDepth else { throw invalid() }
            switch text[offset] {
            case UInt8(ascii: "["):
                offset += 1
                var index = 0
                let start = offset
                while offset < text.count, text[offset] != UInt8(ascii: "]") {
                    let digit = Int(text[offset]) - 48
                    guard (0...9).contains(digit), index <= Int(UInt32.max) else { throw invalid() }
                    index = index * 10 + digit
                    offset += 1
                }
                guard offset < text.count, offset > start else { throw invalid() }
                offset += 1
                legs.append(.element(index))
            case UInt8(ascii: "."):
                offset += 1
                if offset < text.count, text[offset] == UInt8(ascii: "\"") {
                    legs.append(.member(try Self.quoted(text, &offset)))
                } else {
                    let start = offset
                    while offset < text.count, text[offset] != UInt8(ascii: "."), text[offset] != UInt8(ascii: "[") { offset += 1 }
                    guard offset > start else { throw invalid() }
                    legs.append(.member([UInt8](text[start..<offset])))
                }
            default: throw invalid()
            }
        }
    }

    /// Reads a JSON string from its opening quote to behind its closing one.
    private static func quoted(_ text: UnsafeRawBufferPointer, _ offset: inout Int) throws(CodecError) -> [UInt8] {
        var sink = ByteSink(capacity: 64)
        offset += 1
        while offset < text.count {
            let byte = text[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") { return sink.bytes.array }
            if byte != UInt8(ascii: "\\") {
                sink.append(byte)
                continue
            }
            guard offset < text.count else { break }
            let escape = text[offset]
            offset += 1
            switch escape {
            case UInt8(ascii: "b"): sink.append(8)
            case UInt8(ascii: "f"): sink.append(12)
            case UInt8(ascii: "n"): sink.append(10)
            case UInt8(ascii: "r"): sink.append(13)
            case UInt8(ascii: "t"): sink.append(9)
            case UInt8(ascii: "u"):
                guard offset + 4 <= text.count,
                    let unit = UInt32(String(decoding: text[offset..<offset + 4], as: UTF8.self), radix: 16), unit & 0xf800 != 0xd800
                else { throw CodecError(.invalid, at: offset, "an escape in a JSON path") }
                sink.append(scalar: unit)
                offset += 4
            default: sink.append(escape)
            }
        }
        throw CodecError(.invalid, at: offset, "a string in a JSON path does not end")
    }
}
