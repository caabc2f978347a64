import Common

/// Lets one thread end what another one waits for, now or later, whichever connection that is on.
public final class Stopper: Sendable {
    private final class State: @unchecked Sendable {  // Touched inside the monitor only.
        var isStopped = false
        var interrupter: MySQLConnection.Interrupter?
    }

    private let monitor = Monitor()
    private let state = State()

    public init() {}

    public var isStopped: Bool { monitor.locked { state.isStopped } }

    /// Ends what is waited for; from any thread, as often as one likes.
    public func stop() {
        monitor.locked {
            state.isStopped = true
            monitor.changed()
            state.interrupter?.interrupt()
        }
    }

    /// Waits; returns whether that was not ended.
    public func pause(milliseconds: UInt64) -> Bool {
        let deadline = MonotonicTime.inMilliseconds(milliseconds)
        return monitor.locked {
            while !state.isStopped, monitor.wait(until: deadline) {}
            return !state.isStopped
        }
    }

    /// From now on it is this connection that is waited for.
    func watch(_ connection: MySQLConnection) {
        monitor.locked {
            state.interrupter = connection.interrupter
            if state.isStopped { connection.interrupter.interrupt() }
        }
    }
}
