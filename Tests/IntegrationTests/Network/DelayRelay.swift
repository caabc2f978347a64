import Foundation
import Glibc
import Synchronization

/// Lets what a machine's processes send to one port of other machines, and what they are answered, arrive later, in order: a long way,
/// for kernels that cannot delay packets themselves.
///
/// The machine's firewall redirects connections to that port to this relay, which goes on to where they were to go.
final class DelayRelay: Sendable {
    /// Marks the relay's own connections, which the firewall lets through.
    private static let mark: Int32 = 0x6b62
    private let listener: Int32
    private let space: NetworkNamespace
    private let stops = Atomic(false)
    private let microseconds = Atomic<UInt64>(0)

    /// - Parameter port: of the other machines; connections that are there already stay as they are.
    init(in space: NetworkNamespace, ofPort port: UInt16) async throws {
        self.space = space
        listener = try space.inside { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        var address = SocketAddress(INADDR_LOOPBACK, 0)
        guard address.with({ bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw NamespaceClientError("the relay cannot listen")
        }
        try await space.run(
            """
            iptables -t nat -A OUTPUT -p tcp --dport \(port) -m mark ! --mark \(Self.mark) \
            -j REDIRECT --to-ports \(SocketAddress(of: listener).port)
            """)
        Thread.detachNewThread { [weak self, listener] in
            while let self, !self.stops.load(ordering: .relaxed) { self.acceptNext() }
            close(listener)
        }
    }

    deinit { stop() }

    /// Ends it and all its connections.
    func stop() { stops.store(true, ordering: .relaxed) }

    /// How much later everything arrives that is sent from now on, each way.
    func setDelay(_ delay: Duration) {
        microseconds.store(UInt64(delay / .microseconds(1)), ordering: .relaxed)
    }

    private func acceptNext() {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 100) == 1 else { return }
        let inner = accept(listener, nil, nil)
        guard inner >= 0 else { return }
        Thread.detachNewThread { [self] in
            defer { close(inner) }
            guard let outer = connectOn(from: inner) else { return }
            defer { close(outer) }
            var connection = DelayedConnection(inner, outer)
            while !stops.load(ordering: .relaxed), connection.turn(delay: microseconds.load(ordering: .relaxed)) {}
        }
    }

    /// Connects to where a connection was to go.
    private func connectOn(from inner: Int32) -> Int32? {
        guard var target = SocketAddress(originalTargetOf: inner),
            let outer = try? space.inside({ socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) })
        else { return nil }
        var mark = Self.mark
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(outer, SOL_SOCKET, SO_MARK, &mark, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(outer, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard target.with({ connect(outer, $0, $1) }) == 0 else {
            close(outer)
            return nil
        }
        return outer
    }
}
