/// Who speaks on a port of which nodes expect each other.
enum PeerStranger: Hashable, Sendable {
    case http
    case tls
    case mysql
    case unknown

    private static let methods = ["GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI "].map { Array($0.utf8) }
    private static let tlsHandshake: UInt8 = 0x16
    private static let tlsAlert: UInt8 = 0x15

    /// Judges the first bytes of a client; nil where they may still become a node's, or are too few.
    init?(asking bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(4))
        if PeerPreface.magic.starts(with: bytes) { return nil }
        if bytes.first == Self.tlsHandshake {
            guard bytes.count >= 2 else { return nil }
            self = bytes[1] == 3 ? .tls : .unknown
        } else if Self.methods.contains(where: { $0.starts(with: bytes) }) {
            guard bytes.count == 4 else { return nil }
            self = .http
        } else {
            self = .unknown
        }
    }

    /// Judges the first bytes of a server that are no node's; nil where they are too few.
    init?(answering bytes: [UInt8]) {
        if bytes.first == Self.tlsAlert || bytes.first == Self.tlsHandshake {
            self = .tls
        } else if Array("HTTP".utf8).starts(with: bytes.prefix(4)) {
            guard bytes.count >= 4 else { return nil }
            self = .http
        } else {
            guard bytes.count >= 5 else { return nil }
            // A packet with sequence number 0 that is a greeting (protocol 10) or an error.
            self = bytes[3] == 0 && (bytes[4] == 0x0a || bytes[4] == 0xff) ? .mysql : .unknown
        }
    }

    var description: String {
        switch self {
        case .http: "HTTP"
        case .tls: "TLS"
        case .mysql: "the MySQL protocol"
        case .unknown: "another protocol"
        }
    }
}
