/// A host and a TCP port, as `host:port`; an IPv6 address stands in brackets.
public struct HostPort: Hashable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Nil where the host is empty or the port is no number from 0 to 65535; without a port, where no default is given.
    public init?(parsing text: some StringProtocol, defaultPort: UInt16? = nil) {
        var host = Substring(text)
        var portText: Substring?
        if host.first == "[" {
            guard let bracket = host.firstIndex(of: "]") else { return nil }
            let behind = host[host.index(after: bracket)...]
            host = host[host.index(after: host.startIndex)..<bracket]
            if !behind.isEmpty {
                guard behind.first == ":" else { return nil }
                portText = behind.dropFirst()
            }
        } else if let colon = host.lastIndex(of: ":") {
            guard host.firstIndex(of: ":") == colon else { return nil }
            portText = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        guard !host.isEmpty else { return nil }
        if let portText {
            guard let port = UInt16(portText) else { return nil }
            self.port = port
        } else {
            guard let defaultPort else { return nil }
            port = defaultPort
        }
        self.host = String(host)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach the address.
    ///
    /// Names that merely begin like an address, as `127.example.com`, do not count.
    public var isLoopback: Bool {
        let name = host.lowercased()
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopbackIPv4 = parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        return isLoopbackIPv4 || name == "localhost" || name == "::1"
    }

    /// Whether the address stands for all of a machine's: one can listen there, and reach nobody by it. `0.0.0.0`, `::`, and whatever else
    /// is all zeros.
    public var isWildcard: Bool {
        host.allSatisfy { $0 == "0" || $0 == "." || $0 == ":" }
    }
}
