import NIOSSL

extension NodeConfiguration.TLSFiles {
    /// A server's TLS, with these files.
    func serverConfiguration() throws -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
            return .makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
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
