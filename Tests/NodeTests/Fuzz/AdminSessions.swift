import Hummingbird

@testable import kingbus_node

/// Requests as clients of the admin port send them, byte for byte.
struct AdminSessions {
    /// One request, in the parts that it is made of: lines of the head, then the body.
    typealias Parts = [[UInt8]]

    /// Every operation once, with its method, a path that fits, and a body that it takes.
    private let operations: [(method: String, path: String, body: String)]

    init(_ backend: AdminBackend) {
        operations =
            AdminRoutes.all(backend).map { route in
                let path = route.path.replacing("{name}", with: "n%34").replacing("{index}", with: "42")
                return (route.method.rawValue, path, Self.body(for: route.body))
            } + [("HEAD", "/v1/status", ""), ("OPTIONS", "/v1/status", ""), ("GET", "/nowhere", ""), ("PATCH", "/v1/upstream", "{}")]
    }

    private static func body(for schema: String?) -> String {
        switch schema {
        case "UpstreamChange": #"{"urls":["mysql://r@a:3306","mysql://r@b"],"password":"pä\u0041ss","version":3}"#
        case "MemberAddition": #"{"name":"n4","peer":"kb4:7707"}"#
        default: "{}"
        }
    }

    /// A request for one of the operations; those that change something come as often as the others.
    func request(isChange: Bool, isChunked: Bool, _ random: inout SeededGenerator) -> Parts {
        let choices = operations.filter { ($0.method != "GET" && $0.method != "HEAD") == isChange }
        guard let operation = choices.randomElement(using: &random) else { return [] }
        var lines = ["\(operation.method) \(operation.path) HTTP/1.1", "Host: 127.0.0.1:8707"]
        lines += Self.others.randomElement(using: &random) ?? []
        lines.append("Authorization: Bearer \(Bool.random(using: &random) ? "full-secret" : "read-secret")")
        guard isChange else { return Self.head(lines) }
        lines.append("Content-Type: application/json")
        let body = Array(operation.body.utf8)
        guard isChunked else { return Self.head(lines + ["Content-Length: \(body.count)"]) + [body] }
        lines.append("Transfer-Encoding: chunked")
        return Self.head(lines) + Self.chunks(body, &random)
    }

    private static let others: [[String]] = [
        ["User-Agent: curl/8.5.0", "Accept: */*"], ["accept: application/json", "Connection: keep-alive"], ["Expect: 100-continue"],
        ["Accept-Encoding: gzip, deflate, br", "Cookie: a=b; c=\"d\"", "Cache-Control: no-cache"], [],
    ]

    private static func head(_ lines: [String]) -> Parts {
        lines.map { Array(($0 + "\r\n").utf8) } + [Array("\r\n".utf8)]
    }

    private static func chunks(_ body: [UInt8], _ random: inout SeededGenerator) -> Parts {
        var parts: Parts = []
        var rest = body[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...rest.count, using: &random)
            parts.append(Array((String(count, radix: 16) + "\r\n").utf8) + rest.prefix(count) + Array("\r\n".utf8))
            rest = rest.dropFirst(count)
        }
        return parts + [Array("0\r\n".utf8), Array((Bool.random(using: &random) ? "Trailer: x\r\n\r\n" : "\r\n").utf8)]
    }
}
