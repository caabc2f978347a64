import ServiceLifecycle

/// Opens the MySQL port, beside the node's other services: its key takes some tenths of a second, for which nothing else is to wait.
struct MySQLPort: Service {
    /// - Throws: `SetupError` where the port cannot be opened.
    let open: @Sendable () async throws -> Void

    /// Opens the port and waits for the node's end.
    func run() async throws {
        try await open()
        try await gracefulShutdown()
    }
}
