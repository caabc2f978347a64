import Glibc

/// An IPv4 address and port as the socket calls take them.
struct SocketAddress {
    private var storage = sockaddr_in()

    /// - Parameter host: in the machine's byte order, as INADDR_LOOPBACK.
    init(_ host: UInt32, _ port: UInt16) {
        storage.sin_family = sa_family_t(AF_INET)
        storage.sin_port = port.bigEndian
        storage.sin_addr.s_addr = host.bigEndian
    }

    /// Where a connection was to go before the firewall redirected it here.
    init?(originalTargetOf socket: Int32) {
        let originalTarget: Int32 = 80  // SO_ORIGINAL_DST of linux/netfilter_ipv4.h
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard getsockopt(socket, Int32(IPPROTO_IP), originalTarget, &storage, &size) == 0 else { return nil }
    }

    var port: UInt16 { UInt16(bigEndian: storage.sin_port) }

    /// The address that a socket is bound to.
    init(of socket: Int32) {
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &size) }
        }
    }

    mutating func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
