import AsyncHTTPClient
import Common
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Speaks to the HTTP API of a cluster through whichever of its nodes answers.
package struct AdminClient: Sendable {
    private static let requestTimeout = TimeAmount.seconds(10)
    private static let connectTimeout = TimeAmount.seconds(3)
    /// The largest answer that is read: a status with GTID sets of a hundred thousand ranges has a few MiB.
    private static let maxAnswerBytes = 64 << 20

    /// Addresses of nodes, without a slash at the end; tried in turn.
    package let endpoints: [String]
    private let token: String?
    private let http: HTTPClient
    /// Who asks, for what is told.
    private let tool: String
    private let threshold: LogLevel

    /// What a node has answered: its status code is one of success.
    package struct Answer: Sendable {
        package let endpoint: String
        package let body: [UInt8]

        package init(endpoint: String, body: [UInt8]) {
            self.endpoint = endpoint
            self.body = body
        }

        package func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws(ClusterError) -> Value {
            do { return try JSON.decode(type, from: body) } catch {
                throw ClusterError(
                    .failure, "\(endpoint): the answer is not what this version understands (\(error))",
                    hint: "use the version that the node runs")
            }
        }
    }

    package static let defaultEndpoint = "http://127.0.0.1:8707"

    /// Addresses between commas, without slashes at their ends.
    package static func endpoints(parsing text: String) throws(ClusterError) -> [String] {
        var endpoints: [String] = []
        for item in text.split(separator: ",") {
            guard !item.contains("@") else {
                throw ClusterError(.usage, "an admin address holds no user and no password", hint: "put the token into a file, and name it")
            }
            var url = item.drop { $0 == " " }
            while url.last == "/" || url.last == " " { url.removeLast() }
            guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }), url.count > scheme.count,
                !url.dropFirst(scheme.count).contains(where: { "/?# ".contains($0) })
            else { throw ClusterError(.usage, "'\(item)' is no admin address; it reads \(defaultEndpoint)") }
            endpoints.append(String(url))
        }
        guard !endpoints.isEmpty else { throw ClusterError(.usage, "no admin address is given; it reads \(defaultEndpoint)") }
        return endpoints
    }

    /// Calls `body` with a client, and closes its connections afterwards.
    ///
    /// - Parameters:
    ///   - endpoints: see ``endpoints(parsing:)``.
    ///   - tokenFile: a file that holds the admin token.
    ///   - tool: who asks, for what is told.
    package static func with<Result: Sendable>(
        _ endpoints: [String], tokenFile: String?, tool: String, logLevel: LogLevel,
        _ body: (AdminClient) async throws(ClusterError) -> Result
    ) async throws(ClusterError) -> Result {
        let token = try tokenFile.map(SecretFile.read)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = connectTimeout
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = AdminClient(endpoints: endpoints, token: token, http: http, tool: tool, threshold: logLevel)
        let outcome: Swift.Result<Result, ClusterError>
        do throws(ClusterError) { outcome = .success(try await body(client)) } catch { outcome = .failure(error) }
        // Only a client that was shut down already refuses, and this is the only place that does it.
        try? await http.shutdown()
        return try outcome.get()
    }

    package func get(_ path: String) async throws(ClusterError) -> Answer { try await send(.GET, path) }

    /// Asks one node alone.
    package func get(_ path: String, from endpoint: String) async throws(ClusterError) -> Answer {
        try await send(.GET, path, nil, to: endpoint)
    }

    // Every change is idempotent or carries the version that it expects, so that another node may be asked after one that fails.

    package func put(_ path: String, _ body: [UInt8]) async throws(ClusterError) -> Answer { try await send(.PUT, path, body) }

    package func post(_ path: String, _ body: [UInt8] = Array("{}".utf8)) async throws(ClusterError) -> Answer {
        try await send(.POST, path, body)
    }

    package func delete(_ path: String) async throws(ClusterError) -> Answer { try await send(.DELETE, path, Self.noParameters) }

    private static let noParameters = Array("{}".utf8)

    /// A name as a part of a path: all but letters, digits, `-`, `.`, `_` and `~` behind percent signs (RFC 3986, section 2.3).
    package static func encoded(pathPart name: String) -> String {
        name.utf8.reduce(into: "") { text, byte in
            let character = Character(UnicodeScalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                text.append(character)
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    /// Asks the nodes in turn until one answers.
    private func send(_ method: HTTPMethod, _ path: String, _ body: [UInt8]? = nil) async throws(ClusterError) -> Answer {
        var failures: [String] = []
        for endpoint in endpoints {
            do throws(ClusterError) { return try await send(method, path, body, to: endpoint) } catch {
                guard error.code == .unreachable else { throw error }
                LogLevel.debug.tell(error.message, tool: tool, threshold: threshold)
                failures.append(error.message)
            }
        }
        throw ClusterError(
            .unreachable, "no node answers: \(failures.joined(separator: ", "))",
            hint: "check that kingbus-node runs, and name its --admin-listen address with --admin")
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, to endpoint: String
    ) async throws(ClusterError) -> Answer {
        var request = HTTPClientRequest(url: endpoint + path)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        LogLevel.debug.tell("\(method.rawValue) \(endpoint)\(path)", tool: tool, threshold: threshold)
        let status: HTTPResponseStatus
        let bytes: [UInt8]
        do {
            let response = try await http.execute(request, timeout: Self.requestTimeout)
            status = response.status
            bytes = Array(buffer: try await response.body.collect(upTo: Self.maxAnswerBytes))
        } catch let error as NIOTooManyBytesError {
            throw ClusterError(.failure, "\(endpoint): the answer is larger than \(error.maxBytes ?? Self.maxAnswerBytes) bytes")
        } catch {
            throw ClusterError(.unreachable, "\(endpoint) (\(Self.reason(error)))")
        }
        guard (200..<300).contains(status.code) else { throw Self.failure(status, bytes, endpoint) }
        return Answer(endpoint: endpoint, body: bytes)
    }

    /// The error that a node answered with.
    package static func failure(_ status: HTTPResponseStatus, _ body: [UInt8], _ endpoint: String) -> ClusterError {
        let known = try? JSON.decode(APIError.self, from: body)
        let message = "\(endpoint): \(known?.error.message ?? "HTTP \(status.code) \(status.reasonPhrase)")"
        switch status {
        case .unauthorized, .forbidden:
            return ClusterError(.notPermitted, message, hint: known?.error.hint ?? "give the admin token with --token-file")
        default: return ClusterError(.failure, message, hint: known?.error.hint)
        }
    }

    /// Errors of the API: `{"error":{"code","message","hint"}}`.
    struct APIError: Decodable {
        struct Body: Decodable {
            var code: String
            var message: String
            var hint: String?
        }
        var error: Body
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? HTTPClientError {
            switch error {
            case .connectTimeout: return "no connection within \(connectTimeout.nanoseconds / 1_000_000_000) s"
            case .deadlineExceeded, .readTimeout: return "no answer within \(requestTimeout.nanoseconds / 1_000_000_000) s"
            case .remoteConnectionClosed: return "the connection was closed"
            default: return error.shortDescription
            }
        }
        if let error = error as? NIOConnectionError, let first = error.connectionErrors.first?.error { return reason(first) }
        if let error = error as? IOError { return "\(String(cString: strerror(error.errnoCode)))" }
        return "\(error)"
    }
}
