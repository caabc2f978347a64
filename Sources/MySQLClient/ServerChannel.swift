import Common
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// A TCP connection to a server whose bytes a plain thread reads, waiting where it must. The sockets are served by one thread for all.
struct ServerChannel: Sendable {
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 16 << 10, initial: 64 << 10, maximum: 512 << 10)

    let endpoint: String
    private let channel: any Channel
    private let inbox: Inbox

    /// Connects, within `timeoutMilliseconds`.
    init(to url: MySQLURL, timeoutMilliseconds: UInt64) throws(ClientError) {
        endpoint = HostPort(host: url.host, port: url.port).description
        let inbox = Inbox()
        self.inbox = inbox
        do {
            channel = try ClientBootstrap(group: Self.group)
                .connectTimeout(.milliseconds(Int64(timeoutMilliseconds)))
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.recvAllocator, value: Self.allocator)
                .channelInitializer { $0.pipeline.addHandler(inbox) }
                .connect(host: url.host, port: Int(url.port)).wait()
        } catch {
            throw ClientError(
                .unreachable, at: endpoint, "no connection: \(Self.reason(error, timeoutMilliseconds: timeoutMilliseconds))",
                hint: "check the host and the port, and that the server runs")
        }
    }

    /// Whether a read would wait.
    var isIdle: Bool { inbox.isEmpty }

    /// The next bytes that the server sent.
    func read(until deadline: MonotonicTime) throws(ClientError) -> ByteBuffer {
        try value(inbox.take(from: channel, until: deadline))
    }

    /// Sends, without waiting: what cannot be sent ends the connection, and the next read says so.
    func write(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Sends the request for TLS, in the clear, and goes on encrypted.
    func startTLS(_ request: [UInt8], for url: MySQLURL, until deadline: MonotonicTime) throws(ClientError) {
        do {
            try channel.eventLoop.submit { [channel, inbox, endpoint] in
                // What came in the clear behind the greeting was put there by somebody in between.
                guard inbox.isEmpty else { throw ClientError(.malformed, at: endpoint, "it sent more than its greeting before TLS") }
                channel.writeAndFlush(ByteBuffer(bytes: request), promise: nil)
                try channel.pipeline.syncOperations.addHandler(try url.makeTLSHandler(), position: .first)
            }.wait()
        } catch let error as ClientError {
            throw error
        } catch {
            throw ClientError(.tls, at: endpoint, "TLS cannot begin: \(error)", hint: url.sslCA.map { "check ssl-ca=\($0)" })
        }
        do {
            try value(inbox.waitForTLS(until: deadline))
        } catch {
            guard error.code == .closed else { throw error }
            let isVerified = url.sslMode == .verifyCA || url.sslMode == .verifyIdentity
            throw ClientError(
                .tls, at: endpoint, "TLS did not come about: \(error.reason)",
                hint: isVerified ? "check the server's certificate, ssl-ca and ssl-mode=\(url.sslMode.rawValue)" : nil)
        }
    }

    /// Ends the connection from any thread, and every wait for it.
    func interrupt() {
        inbox.interrupt()
        close()
    }

    func close() { channel.close(promise: nil) }

    private func value<Value>(_ outcome: Inbox.Outcome<Value>) throws(ClientError) -> Value {
        switch outcome {
        case .value(let value): return value
        case .timedOut: throw ClientError(.silent, at: endpoint, "the server sends nothing")
        case .end(.closed): throw ClientError(.closed, at: endpoint, "the server closed the connection")
        case .end(.interrupted): throw ClientError(.interrupted, at: endpoint, "interrupted")
        case .end(.failed(let error)):
            throw ClientError(.closed, at: endpoint, "the connection failed: \(Self.reason(error, timeoutMilliseconds: 0))")
        }
    }

    /// What NIO's errors come down to, for a person.
    private static func reason(_ error: any Error, timeoutMilliseconds: UInt64) -> String {
        switch error {
        case let error as NIOConnectionError:
            // With several addresses, as ::1 and 127.0.0.1, the last one tried stands for all.
            if let last = error.connectionErrors.last {
                return reason(last.error, timeoutMilliseconds: timeoutMilliseconds)
            }
            return "the host's name is not known"
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout: return "no answer within \(Double(timeoutMilliseconds) / 1000) s"
        // Servers that are ended say no goodbye in TLS.
        case NIOSSLError.uncleanShutdown: return "the server closed it"
        case is NIOSSLError where "\(error)".contains("CERTIFICATE_VERIFY_FAILED"):
            return "the server's certificate is not signed by an authority that is trusted here"
        case let error as NIOSSLExtraError where error == .failedToValidateHostname: return "the server's certificate is of another host"
        case is NIOSSLError: return "TLS: \(error)"
        default: return "\(error)"
        }
    }
}
