import Testing

@testable import Common

@Suite struct ByteSinkTests {
    private func text(_ write: (inout ByteSink) -> Void) -> String {
        var sink = ByteSink()
        write(&sink)
        return sink.string
    }

    /// What is appended of text; nil where it is refused, and nothing is.
    private func quoted(_ bytes: [UInt8], _ quoting: Quoting, isUTF8: Bool = true) -> String? {
        var sink = ByteSink()
        let isAppended = bytes.withUnsafeBytes { sink.append(text: $0, quoting: quoting, isUTF8: isUTF8) }
        return isAppended || sink.count > 0 ? sink.string : nil
    }

    @Test("numbers of every length are written as the standard library writes them")
    func numbers() {
        var power: UInt64 = 1
        for length in 1...20 {
            for number in [power - 1, power, power &+ 1, power &* 7 / 3, 0x1234_5678_9abc_def0 % power] {
                #expect(text { $0.append(decimal: number) } == "\(number)")
                #expect(text { $0.append(decimal: -Int64(number >> 1)) } == "\(-Int64(number >> 1))")
                let padded = String(repeating: "0", count: 20 - "\(number)".count) + "\(number)"
                #expect(text { $0.append(decimal: number, width: length) } == padded.suffix(length))
            }
            if length < 20 { power *= 10 }
        }
        #expect(text { $0.append(decimal: UInt64.max) } == "\(UInt64.max)" && text { $0.append(decimal: Int64.min) } == "\(Int64.min)")
    }

    @Test("bytes of every length become hexadecimal digits and integers, and no byte behind them is read", arguments: 0..<20)
    func shortRuns(count: Int) {
        // At the end of an allocation of just this size, where a sanitizer sees a byte too many.
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 0xf1 &+ $0 &* 37) }
        bytes.withUnsafeBytes { raw in
            let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(text { $0.append(hex: raw) } == digits)
            guard count <= 8 else { return }
            #expect(bigEndian(raw) == bytes.reduce(0) { $0 << 8 | UInt64($1) })
            #expect(littleEndian(raw) == bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
    }

    @Test("text is escaped wherever in a word the letter stands, and refused as a whole where it is no UTF-8")
    func escapes() {
        for length in 0..<20 {
            for place in 0..<max(1, length) where place < length {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                bytes[place] = UInt8(ascii: "'")
                let plain = (String(repeating: "a", count: place), String(repeating: "a", count: length - place - 1))
                #expect(quoted(bytes, .text) == "'\(plain.0)\\'\(plain.1)'")
                bytes[place] = 0xff
                #expect(quoted(bytes, .text) == nil)
            }
        }
        let beyondASCII = "grün — 😀"
        #expect(quoted(Array(beyondASCII.utf8), .json) == "\"\(beyondASCII)\"")
        #expect(quoted(Array(beyondASCII.utf8), .json, isUTF8: false) == nil)
    }

    @Test("a full sink hands on what it holds, in order, and keeps what may be taken back")
    func drains() {
        let drained = Drained()
        var sink = ByteSink(capacity: 64)
        sink.drain = { drained.bytes += $0.array }
        for number in 0..<100 as Range<UInt64> { sink.append(decimal: number, width: 4) }
        #expect(!drained.bytes.isEmpty && sink.count <= 64)
        sink.hold { sink in
            let start = sink.count
            let before = drained.bytes.count
            for number in 0..<100 as Range<UInt64> { sink.append(decimal: number, width: 4) }
            #expect(drained.bytes.count == before && sink.count == start + 400)
            sink.truncate(to: start)
        }
        let expected = (0..<100).map { String(repeating: "0", count: 4 - "\($0)".count) + "\($0)" }.joined()
        #expect(String(decoding: drained.bytes, as: UTF8.self) + sink.string == expected)
    }

    private final class Drained { var bytes: [UInt8] = [] }
}
