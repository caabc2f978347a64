import Common
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization

@testable import kingbus_node

/// An admin server over a node that is made up, and what that node was asked to change.
final class AdminFixture: Sendable {
    private let changes = Mutex<[String]>([])
    private let readiness = Mutex(ReadinessAnswer(ready: true, reason: ""))

    /// In a struct: a closure that stands alone in a generic type is wrapped once more by each access.
    private struct Leader {
        var answer: @Sendable (ForwardedChange) throws(AdminError) -> AdminAnswer?
    }

    private let leader = Mutex(Leader { _ in nil })

    /// Another node leads from now on, and answers so.
    func follow(_ answer: @escaping @Sendable (ForwardedChange) throws(AdminError) -> AdminAnswer?) {
        leader.withLock { $0 = Leader(answer: answer) }
    }

    /// The changes that reached the node, in order.
    var changed: [String] { changes.withLock { $0 } }

    func becomeUnready(_ reason: String) {
        readiness.withLock { $0 = ReadinessAnswer(ready: false, reason: reason) }
    }

    static let fullToken = AdminToken("full-secret".utf8)
    static let readToken = AdminToken("read-secret".utf8)

    var backend: AdminBackend {
        AdminBackend(
            forward: { (change) async throws(AdminError) in try self.leader.withLock { $0 }.answer(change) },
            status: { AdminSamples.status },
            isReady: { self.readiness.withLock { $0 } },
            upstream: { AdminSamples.upstream },
            setUpstream: { (change) async throws(AdminError) in
                guard change.expectedVersion ?? 3 == 3 else {
                    throw AdminError(
                        .conflict, code: "version_mismatch", message: "the upstream is at version 3", hint: "read it again")
                }
                let password = change.password ?? "kept"
                self.changes.withLock { $0.append("set \(change.urls.joined(separator: " ")) \(password)") }
                return AdminSamples.upstream
            },
            startUpstream: { () async throws(AdminError) in
                self.changes.withLock { $0.append("start") }
                return AdminSamples.upstream
            },
            stopUpstream: { () async throws(AdminError) in
                self.changes.withLock { $0.append("stop") }
                return AdminSamples.upstream
            },
            addMember: { (addition) async throws(AdminError) in
                self.changes.withLock { $0.append("add \(addition.name) \(addition.peer)") }
                return AdminSamples.members
            },
            removeMember: { (name) async throws(AdminError) in
                guard name != "n9" else { throw AdminError(.notFound, code: "unknown_member", message: "the cluster has no member 'n9'") }
                self.changes.withLock { $0.append("remove \(name)") }
                return AdminSamples.members
            },
            promoteMember: { (name) async throws(AdminError) in
                self.changes.withLock { $0.append("promote \(name)") }
                return AdminSamples.members
            },
            transferLeadership: { (transfer) async throws(AdminError) in
                self.changes.withLock { $0.append("transfer to \(transfer.to ?? "anyone")") }
                return LeaderAnswer(leader: transfer.to ?? "n2", term: 4)
            },
            segments: { AdminSamples.segments },
            entry: { (index) async throws(AdminError) in
                guard index <= AdminSamples.entry.index else {
                    throw AdminError(.notFound, code: "no_entry", message: "entry \(index) is not committed here")
                }
                return AdminSamples.entry
            },
            replicas: { ReplicasAnswer(replicas: AdminSamples.status.replicas) },
            metrics: { metrics in
                metrics.gauge("kingbus_commit_index", "Index of the last committed entry.", 42)
                metrics.counter("kingbus_sent_bytes_total", "Bytes sent.", labels: ["replica": "a\"b"], 7)
            })
    }

    func server(listen: HostPort = HostPort(host: "127.0.0.1", port: 0), tokens: AdminTokens = AdminTokens()) -> AdminServer {
        AdminServer(listen: listen, tokens: tokens, backend: backend, logger: AdminFixture.logger)
    }

    /// Sends one request to the server's router.
    func ask(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: String? = nil, tokens: AdminTokens = AdminTokens()
    ) async throws -> AdminReply {
        try await server(tokens: tokens).application().test(.router) { client in
            try await client.execute(uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }) {
                AdminReply($0)
            }
        }
    }

    /// Sends a change as it should be sent.
    func change(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> AdminReply {
        try await ask(method, path, headers: [.contentType: "application/json"], body: body)
    }

    static var logger: Logger {
        Logger(label: "admin-test") { _ in SwiftLogNoOpLogHandler() }
    }
}

/// What the server answered.
struct AdminReply: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    init(_ response: TestResponse) {
        status = response.status.code
        headers = response.headers
        text = String(buffer: response.body)
    }

    func decoded<Answer: Decodable>(as type: Answer.Type) throws -> Answer {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// Status and error as `400 bad_request: …`; nil where the answer is no error.
    var failure: String? {
        guard let error = try? decoded(as: ErrorAnswer.self).error else { return nil }
        return "\(status) \(error.code): \(error.message)"
    }
}
