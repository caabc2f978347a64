import NIOSSL

extension NodeConfiguration.TLSFiles {
    /// A server's TLS, with these files.
    func serverConfiguration() throws -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            // As MySQL since 8.0.28: older ones are broken.
            configuration.minimumTLSVersion = .tlsv12
            return configuration
        } catch {
            throw SetupError("the certificate \(certificate) or its key \(key) cannot be used: \(error)")
        }
    }

    func serverContext() throws -> NIOSSLContext {
        do { return try NIOSSLContext(configuration: try serverConfiguration()) } catch let error as SetupError { throw error } catch {
            throw SetupError("the certificate \(certificate) or its key \(key) cannot be used: \(error)")
        }
    }
}
