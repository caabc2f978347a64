/// Expands deflated bytes (RFC 1951): MariaDB's compressed columns. Plain and total rather than fast.
struct Inflate {
    private let input: UnsafeRawBufferPointer
    private var position = 0
    private var bits: UInt32 = 0
    private var bitCount: UInt32 = 0
    private var output: [UInt8] = []
    private let limit: Int

    /// - Parameter count: Bytes that come out.
    /// - Throws: `invalid` where other bytes come out, or none can.
    static func expand(_ input: UnsafeRawBufferPointer, count: Int) throws(CodecError) -> [UInt8] {
        // No format of deflate makes more than 1032 bytes of one.
        guard count <= (input.count + 1) * 1032 else { throw damaged }
        var inflate = Inflate(input: input, limit: count)
        inflate.output.reserveCapacity(count)
        while try inflate.block() {}
        guard inflate.output.count == count else { throw damaged }
        return inflate.output
    }

    private static var damaged: CodecError { CodecError(.invalid, at: 0, "compressed bytes that cannot be expanded") }

    private init(input: UnsafeRawBufferPointer, limit: Int) {
        self.input = input
        self.limit = limit
    }

    private mutating func take(_ count: UInt32) throws(CodecError) -> Int {
        while bitCount < count {
            guard position < input.count else { throw Self.damaged }
            bits |= UInt32(input[position]) << bitCount
            position += 1
            bitCount += 8
        }
        let value = bits & (1 << count - 1)
        bits >>= count
        bitCount -= count
        return Int(value)
    }

    /// A canonical Huffman code: how many codes there are of each length, and the symbols in the order of their codes.
    private struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(lengths: [Int]) {
            for length in 1...15 {
                for (symbol, other) in lengths.enumerated() where other == length {
                    counts[length] += 1
                    symbols.append(symbol)
                }
            }
        }
    }

    private mutating func symbol(_ code: Code) throws(CodecError) -> Int {
        var value = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            value |= try take(1)
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw Self.damaged
    }

    /// Expands one block. Returns whether another follows.
    private mutating func block() throws(CodecError) -> Bool {
        let isLast = try take(1) == 1
        switch try take(2) {
        case 0:
            bits = 0
            bitCount = 0
            let length = try take(16)
            _ = try take(16)
            guard length <= input.count - position, length <= limit - output.count else { throw Self.damaged }
            output += input[position..<position + length]
            position += length
        case 1:
            let lengths = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
            try expand(Code(lengths: lengths), Code(lengths: [Int](repeating: 5, count: 30)))
        case 2: try expandDynamic()
        default: throw Self.damaged
        }
        return !isLast
    }

    private mutating func expandDynamic() throws(CodecError) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let lengthCount = try take(4) + 4
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var codeLengths = [Int](repeating: 0, count: 19)
        for index in 0..<lengthCount { codeLengths[order[index]] = try take(3) }
        let code = Code(lengths: codeLengths)
        var lengths: [Int] = []
        while lengths.count < literalCount + distanceCount {
            switch try symbol(code) {
            case 16:
                guard let last = lengths.last else { throw Self.damaged }
                lengths += [Int](repeating: last, count: try take(2) + 3)
            case 17: lengths += [Int](repeating: 0, count: try take(3) + 3)
            case 18: lengths += [Int](repeating: 0, count: try take(7) + 11)
            case let length: lengths.append(length)
            }
        }
        guard lengths.count == literalCount + distanceCount else { throw Self.damaged }
        try expand(Code(lengths: Array(lengths[..<literalCount])), Code(lengths: Array(lengths[literalCount...])))
    }

    private mutating func expand(_ literals: Code, _ distances: Code) throws(CodecError) {
        while true {
            let literal = try symbol(literals)
            if literal == 256 { return }
            if literal < 256 {
                guard output.count < limit else { throw Self.damaged }
                output.append(UInt8(literal))
                continue
            }
            guard literal <= 285 else { throw Self.damaged }
            let length = try extended(literal - 257, step: 4, base: 3, last: 28, lastValue: 258)
            let code = try symbol(distances)
            guard code < 30 else { throw Self.damaged }
            let distance = try extended(code, step: 2, base: 1, last: 30, lastValue: 0)
            guard distance <= output.count, length <= limit - output.count else { throw Self.damaged }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }

    /// A length or distance: the first `2 × step` codes stand for themselves from `base` on, each `step` after them take a bit more.
    private mutating func extended(_ code: Int, step: Int, base: Int, last: Int, lastValue: Int) throws(CodecError) -> Int {
        if code == last { return lastValue }
        if code < 2 * step { return base + code }
        let extraBits = code / step - 1
        return base + (step + code % step) << extraBits + (try take(UInt32(extraBits)))
    }
}
