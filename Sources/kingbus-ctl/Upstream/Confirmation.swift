import ArgumentParser
import ClusterAPI

/// How a change is made that interrupts something: options of such commands.
struct Confirmation: ParsableArguments {
    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Do it without asking; needed where there is no terminal.")
    var yes = false

    /// Whether to go on; tells why where not.
    ///
    /// - Parameter change: what is going to happen, as a sentence without its full stop.
    func allows(_ change: String) throws(CtlError) -> Bool {
        if dryRun {
            Terminal.write(Array("would do: \(change)\n".utf8))
            return false
        }
        if yes { return true }
        guard Terminal.canAsk else {
            throw CtlError(.usage, "this needs --yes where there is no terminal: \(change)", hint: "--dry-run shows it without doing it")
        }
        let answer = Terminal.ask("\(change). Go on? [y/N] ") ?? ""
        guard ["y", "yes"].contains(answer.lowercased()) else { throw CtlError(.failure, "nothing was done") }
        return true
    }
}
