/// A pattern of LIKE: `%` stands for any text, `_` for one character; letters match in either case.
struct LikePattern {
    static let maxCharacters = 1024
    /// What one comparison counts against ``SQLLimits/maxWorkBytes``.
    static let workBytesPerStep = 8

    private enum Part: Hashable {
        case character(Unicode.Scalar)
        case anyCharacter
        case anyText
    }

    private let parts: [Part]

    /// Nil for a pattern of more than ``maxCharacters``.
    init?(_ pattern: String, escape: Character? = "\\") {
        let scalars = Array(pattern.lowercased().unicodeScalars)
        guard scalars.count <= Self.maxCharacters else { return nil }
        let escapeScalar = escape?.lowercased().unicodeScalars.first
        var parts: [Part] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == escapeScalar, index < scalars.count {
                parts.append(.character(scalars[index]))
                index += 1
            } else if scalar == "%" {
                if parts.last != .anyText { parts.append(.anyText) }
            } else if scalar == "_" {
                parts.append(.anyCharacter)
            } else {
                parts.append(.character(scalar))
            }
        }
        self.parts = parts
    }

    /// - Parameters:
    ///   - text: what is compared.
    ///   - steps: comparisons that may still be made; those that were made are taken off.
    /// - Returns: nil if the steps did not suffice.
    func matches(_ text: String, steps: inout Int) -> Bool? {
        let scalars = Array(text.lowercased().unicodeScalars)
        var part = 0
        var scalar = 0
        // Where the last `%` stands, and the text position from which it is tried again.
        var retry: (part: Int, scalar: Int)?
        while scalar < scalars.count {
            if steps == 0 { return nil }
            steps -= 1
            if part < parts.count, parts[part] == .anyText {
                part += 1
                retry = (part, scalar)
            } else if part < parts.count, parts[part] == .anyCharacter || parts[part] == .character(scalars[scalar]) {
                part += 1
                scalar += 1
            } else if let last = retry {
                part = last.part
                scalar = last.scalar + 1
                retry = (part, scalar)
            } else {
                return false
            }
        }
        while part < parts.count, parts[part] == .anyText { part += 1 }
        return part == parts.count
    }
}
