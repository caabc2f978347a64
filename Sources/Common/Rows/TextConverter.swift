import Glibc

/// Turns the bytes of one charset into UTF-8.
///
/// UTF-8, UTF-16, UTF-32, Latin-1 and ASCII are converted here, the others by iconv, whose descriptor is opened once.
/// Not for two threads at a time.
final class TextConverter {
    let charset: Charset
    private let descriptor: iconv_t?
    /// Characters, by their bytes as a big-endian number, that iconv reads otherwise than servers do.
    private let exceptions: KeyValuePairs<UInt32, UInt32>

    init(_ charset: Charset) {
        self.charset = charset
        exceptions = Self.exceptions(of: charset)
        // iconv_open says -1 where it fails.
        let opened = charset.iconvName.flatMap { iconv_open("UTF-8", $0) }
        descriptor = opened == iconv_t(bitPattern: -1) ? nil : opened
    }

    deinit { if let descriptor { iconv_close(descriptor) } }

    /// Appends the text. What is appended is UTF-8, whatever `bytes` are: U+FFFD stands for each byte that is no part of a character.
    ///
    /// - Returns: Whether every byte was.
    @discardableResult
    func convert(_ bytes: UnsafeRawBufferPointer, into sink: inout ByteSink) -> Bool {
        if charset.isASCIISuperset, isASCII(bytes) {
            sink.append(bytes)
            return true
        }
        switch charset {
        case .unknown, .binary, .utf8mb3, .utf8mb4: return appendUTF8(bytes, &sink)
        case .ascii:
            for byte in bytes { sink.append(scalar: byte < 0x80 ? UInt32(byte) : replacement) }
            return false
        case .latin1:
            for byte in bytes { sink.append(scalar: byte & 0xe0 == 0x80 ? windows1252[Int(byte & 0x1f)] : UInt32(byte)) }
            return true
        case .ucs2, .utf16: return appendUTF16(bytes, isBigEndian: true, &sink)
        case .utf16le: return appendUTF16(bytes, isBigEndian: false, &sink)
        case .utf32: return appendUTF32(bytes, &sink)
        default: return exceptions.isEmpty ? appendByIconv(bytes, &sink) : appendWithExceptions(bytes, &sink)
        }
    }

    /// As MySQL 9.7 converts them, where glibc does not.
    private static func exceptions(of charset: Charset) -> KeyValuePairs<UInt32, UInt32> {
        switch charset {
        case .sjis: [0x5c: 0x5c, 0x7e: 0x7e, 0x815f: 0x5c]
        case .ujis: [0xa1c0: 0x5c]
        case .swe7: [0x24: 0x24, 0x40: 0xc9, 0x5e: 0xdc, 0x60: 0xe9, 0x7e: 0xfc]
        case .armscii8: [0xa1: 0x2741, 0xa2: 0xa7, 0xad: 0x55f, 0xfe: 0x2019, 0xff: 0x27]
        case .cp866: [0xfc: 0x207f, 0xfd: 0xb2]
        case .dec8: [0xa0: 0xa0]
        case .geostd8: [0x80: 0x20ac, 0xfd: 0x2116]
        case .greek: [0xa1: 0x2bd, 0xa2: 0x2bc]
        case .hebrew: [0xaf: 0x203e]
        case .koi8u: [0x95: 0x2022]
        case .macroman: [0xc6: 0x2206, 0xf0: 0xf8ff]
        default: [:]
        }
    }

    private func appendWithExceptions(_ bytes: UnsafeRawBufferPointer, _ sink: inout ByteSink) -> Bool {
        var isValid = true
        var start = 0
        var offset = 0
        while offset < bytes.count {
            let length = min(characterLength(bytes[offset]), bytes.count - offset)
            let code = bytes[offset..<offset + length].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if let scalar = exceptions.first(where: { $0.key == code })?.value {
                isValid = appendByIconv(UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), &sink) && isValid
                sink.append(scalar: scalar)
                start = offset + length
            }
            offset += length
        }
        return appendByIconv(UnsafeRawBufferPointer(rebasing: bytes[start...]), &sink) && isValid
    }

    /// Bytes of the character that begins with `byte`, where several can.
    private func characterLength(_ byte: UInt8) -> Int {
        switch (charset, byte) {
        case (.sjis, 0x81...0x9f), (.sjis, 0xe0...0xfc), (.ujis, 0x8e), (.ujis, 0xa1...0xfe): 2
        case (.ujis, 0x8f): 3
        default: 1
        }
    }

    private func appendUTF8(_ bytes: UnsafeRawBufferPointer, _ sink: inout ByteSink) -> Bool {
        var isValid = true
        var offset = 0
        while offset < bytes.count {
            let length = utf8SequenceLength(bytes, at: offset)
            if length > 0 {
                sink.append(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
                offset += length
            } else {
                sink.append(scalar: replacement)
                isValid = false
                offset += 1
            }
        }
        return isValid
    }

    private func appendUTF16(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool, _ sink: inout ByteSink) -> Bool {
        func unit(_ offset: Int) -> UInt32 {
            let (first, second) = (UInt32(bytes[offset]), UInt32(bytes[offset + 1]))
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        var isValid = bytes.count % 2 == 0
        var offset = 0
        while offset + 1 < bytes.count {
            let first = unit(offset)
            if first & 0xf800 != 0xd800 {
                sink.append(scalar: first)
            } else if first < 0xdc00, offset + 3 < bytes.count, unit(offset + 2) & 0xfc00 == 0xdc00 {
                sink.append(scalar: 0x10000 + (first & 0x3ff) << 10 + unit(offset + 2) & 0x3ff)
                offset += 2
            } else {
                sink.append(scalar: replacement)
                isValid = false
            }
            offset += 2
        }
        if offset < bytes.count { sink.append(scalar: replacement) }
        return isValid
    }

    private func appendUTF32(_ bytes: UnsafeRawBufferPointer, _ sink: inout ByteSink) -> Bool {
        var isValid = bytes.count % 4 == 0
        var offset = 0
        while offset + 3 < bytes.count {
            let value = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            if value < 0x11_0000, value & 0xffff_f800 != 0xd800 {
                sink.append(scalar: value)
            } else {
                sink.append(scalar: replacement)
                isValid = false
            }
            offset += 4
        }
        if offset < bytes.count { sink.append(scalar: replacement) }
        return isValid
    }

    private func appendByIconv(_ bytes: UnsafeRawBufferPointer, _ sink: inout ByteSink) -> Bool {
        guard let descriptor else {
            for byte in bytes { sink.append(scalar: byte < 0x80 ? UInt32(byte) : replacement) }
            return false
        }
        var isValid = true
        // Back to the initial state, for charsets that have states.
        iconv(descriptor, nil, nil, nil, nil)
        var input = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        var inputLeft = bytes.count
        while inputLeft > 0 {
            // Usually a byte becomes three at most; where it does not, iconv says so and the rest comes in the next round.
            let room = inputLeft * 3 + 16
            var output: UnsafeMutablePointer<CChar>? = sink.reserve(room).assumingMemoryBound(to: CChar.self)
            var outputLeft = room
            let failed = iconv(descriptor, &input, &inputLeft, &output, &outputLeft) == -1
            let isFull = failed && errno == E2BIG
            sink.advance(room - outputLeft)
            if failed, !isFull, inputLeft > 0 {
                sink.append(scalar: replacement)
                isValid = false
                input = input.map { $0 + 1 }
                inputLeft -= 1
            }
        }
        return isValid
    }
}

private let replacement: UInt32 = 0xfffd

/// 0x80 to 0x9f of MySQL's latin1, which is Windows-1252 with the five holes filled by the control characters of their numbers.
private let windows1252: [UInt32] = [
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
    0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
]

extension ByteSink {
    /// Appends a Unicode scalar, below 0x110000 and no surrogate, in UTF-8.
    mutating func append(scalar: UInt32) {
        func byte(_ value: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value) }
        switch scalar {
        case 0..<0x80: append(byte(scalar))
        case 0x80..<0x800:
            append(byte(0xc0 | scalar >> 6))
            append(byte(0x80 | scalar & 63))
        case 0x800..<0x10000:
            append(byte(0xe0 | scalar >> 12))
            append(byte(0x80 | scalar >> 6 & 63))
            append(byte(0x80 | scalar & 63))
        default:
            append(byte(0xf0 | scalar >> 18))
            append(byte(0x80 | scalar >> 12 & 63))
            append(byte(0x80 | scalar >> 6 & 63))
            append(byte(0x80 | scalar & 63))
        }
    }
}

/// Whether no byte has its highest bit set; eight at a time.
@inline(__always)
func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    var bits: UInt64 = 0
    while offset &+ 8 <= bytes.count {
        bits |= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset &+= 8
    }
    while offset < bytes.count {
        bits |= UInt64(bytes[offset])
        offset &+= 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
}

/// The length of the well-formed UTF-8 sequence at `offset`, 1 to 4; 0 where there is none (Unicode, table 3-7).
@inline(__always)
func utf8SequenceLength(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    let first = bytes[offset]
    if first < 0x80 { return 1 }
    let left = bytes.count - offset
    func follows(_ distance: Int) -> Bool { bytes[offset + distance] & 0xc0 == 0x80 }
    switch first {
    case 0xc2...0xdf: return left > 1 && follows(1) ? 2 : 0
    case 0xe0...0xef:
        guard left > 2, follows(1), follows(2) else { return 0 }
        let second = bytes[offset + 1]
        return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3
    case 0xf0...0xf4:
        guard left > 3, follows(1), follows(2), follows(3) else { return 0 }
        let second = bytes[offset + 1]
        return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4
    default: return 0
    }
}
