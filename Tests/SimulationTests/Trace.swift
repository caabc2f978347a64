/// The last things that happened in a simulation, as a person reads them. Off in most runs: a run that went wrong is run again with it.
final class Trace {
    static let lineCount = 60

    private let isOn: Bool
    private let printsAll: Bool
    private var recent: [String] = []

    /// - Parameter printsAll: also prints each line at once, so that a run that traps is seen up to there.
    init(isOn: Bool, printsAll: Bool = false) {
        self.isOn = isOn || printsAll
        self.printsAll = printsAll
    }

    func note(_ time: UInt64, _ node: String, _ text: @autoclosure () -> String) {
        guard isOn else { return }
        let millis = String(time / 1000), micros = String(1000 + time % 1000).dropFirst()
        let line = String(repeating: " ", count: max(0, 7 - millis.count)) + "\(millis).\(micros) \(node)  \(text())"
        if printsAll { print(line) }
        if recent.count == 2 * Self.lineCount { recent.removeFirst(Self.lineCount) }
        recent.append(line)
    }

    var text: String { recent.suffix(Self.lineCount).joined(separator: "\n") }
}
