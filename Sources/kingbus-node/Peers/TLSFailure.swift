import NIOSSL

/// Why a connection between nodes failed, in words for whoever set the nodes up.
enum TLSFailure {
    /// Whether the other side has closed the connection without TLS's own goodbye, or in the middle of TLS's greeting.
    static func isEnd(_ error: any Error) -> Bool {
        switch error as? NIOSSLError {
        case .uncleanShutdown: true
        case .handshakeFailed(.sslError(let errors)): errors.contains(.eofDuringHandshake)
        default: false
        }
    }

    /// - Returns: a sentence about the other side, without a full stop.
    static func describe(_ error: any Error) -> String {
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else { return "it failed: \(error)" }
        let name = name(in: "\(error)")
        switch name {
        case "CERTIFICATE_VERIFY_FAILED":
            return "it shows a certificate that no authority in --peer-tls-ca has signed, that has expired, or that is not valid yet"
        case "PEER_DID_NOT_RETURN_A_CERTIFICATE": return "it shows no certificate: give every node --peer-tls-cert"
        case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST": return "it does not speak TLS: give every node --peer-tls-cert"
        case _ where ["UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN"].contains { name.hasSuffix("ALERT_" + $0) }:
            return "it refuses this node (\(name)): has an authority in its --peer-tls-ca signed this node's --peer-tls-cert?"
        // What the other side says before it closes.
        case _ where name.contains("ALERT"): return "it refuses this node (\(name))"
        default: return "TLS failed: \(name)"
        }
    }

    /// BoringSSL's own name of what went wrong, out of a description that also says where in its sources.
    private static func name(in description: String) -> String {
        let prefix = "OPENSSL_internal:"
        guard let start = description.firstRange(of: prefix)?.upperBound else { return description }
        return String(description[start...].prefix { $0 == "_" || $0.isLetter || $0.isNumber })
    }
}
