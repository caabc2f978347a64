import NIOCore

/// What the admin API bounds, each once.
enum AdminLimits {
    /// The largest body that is read; beyond it the answer is 413.
    static let maxBodyBytes = 1 << 20
    /// Connections served at once; more wait in the kernel's queue.
    static let maxConnections = 256
    /// A connection without any traffic for so long is closed.
    static let idleTimeout = TimeAmount.seconds(60)
}
