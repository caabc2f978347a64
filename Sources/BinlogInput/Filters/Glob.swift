/// A pattern of names: `*` stands for any characters, `?` for one, all else for itself.
///
///     Glob("order*").matches("orders".utf8)   // true
package struct Glob: Hashable, Sendable {
    private let pattern: [UInt8]

    package init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// Whether the whole name is as the pattern says. `?` stands for one byte, or for a whole character in UTF-8.
    package func matches(_ name: some Collection<UInt8>) -> Bool {
        let name = Array(name)
        // Where the last `*` stands, and where in the name what it stands for ends.
        var star: (pattern: Int, name: Int)?
        var (p, n) = (0, 0)
        while n < name.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") {
                p += 1
                n = Self.characterEnd(name, n)
            } else if p < pattern.count, pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                p = last.pattern + 1
                n = last.name + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func characterEnd(_ name: [UInt8], _ start: Int) -> Int {
        var end = start + 1
        while end < name.count, name[end] & 0xc0 == 0x80 { end += 1 }
        return end
    }
}
