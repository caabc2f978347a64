import Common
import Glibc

/// What a user's option file says about logging in: `user` and `password` of the group `[client]` in `~/.my.cnf`.
///
/// Format: "Using Option Files" in the MySQL manual. `!include` is not followed.
struct OptionFile {
    private static let maxBytes = 1 << 20
    private static let group = "client"

    var user: String?
    var password: SecretBytes?

    /// Nil where there is no such file, or it cannot be read, or anybody may write to it: such a file MySQL's clients pass over, too.
    init?(path: String) {
        guard let stream = fopen(path, "re") else { return nil }
        defer { fclose(stream) }
        var status = stat()
        guard fstat(fileno(stream), &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & S_IWOTH == 0,
            status.st_size <= Self.maxBytes
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        defer { explicit_bzero(&bytes, bytes.count) }
        let count = fread(&bytes, 1, bytes.count, stream)
        self.init(parsing: bytes[..<count])
    }

    init(parsing text: ArraySlice<UInt8>) {
        var isClient = false
        for line in text.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            let line = Self.trimmed(line)
            guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { continue }
            if first == UInt8(ascii: "[") {
                isClient = line.elementsEqual("[\(Self.group)]".utf8)
                continue
            }
            guard isClient, let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = Self.value(Self.trimmed(line[(equals + 1)...]))
            switch String(decoding: Self.trimmed(line[..<equals]), as: UTF8.self) {
            case "user": user = String(decoding: value, as: UTF8.self)
            case "password": password = SecretBytes(value)
            default: break
            }
        }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let start = text.firstIndex { !isBlank($0) } ?? text.endIndex
        let end = text.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return text[start..<max(start, end)]
    }

    /// A value without its quotes, or without the comment behind it, and with its escapes undone.
    private static func value(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var text = text
        if let quote = text.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""), text.count > 1, text.last == quote {
            text = text.dropFirst().dropLast()
        } else if let comment = text.firstIndex(of: UInt8(ascii: "#")) {
            text = trimmed(text[..<comment])
        }
        var value: [UInt8] = []
        var bytes = text.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "\\"), let escaped = bytes.next() else {
                value.append(byte)
                continue
            }
            switch escaped {
            case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "t"): value.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "r"): value.append(UInt8(ascii: "\r"))
            case UInt8(ascii: "b"): value.append(0x08)
            case UInt8(ascii: "s"): value.append(UInt8(ascii: " "))
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): value.append(escaped)
            default: value += [byte, escaped]
            }
        }
        return value
    }
}
