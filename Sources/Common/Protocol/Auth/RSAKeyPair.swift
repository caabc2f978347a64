import CLibcrypto

/// A server's own key pair, made at its start, by which clients without TLS send it their passwords.
///
/// It lives as long as the process: clients ask for the public key on every connection.
public final class RSAKeyPair: Sendable {
    /// As long as MySQL's own.
    public static let keyBits: CInt = 2048

    private nonisolated(unsafe) let key: OpaquePointer
    /// The public key in PEM, as it is sent to clients.
    public let publicKeyPEM: [UInt8]
    /// The length of everything that the public key encrypts, in bytes.
    public let ciphertextByteCount: Int

    /// Makes a new pair: some tenths of a second of computing.
    ///
    /// - Throws: ``CryptoError`` if libcrypto cannot.
    public init() throws(CryptoError) {
        let operation = "make an RSA key pair"
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else { throw CryptoError(operation) }
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) > 0, EVP_PKEY_CTX_set_rsa_keygen_bits(context, Self.keyBits) > 0,
            EVP_PKEY_keygen(context, &made) > 0, let made
        else { throw CryptoError(operation) }
        guard let pem = Self.pem(of: made) else {
            EVP_PKEY_free(made)
            throw CryptoError(operation)
        }
        key = made
        publicKeyPEM = pem
        ciphertextByteCount = Int(EVP_PKEY_get_size(made))
    }

    deinit { EVP_PKEY_free(key) }

    private static func pem(of key: OpaquePointer) -> [UInt8]? {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(bio) }
        guard PEM_write_bio_PUBKEY(bio, key) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        let count = BIO_read(bio, &bytes, CInt(clamping: bytes.count))
        return count == bytes.count ? bytes : nil
    }

    /// The password in what ``RSAPublicKey/encrypt(_:nonce:)`` made; nil if the bytes are anything else.
    public func decrypt(_ ciphertext: RawSpan, nonce: Nonce) -> SecretBytes? {
        guard ciphertext.byteCount == ciphertextByteCount, let context = EVP_PKEY_CTX_new(key, nil) else { return nil }
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_PKEY_decrypt_init(context) > 0, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 else { return nil }
        var count = ciphertextByteCount
        var succeeded = false
        let plain = SecretBytes(count: ciphertextByteCount) { output in
            ciphertext.withUnsafeBytes { input in
                let source = input.bindMemory(to: UInt8.self).baseAddress
                let target = output.bindMemory(to: UInt8.self).baseAddress
                succeeded = EVP_PKEY_decrypt(context, target, &count, source, input.count) > 0
            }
        }
        guard succeeded, count <= plain.count else { return nil }
        return plain.prefix(count).mixed(with: nonce).withoutTerminator()
    }
}
