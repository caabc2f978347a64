import NIOSSL

/// Mutual TLS between nodes.
///
/// Both sides show a certificate and verify the other's chain to the CA. There is no check of host names: every certificate that this CA
/// signed is a member of the cluster, so the CA must sign for nothing else.
struct PeerTLS: Sendable {
    let client: NIOSSLContext
    let server: NIOSSLContext

    /// - Parameters: paths of PEM files: the node's certificate with its chain, its key, and the CA's certificates.
    /// - Throws: `SetupError` that names the flag to correct.
    init(certificate: String, key: String, authority: String) throws {
        let chain: [NIOSSLCertificateSource]
        let privateKey: NIOSSLPrivateKey
        let roots: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) } } catch {
            throw SetupError("the certificate \(certificate) cannot be used: \(error); check --peer-tls-cert")
        }
        do { privateKey = try NIOSSLPrivateKey(file: key, format: .pem) } catch {
            throw SetupError("the key \(key) cannot be used: \(error); check --peer-tls-key")
        }
        do { roots = try NIOSSLCertificate.fromPEMFile(authority) } catch {
            throw SetupError("the CA's certificate \(authority) cannot be used: \(error); check --peer-tls-ca")
        }
        guard !chain.isEmpty, !roots.isEmpty else {
            throw SetupError("\(chain.isEmpty ? certificate : authority) holds no certificate; check --peer-tls-cert and --peer-tls-ca")
        }
        var client = TLSConfiguration.makeClientConfiguration()
        client.certificateChain = chain
        client.privateKey = .privateKey(privateKey)
        client.trustRoots = .certificates(roots)
        client.certificateVerification = .noHostnameVerification
        client.minimumTLSVersion = .tlsv12
        var server = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(privateKey))
        server.trustRoots = .certificates(roots)
        server.certificateVerification = .noHostnameVerification
        server.minimumTLSVersion = .tlsv12
        do {
            self.client = try NIOSSLContext(configuration: client)
            self.server = try NIOSSLContext(configuration: server)
        } catch {
            throw SetupError(
                "the certificate \(certificate) and the key \(key) do not fit each other: \(error); "
                    + "check --peer-tls-cert and --peer-tls-key")
        }
    }
}
