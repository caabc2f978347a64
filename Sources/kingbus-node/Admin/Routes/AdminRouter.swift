import Hummingbird

/// Puts the operations behind their paths, with a JSON error for every other path and method.
enum AdminRouter {
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]

    static func responder(backend: AdminBackend, access: AccessMiddleware) -> some HTTPResponder<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: access)
        for (path, routes) in Dictionary(grouping: AdminRoutes.all(backend), by: \.path) {
            let path = RouterPath(path)
            for route in routes {
                router.on(path, method: route.method) { request, _ in try await respond(to: request, by: route) }
            }
            var allowed = routes.map(\.method).sorted { $0.rawValue < $1.rawValue }
            if allowed.contains(.get) { allowed.append(.head) }
            for method in methods where !allowed.contains(method) {
                router.on(path, method: method) { [allowed] _, _ -> Response in throw AdminError.methodNotAllowed(allowed) }
            }
        }
        return router.buildResponder()
    }

    private static func respond(to request: Request, by route: AdminRoute) async throws(AdminError) -> Response {
        guard route.method != .get else { return try await route.respond(ByteBuffer()) }
        return try await route.respond(try await JSONBody.collect(from: request))
    }
}
