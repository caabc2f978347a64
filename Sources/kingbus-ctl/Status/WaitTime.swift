/// How long to wait: `90`, `90s`, `500ms`, `5m`, `1h`.
struct WaitTime: Hashable {
    var duration: Duration

    /// Nil for what does not read like that.
    init?(parsing text: String) {
        let units: [(name: String, milliseconds: Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000)]
        guard let unit = units.first(where: { text.hasSuffix($0.name) }), let number = UInt32(text.dropLast(unit.name.count)) else {
            return nil
        }
        duration = .milliseconds(Int64(number) * unit.milliseconds)
    }
}
