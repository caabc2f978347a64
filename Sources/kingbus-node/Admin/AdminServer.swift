import Common
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// The node's HTTP API: status, upstream, metrics and probes, as one service.
///
/// ```swift
/// let admin = AdminServer(listen: configuration.adminListen, tokens: tokens, tls: nil, backend: backend, logger: logger)
/// try await ServiceGroup(services: [admin], logger: logger).run()
/// ```
///
/// Beyond loopback it should have TLS and a token; whoever starts it decides. On loopback and without a token it answers only requests
/// for a loopback name, so that no web page in a browser on this machine can talk to it through a name that it controls.
struct AdminServer: Service {
    /// Where it listens; port 0 takes a free one, which `onListening` is told.
    let listen: HostPort
    let tokens: AdminTokens
    /// Nil serves plain HTTP.
    let tls: TLSConfiguration?
    let backend: AdminBackend
    let logger: Logger
    /// Called once, with the address that was bound.
    let onListening: @Sendable (HostPort) async -> Void

    init(
        listen: HostPort, tokens: AdminTokens = AdminTokens(), tls: TLSConfiguration? = nil, backend: AdminBackend, logger: Logger,
        onListening: @escaping @Sendable (HostPort) async -> Void = { _ in }
    ) {
        self.listen = listen
        self.tokens = tokens
        self.tls = tls
        self.backend = backend
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service group shuts down gracefully; requests under way are answered first.
    ///
    /// - Throws: `SetupError` where it cannot listen.
    func run() async throws {
        do {
            try await application().run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw SetupError(cannotListen: listen, error)
        }
    }

    func application() throws -> some ApplicationProtocol {
        let plain = HTTPServerBuilder.http1(configuration: .init(idleTimeout: AdminLimits.idleTimeout))
        // The framework says at info where it listens, without saying for what; our own line says both.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        return Application(
            responder: AdminRouter.responder(backend: backend, access: AccessMiddleware(tokens: tokens, listen: listen)),
            server: try tls.map { try .tls(plain, tlsConfiguration: $0) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(listen.host, port: Int(listen.port)),
                availableConnectionsDelegate: .maximum(AdminLimits.maxConnections, logger: quiet)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port.flatMap(UInt16.init(exactly:)) ?? listen.port
                let bound = HostPort(host: listen.host, port: port)
                logger.info("admin API listens", metadata: ["address": "\(bound)", "tls": "\(tls != nil)"])
                await onListening(bound)
            },
            logger: quiet)
    }
}
