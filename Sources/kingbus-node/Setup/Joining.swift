import AsyncHTTPClient
import Common
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks a cluster, at any of its nodes, to take this node in: `--join`.
struct Joining: Sendable {
    private static let requestTimeout = TimeAmount.seconds(10)
    private static let maxAnswerBytes = 1 << 20

    /// `http://host:port` or `https://host:port` of a node's admin port, without a slash at the end.
    let url: String
    let addition: MemberAddition
    /// The token of the admin port; the same on all nodes.
    let token: SecretBytes?
    /// The file of the CA that signs the admin ports' certificates; nil for those that the system knows.
    let authority: String?

    /// Asks once. A node that is a member already may ask again.
    ///
    /// - Throws: ``SetupError`` that says why not; with exit code 77 where asking again is of no use.
    func ask() async throws {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        if let authority {
            configuration.tlsConfiguration = .makeClientConfiguration()
            configuration.tlsConfiguration?.trustRoots = .file(authority)
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<Void, any Error>
        do { result = .success(try await ask(client)) } catch { result = .failure(error) }
        try await client.shutdown()
        try result.get()
    }

    private func ask(_ client: HTTPClient) async throws {
        var request = HTTPClientRequest(url: url + "/v1/members")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let token {
            request.headers.add(name: "Authorization", value: "Bearer " + token.withBytes { String(decoding: $0, as: UTF8.self) })
        }
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(addition)))
        let status: HTTPResponseStatus
        let body: [UInt8]
        do {
            let response = try await client.execute(request, timeout: Self.requestTimeout)
            status = response.status
            body = Array(buffer: try await response.body.collect(upTo: Self.maxAnswerBytes))
        } catch {
            throw SetupError("--join \(url) does not answer: \(error)")
        }
        guard !(200..<300).contains(status.code) else { return }
        let known = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(body)).error
        let reason = known.map { $0.hint.isEmpty ? $0.message : "\($0.message). \($0.hint)" } ?? "HTTP \(status.code)"
        let isFinal = status == .unauthorized || status == .forbidden
        throw SetupError("--join \(url) refuses this node: \(reason)", exitCode: isFinal ? 77 : 1)
    }
}
