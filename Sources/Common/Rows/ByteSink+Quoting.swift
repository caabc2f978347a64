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

/// The high bit of every byte that stands in quotes behind a backslash, and perhaps of bytes above the first such one.
@inline(__always)
private func special(_ word: UInt64, _ quote: UInt8) -> UInt64 {
    matches(word, quote) | matches(word, UInt8(ascii: "\\")) | controls(word)
}

extension ByteSink {
    /// Appends UTF-8 as a string of JSON; what is no UTF-8 becomes replacement characters.
    public mutating func append(jsonString text: RawSpan) {
        if !text.withUnsafeBytes({ append(text: $0, quoting: .json, isUTF8: true) }) { append(jsonString: text.string) }
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
        inParts(bytes) { sink, part in _ = sink.escape(part, quoting, beyondASCII: .isCopied) }
    }

    /// Appends text between quotes if it is ASCII or, where `isUTF8`, well-formed UTF-8; otherwise returns false and appends nothing.
    @inline(__always)
    mutating func append(text bytes: UnsafeRawBufferPointer, quoting: Quoting, isUTF8: Bool) -> Bool {
        guard bytes.count <= Self.partBytes else {
            guard isText(bytes, isUTF8: isUTF8) else { return false }
            append(bytes, quoting: quoting)
            return true
        }
        // Room for all of it, so that it can be taken back.
        _ = reserve(bytes.count &* Self.escapeBytes &+ 16)
        let start = count
        append(quoting.quote)
        guard escape(bytes, quoting, beyondASCII: isUTF8 ? .isChecked : .isRefused) else {
            truncate(to: start)
            return false
        }
        append(quoting.quote)
        return true
    }

    /// The most bytes that one byte becomes.
    private static let escapeBytes = 6

    private enum BeyondASCII { case isCopied, isChecked, isRefused }

    /// Returns false where it has met a byte beyond ASCII that may not be copied; nothing is appended then.
    @inline(__always)
    private mutating func escape(_ bytes: UnsafeRawBufferPointer, _ quoting: Quoting, beyondASCII: BeyondASCII) -> Bool {
        guard let source = bytes.baseAddress else { return true }
        var target = reserve(bytes.count &* Self.escapeBytes &+ 8)
        let quote = quoting.quote
        let stops = beyondASCII == .isCopied ? 0 : highBits
        var offset = 0
        while offset < bytes.count {
            let left = bytes.count &- offset
            let word: UInt64
            var found: UInt64
            if left >= 8 {
                word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                found = special(word, quote) | word & stops
            } else {
                word = littleEndian(source + offset, below8: left)
                found = (special(word, quote) | word & stops) & ~(UInt64.max &<< UInt64(truncatingIfNeeded: 8 &* left))
            }
            target.storeBytes(of: word.littleEndian, as: UInt64.self)
            if found == 0 {
                offset &+= min(left, 8)
                target += min(left, 8)
                continue
            }
            let plain = found.trailingZeroBitCount &>> 3
            offset &+= plain
            target += plain
            let byte = source.load(fromByteOffset: offset, as: UInt8.self)
            if byte < 0x80 {
                target = escape(byte, quoting, at: target)
                offset &+= 1
            } else {
                guard beyondASCII == .isChecked else { return false }
                let length = utf8SequenceLength(bytes, at: offset)
                guard length > 0 else { return false }
                for index in 0..<length {
                    target.storeBytes(of: source.load(fromByteOffset: offset &+ index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
                }
                offset &+= length
                target += length
            }
        }
        advance(to: target)
        return true
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

/// Whether a byte below 0x20 is among them.
func hasControls(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var found: UInt64 = 0
    var offset = 0
    while offset &+ 8 <= bytes.count {
        found |= controls(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset &+= 8
    }
    return found != 0 || bytes[offset...].contains { $0 < 0x20 }
}

/// Whether the bytes are ASCII or, where `isUTF8`, well-formed UTF-8.
func isText(_ bytes: UnsafeRawBufferPointer, isUTF8: Bool) -> Bool {
    var offset = 0
    while offset < bytes.count {
        if offset &+ 8 <= bytes.count, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & highBits == 0 {
            offset &+= 8
            continue
        }
        let length = bytes[offset] < 0x80 ? 1 : isUTF8 ? utf8SequenceLength(bytes, at: offset) : 0
        guard length > 0 else { return false }
        offset &+= length
    }
    return true
}
