import Glibc
import Synchronization

/// Ports of 127.0.0.1 that nobody listens on, each given out once.
///
/// They lie below the range from which the kernel takes the local ports of outgoing connections. From inside that range a server that
/// restarts could find its port taken, and a client of a server that is down could be connected to itself.
enum FreePort {
    private static let range = 12_000..<32_000
    private static let given = Mutex<Set<Int>>([])

    static func next() -> Int {
        while true {
            let port = Int.random(in: range)
            if given.withLock({ $0.insert(port).inserted }) && canListen(on: port) { return port }
        }
    }

    private static func canListen(on port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
    }
}
