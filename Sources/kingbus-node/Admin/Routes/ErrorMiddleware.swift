import Hummingbird
import Logging

/// Makes the JSON that the API promises of every error, the framework's own included.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: BasicRequestContext, next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as AdminError {
            return Response(.error(error))
        } catch let error as HTTPError where error.status == .notFound {
            return Response(.error(.notFound))
        } catch {
            context.logger.error("admin request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Response(.error(.internalError))
        }
    }
}
