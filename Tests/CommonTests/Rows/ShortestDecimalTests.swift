@testable import Common
import Testing

@Suite struct ShortestDecimalTests {
    private func text(_ value: Double) -> String {
        var sink = ByteSink()
        sink.append(value)
        return sink.string
    }

    private func text(_ value: Float) -> String {
        var sink = ByteSink()
        sink.append(value)
        return sink.string
    }

    /// Digits without sign, point, exponent and zeros at both ends.
    private func digits(_ text: String) -> String {
        var digits = text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
        while digits.last == "0" { digits.removeLast() }
        return String(digits)
    }

    @Test("random doubles and singles have the digits that Swift prints, and are read back", arguments: 0..<4)
    func random(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<20_000 {
            let double = Double(bitPattern: generator.next())
            if double.isFinite {
                #expect(Double(text(double)) == double)
                #expect(digits(text(double)) == digits(double.description))
            }
            let single = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if single.isFinite {
                #expect(Float(text(single)) == single)
                #expect(digits(text(single)) == digits(single.description))
            }
        }
    }

    @Test("powers of two and ten, borders and whole numbers")
    func borders() {
        var values: [Double] = [.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 0, 0.3, 9_007_199_254_740_992]
        for exponent in -1074...1023 { values.append(Double(sign: .plus, exponent: exponent, significand: 1)) }
        for exponent in -300...300 { values.append(Double("1e\(exponent)")!) }
        for value in values {
            #expect(Double(text(value)) == value)
            #expect(digits(text(value)) == digits(value.description))
        }
        for exponent in -149...127 {
            let value = Float(sign: .plus, exponent: exponent, significand: 1)
            #expect(digits(text(value)) == digits(value.description))
        }
    }
}
