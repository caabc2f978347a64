import Foundation
import Hummingbird
import Testing

@testable import kingbus_node

@Suite struct AdminOpenAPITests {
    private func document() async throws -> [String: Any] {
        let text = try await AdminFixture().ask(.get, "/v1/openapi.json").text
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `the description names exactly what is served`() async throws {
        let paths = try #require(try await document()["paths"] as? [String: [String: Any]])
        let operations = paths.flatMap { path, methods in methods.keys.map { "\($0) \(path)" } }
        #expect(
            operations.sorted() == [
                "delete /v1/members/{name}", "get /healthz", "get /metrics", "get /readyz", "get /v1/entries/{index}",
                "get /v1/members", "get /v1/openapi.json", "get /v1/replicas", "get /v1/segments", "get /v1/status",
                "get /v1/upstream", "post /v1/leader/transfer", "post /v1/members", "post /v1/members/{name}/promote",
                "post /v1/upstream/start",
                "post /v1/upstream/stop", "put /v1/upstream",
            ])
        for operation in operations {
            let parts = operation.split(separator: " ").map(String.init)
            let method = try #require(HTTPRequest.Method(parts[0].uppercased()))
            let reply = try await AdminFixture().ask(method, parts[1].replacing("{name}", with: "n1").replacing("{index}", with: "42"))
            #expect(reply.status != 404 && reply.status != 405, "\(operation)")
        }
    }

    @Test(arguments: [
        ("/v1/status", "Status"), ("/v1/members", "Members"), ("/v1/replicas", "Replicas"), ("/v1/segments", "Segments"),
        ("/v1/upstream", "Upstream"), ("/v1/entries/42", "Entry"), ("/nowhere", "Error"),
    ])
    func `an answer has exactly the keys of its description, and their types`(_ path: String, _ schema: String) async throws {
        let components = try #require(try await document()["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        let text = try await AdminFixture().ask(.get, path).text
        let problems = mismatch(
            try JSONSerialization.jsonObject(with: Data(text.utf8)), try #require(schemas[schema]), schemas: schemas, at: schema)
        #expect(problems.isEmpty)
    }

    /// Where the value is not as the schema says.
    private func mismatch(_ value: Any, _ schema: [String: Any], schemas: [String: [String: Any]], at path: String) -> [String] {
        if let reference = schema["$ref"] as? String {
            guard let target = schemas[String(reference.split(separator: "/").last ?? "")] else { return ["\(path): no \(reference)"] }
            return mismatch(value, target, schemas: schemas, at: path)
        }
        let types = schema["type"] as? [String] ?? [schema["type"] as? String ?? ""]
        switch value {
        case let members as [String: Any]:
            guard let properties = schema["properties"] as? [String: [String: Any]] else { return ["\(path): no object"] }
            guard Set(members.keys) == Set(properties.keys) else { return ["\(path): \(members.keys) for \(properties.keys)"] }
            return members.flatMap { key, value in mismatch(value, properties[key] ?? [:], schemas: schemas, at: "\(path).\(key)") }
        case let elements as [Any]:
            guard let items = schema["items"] as? [String: Any] else { return ["\(path): no list"] }
            return elements.flatMap { mismatch($0, items, schemas: schemas, at: "\(path)[]") }
        case is NSNull: return types.contains("null") ? [] : ["\(path): null"]
        case let text as String:
            guard types.contains("string") else { return ["\(path): \(text)"] }
            return (schema["enum"] as? [String])?.contains(text) ?? true ? [] : ["\(path): \(text)"]
        default: return types.contains { ["integer", "number", "boolean"].contains($0) } ? [] : ["\(path): \(value)"]
        }
    }
}
