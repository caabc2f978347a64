/// Writes measurements in Prometheus's text exposition format, version 0.0.4.
///
/// ```swift
/// var metrics = MetricsWriter()
/// metrics.gauge("kingbus_commit_index", "Index of the last committed entry.", 42)
/// metrics.counter("kingbus_sent_bytes_total", "Bytes sent to replicas.", labels: ["replica": "7"], 1024)
/// ```
///
/// The format wants all samples of one name together under one `HELP` and `TYPE`; callers need not: samples are sorted to their names,
/// which stand in the order in which they came first.
struct MetricsWriter {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Family {
        let kind: String
        var text: String
    }

    private var families: [Family] = []
    private var positions: [String: Int] = [:]

    /// All that was written so far.
    var text: String { families.reduce(into: "") { $0 += $1.text } }

    /// A value that only grows while the process lives; its name ends in `_total`.
    mutating func counter(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:], _ value: some BinaryInteger) {
        add("counter", name, help, labels, String(value))
    }

    mutating func counter(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:], _ value: Double) {
        add("counter", name, help, labels, Self.number(value))
    }

    /// A value that goes up and down.
    mutating func gauge(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:], _ value: some BinaryInteger) {
        add("gauge", name, help, labels, String(value))
    }

    mutating func gauge(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:], _ value: Double) {
        add("gauge", name, help, labels, Self.number(value))
    }

    private mutating func add(_ kind: String, _ name: String, _ help: String, _ labels: KeyValuePairs<String, String>, _ value: String) {
        assert(MetricName.isValid(name), "\(name) is no metric name")
        let position = positions[name] ?? families.count
        if position == families.count {
            positions[name] = position
            families.append(Family(kind: kind, text: "# HELP \(name) \(MetricName.escaped(help: help))\n# TYPE \(name) \(kind)\n"))
        }
        assert(families[position].kind == kind, "\(name) is a \(families[position].kind) already")
        families[position].text += "\(name)\(Self.text(labels)) \(value)\n"
    }

    private static func text(_ labels: KeyValuePairs<String, String>) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { name, value in
            assert(MetricName.isValid(label: name), "\(name) is no label name")
            return "\(name)=\"\(MetricName.escaped(label: value))\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return "\(value)"
    }
}
