import Common
import Hummingbird

/// Lets a request in or answers 401 or 403, before anything else of it is looked at.
struct AccessMiddleware: RouterMiddleware {
    let tokens: AdminTokens
    let needsLoopbackHost: Bool
    /// Probes ask these without a token and by any name.
    private let openPaths: Set<String> = ["/healthz", "/readyz"]

    init(tokens: AdminTokens, listen: HostPort) {
        self.tokens = tokens
        needsLoopbackHost = tokens.isEmpty && listen.isLoopback
    }

    func handle(
        _ request: Request, context: BasicRequestContext, next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        if !openPaths.contains(request.uri.path) {
            guard !needsLoopbackHost || LoopbackHost.names(request.head.authority) else {
                throw AdminError(
                    .forbidden, code: "foreign_host", message: "the Host header names no loopback address",
                    hint: "ask http://127.0.0.1 or http://localhost, or give the node an --admin-token-file")
            }
            try tokens.authorize(request.headers[.authorization], isChange: request.method != .get && request.method != .head)
        }
        return try await next(request, context)
    }
}
