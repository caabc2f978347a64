import Common
import Logging
import ServiceLifecycle
import Testing

@testable import kingbus_node

extension AdminServer {
    /// Runs the server until the closure ends, and then lets it shut down gracefully.
    func whileRunning(_ body: (HostPort) async throws -> Void) async throws {
        let (bound, continuation) = AsyncStream.makeStream(of: HostPort.self)
        let reporting = AdminServer(
            listen: listen, tokens: tokens, tls: tls, backend: backend, logger: logger
        ) { continuation.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [reporting], logger: AdminFixture.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            let address = await bound.first { _ in true }
            do {
                try await body(try #require(address))
                await group.triggerGracefulShutdown()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            try await tasks.waitForAll()
        }
    }
}
