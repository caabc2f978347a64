/// How figures and states read.
enum Wording {
    /// `1.5 GiB`.
    static func bytes(_ count: UInt64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard count >= 1024 else { return "\(count) B" }
        var scaled = count
        var tenths: UInt64 = 0
        var unit = -1
        while scaled >= 1024 {
            tenths = scaled / 1024 * 10 + scaled % 1024 * 10 / 1024
            scaled /= 1024
            unit += 1
        }
        return scaled >= 100 ? "\(scaled) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// A GTID set in a line of its own; `(empty)` for none.
    static func set(_ text: String) -> String { text.isEmpty ? "(empty)" : text }

    static let absent = "-"
}

/// Colours of a terminal that is able to show them.
struct Palette {
    let isOn: Bool

    func good(_ text: String) -> String { paint(text, 32) }
    func warning(_ text: String) -> String { paint(text, 33) }
    func bad(_ text: String) -> String { paint(text, 31) }

    private func paint(_ text: String, _ colour: Int) -> String { isOn ? "\u{1b}[\(colour)m\(text)\u{1b}[0m" : text }
}
