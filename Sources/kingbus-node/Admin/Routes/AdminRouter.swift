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
                router.on(path, method: route.method) { request, _ in
                    Response(try await respond(to: request, by: route, forward: backend.forward))
                }
            }
            var allowed = routes.map(\.method).sorted { $0.rawValue < $1.rawValue }
            if allowed.contains(.get) { allowed.append(.head) }
            for method in methods where !allowed.contains(method) {
                router.on(path, method: method) { [allowed] _, _ -> Response in throw AdminError.methodNotAllowed(allowed) }
            }
        }
        return router.buildResponder()
    }

    private static func respond(
        to request: Request, by route: AdminRoute, forward: @Sendable (ForwardedChange) async throws(AdminError) -> AdminAnswer?
    ) async throws(AdminError) -> AdminAnswer {
        let path = request.uri.path
        guard let parameters = AdminPath(route.path).parameters(in: path) else { throw .notFound }
        guard route.method != .get else { return try await route.respond(AdminRequest(parameters: parameters)) }
        let body = try await JSONBody.collect(from: request)
        if let answer = try await forward(ForwardedChange(method: route.method, path: path, body: body)) { return answer }
        return try await route.respond(AdminRequest(parameters: parameters, body: body))
    }

    /// Carries out a change that another node took, which has asked for a token if one is needed. It goes no further from here.
    static func perform(_ change: ForwardedChange, backend: AdminBackend) async -> AdminAnswer {
        do throws(AdminError) {
            guard change.body.readableBytes <= AdminLimits.maxBodyBytes else { throw JSONBody.tooLarge }
            for route in AdminRoutes.all(backend) where route.method == change.method && route.method != .get {
                guard let parameters = AdminPath(route.path).parameters(in: change.path) else { continue }
                return try await route.respond(AdminRequest(parameters: parameters, body: change.body))
            }
            throw .notFound
        } catch {
            return .error(error)
        }
    }
}
