import Common
import Foundation
import NIOPosix
import ServiceLifecycle
import Testing

@testable import kingbus_node

/// Mutations of recorded sessions of the admin port, over real connections to a server: nothing traps, every answer is HTTP and none
/// tells of an error inside, and every connection ends.
///
/// KINGBUS_LONG=1 makes five times as many.
@Suite struct AdminPortMutationTests {
    private enum PortState: String, CaseIterable {
        case head = "in a head"
        case body = "in a body of known length"
        case chunkedBody = "in a chunked body"
        case json = "in JSON of the right length"
        case token = "in a token"
        case keptAlive = "behind another request"
        case reordered = "parts repeated, left out and reordered"

        /// Mutations per run.
        var count: Int { self == .json || self == .token ? 10_000 : 6_000 }

        /// Mutated requests on one connection, which mostly lasts where only what HTTP does not look into is mutated.
        var requestsPerConnection: Int { self == .json || self == .token ? 16 : 3 }
    }

    private static let factor = ProcessInfo.processInfo.environment["KINGBUS_LONG"] == "1" ? 5 : 1
    private static let threads = 6

    private let fixture = AdminFixture()

    private func mutated(_ state: PortState, _ sessions: AdminSessions, _ random: inout SeededGenerator) -> [UInt8] {
        switch state {
        case .head:
            return Mutation.damage(
                Array(sessions.request(isChange: Bool.random(using: &random), isChunked: false, &random).joined()), &random)
        case .body, .chunkedBody:
            let parts = sessions.request(isChange: true, isChunked: state == .chunkedBody, &random)
            let bodyStart = (parts.firstIndex { $0 == Array("\r\n".utf8) } ?? 0) + 1
            return Array(parts[..<bodyStart].joined()) + Mutation.damage(Array(parts[bodyStart...].joined()), &random)
        case .json:
            var parts = sessions.request(isChange: true, isChunked: false, &random)
            let body = Mutation.damage(parts.removeLast(), &random)
            parts = parts.map { $0.starts(with: Array("Content-Length".utf8)) ? Array("Content-Length: \(body.count)\r\n".utf8) : $0 }
            return Array(parts.joined()) + body
        case .token:
            let parts = sessions.request(isChange: Bool.random(using: &random), isChunked: false, &random)
            return parts.flatMap { part -> [UInt8] in
                guard part.starts(with: Array("Authorization".utf8)) else { return part }
                return Mutation.damage(Array(part.dropLast(2)), &random) + [13, 10]
            }
        case .keptAlive:
            let whole = sessions.request(isChange: false, isChunked: false, &random).joined()
            return Array(whole) + mutated(.head, sessions, &random)
        case .reordered:
            var parts = sessions.request(isChange: Bool.random(using: &random), isChunked: Bool.random(using: &random), &random)
            for _ in 0..<Int.random(in: 1...3, using: &random) where !parts.isEmpty {
                let at = Int.random(in: 0..<parts.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: parts.insert(parts[at], at: Int.random(in: 0...parts.count, using: &random))
                case 1: parts.remove(at: at)
                default: parts.swapAt(at, Int.random(in: 0..<parts.count, using: &random))
                }
            }
            return Array(parts.joined())
        }
    }

    /// Sends mutations, several to a connection, until `count` of them have been looked at. Blocks.
    private func storm(_ state: PortState, count: Int, seed: UInt64, _ sessions: AdminSessions, port: UInt16) throws {
        var random = SeededGenerator(seed: seed)
        var left = count
        while left > 0 {
            let connection = try BlockingConnection(port: port)
            let sent = Int.random(in: 1...state.requestsPerConnection, using: &random)
            let bytes = (0..<sent).flatMap { _ in mutated(state, sessions, &random) }
            for piece in Mutation.pieces(bytes, &random) { connection.send(piece) }
            let answer = connection.finish()
            let answers = Self.count(of: "HTTP/1.1 ", in: answer ?? [])
            // Nothing is answered to what is no whole request.
            if answer == nil || answer?.isEmpty == false && answers == 0 || Self.count(of: "HTTP/1.1 500", in: answer ?? []) > 0 {
                Issue.record(
                    """
                    \(state.rawValue): \(answer.map { String(decoding: $0, as: UTF8.self) } ?? "no end") to \
                    \(String(decoding: bytes, as: UTF8.self).debugDescription)
                    """)
            }
            // What stands behind the first broken request is not read any more.
            let read = state == .keptAlive ? answers / 2 : answers
            left -= min(max(1, read), sent)
        }
    }

    /// No answer has a byte that is 0.
    private static func count(of needle: String, in bytes: [UInt8]) -> Int {
        (bytes + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                var count = 0
                var rest = text.baseAddress
                while let from = rest, let found = strstr(from, needle) {
                    count += 1
                    rest = UnsafePointer(found) + needle.utf8.count
                }
                return count
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `mutated sessions end without a trace in every state`() async throws {
        let sessions = AdminSessions(fixture.backend)
        let tokens = AdminTokens(full: AdminFixture.fullToken, read: AdminFixture.readToken)
        let pool = NIOThreadPool(numberOfThreads: Self.threads)
        pool.start()
        try await withServer(tokens) { port in
            do {
                let first = try BlockingConnection(port: port)
                #expect(try await holds(1, port: port))
                _ = first.finish()
            }
            for (index, state) in PortState.allCases.enumerated() {
                let share = (state.count * Self.factor + Self.threads - 1) / Self.threads
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for thread in 0..<Self.threads {
                        group.addTask {
                            try await pool.runIfActive {
                                try storm(state, count: share, seed: UInt64(index * 100 + thread), sessions, port: port)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            // It goes on as if nothing had been.
            let connection = try BlockingConnection(port: port)
            connection.send(Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
            let answer = String(decoding: connection.finish() ?? [], as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\nok\n"))
            #expect(try await holds(0, port: port), "the server keeps connections whose clients have gone")
        }
        try await pool.shutdownGracefully()
        print("mutations of sessions by state of the admin port:")
        let count = PortState.allCases.map { state in
            let count = (state.count * Self.factor + Self.threads - 1) / Self.threads * Self.threads
            print("  \(count)\t\(state.rawValue)")
            return count
        }.reduce(0, +)
        print("  \(count)\tin all")
        #expect(count >= 50_000 * Self.factor)
    }

    /// Whether the server comes to hold so many connections of this port, the listening one aside.
    private func holds(_ count: Int, port: UInt16) async throws -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while true {
            // Looked at once more behind the deadline: other storms may have kept this task from running until then.
            let isLate = clock.now >= deadline
            if try OwnSockets.count(localPort: port) == count + 1 { return true }
            if isLate { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func withServer(_ tokens: AdminTokens, _ body: (UInt16) async throws -> Void) async throws {
        let (bound, continuation) = AsyncStream.makeStream(of: HostPort.self)
        let server = AdminServer(
            listen: HostPort(host: "127.0.0.1", port: 0), tokens: tokens, backend: fixture.backend, logger: AdminFixture.logger
        ) { continuation.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [server], logger: AdminFixture.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            let address = await bound.first { _ in true }
            do { try await body(try #require(address).port) } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
