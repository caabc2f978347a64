import Common
import NIOCore
import NIOSSL

/// What a URL's `ssl-mode` and `ssl-ca` mean, for every connection that Kingbus and its tools make to a server.
extension MySQLURL {
    /// Whether the login asks for TLS.
    public var tlsMode: ClientHandshake.TLSMode {
        switch sslMode {
        case .disabled: .disabled
        case .preferred: .preferred
        case .required, .verifyCA, .verifyIdentity: .required
        }
    }

    /// The handler that speaks TLS with the server and checks its certificate as far as the URL asks.
    ///
    /// - Throws: what NIOSSL says where the file of `ssl-ca` cannot be used.
    public func makeTLSHandler() throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch sslMode {
        case .disabled, .preferred, .required: configuration.certificateVerification = .none
        case .verifyCA: configuration.certificateVerification = .noHostnameVerification
        case .verifyIdentity: configuration.certificateVerification = .fullVerification
        }
        if let sslCA { configuration.trustRoots = .file(sslCA) }
        // An address is no name to ask for (SNI); its certificate is checked against the address itself.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: isAddress ? nil : host)
    }
}
