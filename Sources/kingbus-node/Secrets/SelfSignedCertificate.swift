import CLibcrypto
import NIOSSL

/// A certificate that nobody vouches for, made at every start, as mysqld makes its own: MySQL's replicas and clients insist on
/// encryption by default and do not check who is at the other end unless they are told to.
enum SelfSignedCertificate {
    private static let validSeconds = 10 * 365 * 86_400

    /// A server's TLS with a fresh key.
    ///
    /// - Throws: ``SetupError`` where libcrypto fails.
    static func serverContext() throws -> NIOSSLContext {
        let (certificate, key) = try make()
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: [.certificate(try NIOSSLCertificate(bytes: certificate, format: .pem))],
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SetupError("the certificate that was made for the MySQL port cannot be used: \(error)")
        }
    }

    private static func make() throws -> (certificate: [UInt8], key: [UInt8]) {
        let failed = SetupError("no certificate can be made for the MySQL port; give one with --mysql-tls-cert and --mysql-tls-key")
        guard let key = makeKey(), let certificate = X509_new() else { throw failed }
        defer {
            EVP_PKEY_free(key)
            X509_free(certificate)
        }
        var serial = try Sealer.randomBytes(8)
        serial[0] &= 0x7f
        let number = BN_bin2bn(serial, Int32(serial.count), nil)
        defer { BN_free(number) }
        let name = X509_get_subject_name(certificate)
        guard X509_set_version(certificate, 2) == 1, BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -86_400) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), validSeconds) != nil,
            X509_NAME_add_entry_by_txt(name, "CN", asciiString, "Kingbus auto-generated", -1, -1, 0) == 1,
            X509_set_issuer_name(certificate, name) == 1, X509_set_pubkey(certificate, key) == 1,
            X509_sign(certificate, key, EVP_sha256()) > 0,
            let certificatePEM = pem({ PEM_write_bio_X509($0, certificate) }),
            let keyPEM = pem({ PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
        else { throw failed }
        return (certificatePEM, keyPEM)
    }

    /// `MBSTRING_ASC` of `openssl/asn1.h`, a macro that is not imported.
    private static let asciiString: Int32 = 0x1000 | 1

    private static func makeKey() -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1
        else { return nil }
        return key
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) -> [UInt8]? {
        guard let memory = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        return count > 0 ? Array(bytes.prefix(Int(count))) : nil
    }
}
