import Foundation
import Glibc

/// How a stock tool writes the bytes of a value, and which bytes a text has in a charset of a server.
enum StockText {
    /// The bytes between the quotes, as mysqlbinlog escapes them.
    static func unescaped(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "\\"), let next = iterator.next() else {
                result.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "x"):
                guard let high = iterator.next(), let low = iterator.next() else { break }
                result.append(UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) ?? 0)
            default: result.append(next)
            }
        }
        return result
    }

    /// The bytes as mariadb-binlog writes them between quotes: those below 0x20 in hexadecimal digits, all others as they are.
    static func escapedByMariaDB(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            if byte >= 0x20 { result.append(byte) } else { result += Array("\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8) }
        }
        return result
    }

    /// What undoes ``escapedByMariaDB(_:)``, unless a value has a backslash that is followed by what looks like such digits.
    static func unescapedFromMariaDB(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\\"), place + 3 < bytes.count, bytes[place + 1] == UInt8(ascii: "x"),
                let byte = UInt8(String(decoding: bytes[(place + 2)...(place + 3)], as: UTF8.self), radix: 16), byte < 0x20
            {
                result.append(byte)
                place += 4
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return result
    }

    /// iconv's names of the charsets that it calls otherwise.
    private static let iconvNames = [
        "utf8mb4": "UTF-8", "utf8mb3": "UTF-8", "utf8": "UTF-8", "latin1": "CP1252", "ucs2": "UCS-2BE", "utf16": "UTF-16BE",
        "utf16le": "UTF-16LE", "utf32": "UTF-32BE", "koi8r": "KOI8-R", "euckr": "UHC", "swe7": "SEN_850200_B", "latin2": "ISO-8859-2",
        "greek": "ISO-8859-7", "ujis": "EUC-JP", "eucjpms": "EUC-JP-MS", "dec8": "DEC-MCS", "binary": "UTF-8",
    ]

    /// The text's bytes in a charset; nil where it has other characters than the charset.
    static func encode(_ text: String, in charset: String) -> [UInt8]? {
        let name = iconvNames[charset] ?? charset.uppercased()
        guard name != "UTF-8" else { return Array(text.utf8) }
        guard let opened = iconv_open(name, "UTF-8"), opened != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(opened) }
        var input = Array(text.utf8).map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 4 + 4)
        let capacity = output.count
        let written: Int? = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var from = input.baseAddress
                var left = input.count
                var to = output.baseAddress
                var room = capacity
                return iconv(opened, &from, &left, &to, &room) == 0 ? capacity - room : nil
            }
        }
        return written.map { output[..<$0].map { UInt8(bitPattern: $0) } }
    }
}
