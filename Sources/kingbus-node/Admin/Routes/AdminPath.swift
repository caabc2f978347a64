/// A path of the API, as `/v1/members/{name}`.
struct AdminPath: Hashable, Sendable {
    /// Between slashes; a parameter stands in braces.
    private let parts: [Substring]

    init(_ template: String) { parts = template.split(separator: "/") }

    /// The names of the parameters, in the order of the path.
    var names: [String] { parts.filter { $0.first == "{" }.map { String($0.dropFirst().dropLast()) } }

    /// The parameters of a request's path by their names, without percent signs; nil where it is another path.
    func parameters(in path: String) -> [String: String]? {
        let found = path.split(separator: "/")
        guard found.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, text) in zip(parts, found) {
            guard part.first == "{" else {
                guard part == text else { return nil }
                continue
            }
            guard let value = Self.decoded(text) else { return nil }
            parameters[String(part.dropFirst().dropLast())] = value
        }
        return parameters
    }

    /// Nil for a percent sign without two digits behind it, and for what is no UTF-8 then.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? { Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) }
}
