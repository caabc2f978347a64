import Common

extension RawSpan {
    /// Whether a statement is one word, as servers write it: most are, and no more is to be found out of them.
    func spells(_ word: StaticString) -> Bool {
        isEqual(to: UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount).bytes)
    }
}

/// The first words of a statement, in capitals; comments do not count, and what stands in `/*!` is read. Where the first word stands in one
/// that is not all of the statement, there are none: which word is the first depends on the server's version.
struct StatementWords {
    static let maxCount = 4
    private static let maxLength = 16

    private(set) var words: [String] = []

    var first: String { words.first ?? "" }

    subscript(index: Int) -> String { words.indices.contains(index) ? words[index] : "" }

    init(_ text: RawSpan) {
        var offset = 0
        var isConditional = false
        while words.count < Self.maxCount, Self.skipSpace(text, &offset, &isConditional) {
            if words.isEmpty, isConditional, !Self.endsWithItsOnlyComment(text) { return }
            var word: [UInt8] = []
            while offset < text.byteCount, let letter = Self.letter(text.byte(at: offset)) {
                if word.count < Self.maxLength { word.append(letter) }
                offset += 1
            }
            // A name in backticks, a number or a sign: what stands behind it does not tell what the statement is.
            guard !word.isEmpty else { return }
            words.append(String(decoding: word, as: UTF8.self))
        }
    }

    private static func endsWithItsOnlyComment(_ text: RawSpan) -> Bool {
        var bytes = text.array[...]
        while let last = bytes.last, last <= UInt8(ascii: " ") { bytes.removeLast() }
        let end = Array("*/".utf8)
        return bytes.suffix(2).elementsEqual(end) && bytes.dropLast(2).firstRange(of: end) == nil
    }

    private static func letter(_ byte: UInt8) -> UInt8? {
        let capital = byte & 0xdf
        if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(capital) { return capital }
        return byte == UInt8(ascii: "_") ? byte : nil
    }

    /// Moves past white space, comments and the marks around what only some servers read; returns whether there is more.
    ///
    /// - Parameter isConditional: Whether what follows stands in such marks.
    private static func skipSpace(_ text: RawSpan, _ offset: inout Int, _ isConditional: inout Bool) -> Bool {
        func byte(_ distance: Int) -> UInt8? { offset + distance < text.byteCount ? text.byte(at: offset + distance) : nil }
        while let current = byte(0) {
            if current <= UInt8(ascii: " ") {
                offset += 1
            } else if current == UInt8(ascii: "#") || current == UInt8(ascii: "-") && byte(1) == UInt8(ascii: "-") {
                while let skipped = byte(0), skipped != UInt8(ascii: "\n") { offset += 1 }
            } else if current == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                offset += 2
            } else if current == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                offset += 2
                if byte(0) == UInt8(ascii: "!") || byte(0) == UInt8(ascii: "M") && byte(1) == UInt8(ascii: "!") {
                    while let mark = byte(0), mark == UInt8(ascii: "!") || mark == UInt8(ascii: "M") || (0x30...0x39).contains(mark) {
                        offset += 1
                    }
                    isConditional = true
                } else {
                    while byte(0) != nil, !(byte(0) == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) { offset += 1 }
                    offset += 2
                }
            } else {
                return true
            }
        }
        return false
    }
}
