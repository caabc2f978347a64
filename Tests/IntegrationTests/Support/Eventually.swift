/// A condition did not come true, or a process did not end, in time.
struct TimedOut: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ deadline: Duration, lastError: (any Error)? = nil) {
        description = "waited \(deadline) in vain for \(what)" + (lastError.map { "; the last error was: \($0)" } ?? "")
    }
}

/// Waits until a condition holds, and not longer.
///
///     try await eventually("the row to arrive") { try await replica.query("SELECT id FROM shop.orders") == [["1"]] }
///
/// An error that the condition throws counts as "not yet".
///
/// - Parameter deadline: when to give up.
/// - Throws: `TimedOut`, with the condition's last error.
func eventually(
    _ what: String, within deadline: Duration = .seconds(30), isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while true {
        var lastError: (any Error)?
        do {
            if try await condition() { return }
        } catch {
            lastError = error
        }
        guard clock.now < end else { throw TimedOut(what, deadline, lastError: lastError) }
        try await clock.sleep(for: .milliseconds(20))
    }
}
