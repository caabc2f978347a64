import Common
import Hummingbird

/// The description of the API by the rules of OpenAPI 3.1, made of the operations themselves so that it cannot lag behind them.
enum OpenAPIDocument {
    static func make(_ routes: [AdminRoute]) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route)
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": "Kingbus", "version": .string(kingbusVersion)],
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": [
                "schemas": .object(OpenAPISchemas.all),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
            "security": [["token": []], [:]],
        ]
    }

    private static func operation(_ route: AdminRoute) -> JSONValue {
        var operation: [String: JSONValue] = [
            "summary": .string(route.summary),
            "responses": ["200": success(route.answer), "default": failure],
        ]
        let parameters = AdminPath(route.path).names
        if !parameters.isEmpty {
            operation["parameters"] = .list(
                parameters.map { ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]] })
        }
        if let body = route.body {
            operation["requestBody"] = ["required": true, "content": json(reference(body))]
        }
        return .object(operation)
    }

    private static func success(_ answer: AdminRoute.Answer) -> JSONValue {
        let content =
            switch answer {
            case .json(let schema): json(reference(schema))
            case .anyJSON: json(["type": "object"])
            case .text: JSONValue.object(["text/plain": ["schema": ["type": "string"]]])
            }
        return ["description": "Success.", "content": content]
    }

    private static var failure: JSONValue { ["description": "Why not.", "content": json(reference("Error"))] }

    private static func json(_ schema: JSONValue) -> JSONValue { ["application/json": ["schema": schema]] }

    private static func reference(_ schema: String) -> JSONValue { OpenAPISchemas.reference(schema) }
}
