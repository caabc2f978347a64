/// Where a MySQL server is and how to log in: `mysql://user[:password]@host[:port][/file]?ssl-mode=…&ssl-ca=…`.
///
///     let url = try MySQLURL(parsing: "mysql://repl@db1:3306?ssl-mode=required")
///
/// User and password may be percent-encoded; an IPv6 address stands in brackets.
public struct MySQLURL: Hashable, Sendable {
    public enum SSLMode: String, Hashable, Sendable, CaseIterable {
        case disabled
        case preferred
        case required
        case verifyCA = "verify-ca"
        case verifyIdentity = "verify-identity"
    }

    public var user: String
    /// The password that stood in the URL, which users are warned about; nil for none.
    public var password: String?
    public var host: String
    public var port: UInt16
    /// What stands behind the slash: a binlog file's name, or empty.
    public var path: String
    public var sslMode: SSLMode
    /// Path of a file with certificate authorities in PEM.
    public var sslCA: String?

    public static let defaultPort: UInt16 = 3306

    private static let scheme = "mysql://"

    /// Whether the text is meant as such a URL.
    public static func isURL(_ text: String) -> Bool { text.hasPrefix(scheme) }

    /// - Throws: ``CodecError`` whose reason names the part that is wrong, and never repeats the password.
    public init(parsing text: String) throws(CodecError) {
        guard Self.isURL(text) else {
            throw CodecError(.invalid, at: 0, "a MySQL URL begins with mysql://, as in mysql://user@host:3306")
        }
        var rest = text.dropFirst(Self.scheme.count)

        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        path = ""
        if let slash = rest.firstIndex(of: "/") {
            path = String(rest[rest.index(after: slash)...])
            rest = rest[..<slash]
        }
        guard rest.contains("@") || !text.contains("@") else {
            throw CodecError(.invalid, at: 0, "a / or ? in the user or the password of a MySQL URL is written %2F or %3F")
        }
        user = ""
        if let at = rest.lastIndex(of: "@") {
            let login = rest[..<at]
            rest = rest[rest.index(after: at)...]
            if let colon = login.firstIndex(of: ":") {
                user = try Self.percentDecoded(login[..<colon])
                password = try Self.percentDecoded(login[login.index(after: colon)...])
            } else {
                user = try Self.percentDecoded(login)
            }
        }
        guard let address = HostPort(parsing: rest, defaultPort: Self.defaultPort) else {
            throw CodecError(.invalid, at: 0, "the host or port in a MySQL URL is wrong; it reads mysql://user@host:port")
        }
        host = address.host
        port = address.port

        var mode: SSLMode?
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? try Self.percentDecoded(parts[1]) : ""
            switch parts[0] {
            case "ssl-mode":
                mode = SSLMode(rawValue: value.lowercased().replacing("_", with: "-"))
                guard mode != nil else {
                    let known = SSLMode.allCases.map(\.rawValue).joined(separator: ", ")
                    throw CodecError(.invalid, at: 0, "the ssl-mode in a MySQL URL is unknown; it is one of \(known)")
                }
            case "ssl-ca": sslCA = value
            // What stands there may be a part of a password with a ? in it.
            default: throw CodecError(.invalid, at: 0, "the options of a MySQL URL are ssl-mode and ssl-ca, as in ?ssl-mode=required")
            }
        }
        // Who names an authority wants the certificate to be checked, as with MySQL's own clients.
        sslMode = mode ?? (sslCA == nil ? .preferred : .verifyCA)
    }

    /// The URL without its password.
    public var withoutPassword: String {
        var text = Self.scheme
        if !user.isEmpty { text += Self.percentEncoded(user) + "@" }
        text += HostPort(host: host, port: port).description
        if !path.isEmpty { text += "/" + path }
        var options: [String] = []
        if sslMode != (sslCA == nil ? .preferred : .verifyCA) { options.append("ssl-mode=" + sslMode.rawValue) }
        if let sslCA { options.append("ssl-ca=" + Self.percentEncoded(sslCA)) }
        if !options.isEmpty { text += "?" + options.joined(separator: "&") }
        return text
    }

    private static func percentDecoded(_ text: Substring) throws(CodecError) -> String {
        var bytes: [UInt8] = []
        var input = text.utf8.makeIterator()
        while let byte = input.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = input.next().flatMap(hexDigit), let low = input.next().flatMap(hexDigit) else {
                throw CodecError(.invalid, at: 0, "a % in a MySQL URL is followed by two hexadecimal digits (write % itself as %25)")
            }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }

    private static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return encoded
    }
}
