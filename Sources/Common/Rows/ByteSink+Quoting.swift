/// How text is quoted. Each is looked for eight bytes at a time; what needs no escape is copied.
enum Quoting {
    /// Single quotes; a quote, a backslash and control characters behind a backslash.
    case text
    /// Single quotes, doubled inside: for bytes without backslashes and control characters.
    case sql
    /// RFC 8259: double quotes.
    case json

    var quote: UInt8 { self == .json ? UInt8(ascii: "\"") : UInt8(ascii: "'") }
}

private let ones: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080

/// The high bit of every byte of `word` that is `byte`, and perhaps of bytes above the first such one.
@inline(__always)
private func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
    let difference = word ^ (ones &* UInt64(byte))
    return (difference &- ones) & ~difference & highBits
}

/// The high bit of every byte below 0x20, and perhaps of bytes above the first such one.
@inline(__always)
private func controls(_ word: UInt64) -> UInt64 { (word &- ones &* 0x20) & ~word & highBits }

extension ByteSink {
    /// Appends UTF-8 as a string of JSON; what is no UTF-8 becomes replacement characters.
    public mutating func append(jsonString text: RawSpan) {
        if text.isUTF8 {
            text.withUnsafeBytes { append($0, quoting: .json) }
        } else {
            append(jsonString: text.string)
        }
    }

    /// Appends a string of JSON.
    public mutating func append(jsonString text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0), quoting: .json) }
    }

    /// Appends text between quotes. Bytes from 0x80 on are copied.
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer, quoting: Quoting) {
        append(quoting.quote)
        append(escaping: bytes, quoting: quoting)
        append(quoting.quote)
    }

    /// Appends text as it stands between quotes.
    mutating func append(escaping bytes: UnsafeRawBufferPointer, quoting: Quoting) {
        // An escape takes six bytes at most; in parts, so that a long text does not ask for six times its length at once.
        let partLength = 1 << 14
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + partLength)
            escape(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), quoting)
            start = end
        }
    }

    @inline(__always)
    private mutating func escape(_ bytes: UnsafeRawBufferPointer, _ quoting: Quoting) {
        guard let source = bytes.baseAddress else { return }
        var target = reserve(bytes.count &* 6 &+ 8)
        let quote = quoting.quote
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            target.storeBytes(of: word, as: UInt64.self)
            let little = UInt64(littleEndian: word)
            let found = matches(little, quote) | matches(little, UInt8(ascii: "\\")) | controls(little)
            if found == 0 {
                offset &+= 8
                target += 8
            } else {
                let plain = found.trailingZeroBitCount &>> 3
                offset &+= plain
                target = escape(source.load(fromByteOffset: offset, as: UInt8.self), quoting, at: target + plain)
                offset &+= 1
            }
        }
        while offset < bytes.count {
            let byte = source.load(fromByteOffset: offset, as: UInt8.self)
            if byte == quote || byte == UInt8(ascii: "\\") || byte < 0x20 {
                target = escape(byte, quoting, at: target)
            } else {
                target.storeBytes(of: byte, as: UInt8.self)
                target += 1
            }
            offset &+= 1
        }
        advance(to: target)
    }

    /// Writes one escaped byte and returns where the next goes.
    private func escape(_ byte: UInt8, _ quoting: Quoting, at start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        func put(_ first: UInt8, _ second: UInt8) -> UnsafeMutableRawPointer {
            start.storeBytes(of: first, as: UInt8.self)
            start.storeBytes(of: second, toByteOffset: 1, as: UInt8.self)
            return start + 2
        }
        let backslash = UInt8(ascii: "\\")
        if quoting == .sql {
            if byte == quoting.quote { return put(byte, byte) }
            start.storeBytes(of: byte, as: UInt8.self)
            return start + 1
        }
        switch byte {
        case quoting.quote, backslash: return put(backslash, byte)
        case 0x0a: return put(backslash, UInt8(ascii: "n"))
        case 0x0d: return put(backslash, UInt8(ascii: "r"))
        case 0x09: return put(backslash, UInt8(ascii: "t"))
        case 0x08 where quoting == .json: return put(backslash, UInt8(ascii: "b"))
        case 0x0c where quoting == .json: return put(backslash, UInt8(ascii: "f"))
        case 0 where quoting == .text: return put(backslash, UInt8(ascii: "0"))
        default:
            var end = put(backslash, UInt8(ascii: quoting == .text ? "x" : "u"))
            if quoting == .json {
                end.storeBytes(of: UInt8(ascii: "0"), as: UInt8.self)
                end.storeBytes(of: UInt8(ascii: "0"), toByteOffset: 1, as: UInt8.self)
                end += 2
            }
            end.storeBytes(of: hexDigit(byte >> 4), as: UInt8.self)
            end.storeBytes(of: hexDigit(byte & 15), toByteOffset: 1, as: UInt8.self)
            return end + 2
        }
    }
}

/// Whether every byte is printable ASCII and no backslash, so that it means the same in quotes under any sql_mode and client charset.
@inline(__always)
func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    var bad: UInt64 = 0
    while offset &+ 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        bad |= word & highBits | controls(word) | matches(word, UInt8(ascii: "\\")) | matches(word, 0x7f)
        offset &+= 8
    }
    while offset < bytes.count {
        let byte = bytes[offset]
        if byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\\") { return false }
        offset &+= 1
    }
    return bad == 0
}

extension RawSpan {
    /// Whether the bytes are UTF-8.
    fileprivate var isUTF8: Bool {
        withUnsafeBytes { bytes in bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil }
    }
}
