import CLibcrypto

/// A server's public key, with which a client that has no TLS sends its password.
public final class RSAPublicKey: Sendable {
    private nonisolated(unsafe) let key: OpaquePointer

    /// - Parameter pem: the key as the server sends it.
    /// - Throws: ``CryptoError`` if these bytes are no RSA public key.
    public init(pem: some Collection<UInt8>) throws(CryptoError) {
        let operation = "read the server's public key"
        let parsed = Array(pem).withUnsafeBytes { bytes -> OpaquePointer? in
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, CInt(clamping: bytes.count)) else { return nil }
            defer { BIO_free(bio) }
            return PEM_read_bio_PUBKEY(bio, nil, nil, nil)
        }
        guard let parsed else { throw CryptoError(operation) }
        guard EVP_PKEY_get_base_id(parsed) == EVP_PKEY_RSA else {
            EVP_PKEY_free(parsed)
            throw CryptoError(operation: operation, reason: "it is no RSA key")
        }
        key = parsed
    }

    deinit { EVP_PKEY_free(key) }

    /// The password and a zero byte, mixed with the nonce, encrypted by OAEP with SHA-1, as caching_sha2_password wants it.
    ///
    /// - Throws: ``CryptoError`` if the password is too long for the key (214 bytes with 2048 bits, the zero byte included).
    public func encrypt(_ password: SecretBytes, nonce: Nonce) throws(CryptoError) -> [UInt8] {
        let operation = "encrypt the password"
        guard let context = EVP_PKEY_CTX_new(key, nil) else { throw CryptoError(operation) }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_encrypt_init(context) > 0, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 else {
            throw CryptoError(operation)
        }
        let plain = password.zeroTerminated().mixed(with: nonce)
        var count = max(0, Int(EVP_PKEY_get_size(key)))
        var output = [UInt8](repeating: 0, count: count)
        let result = plain.withBytes { input in
            EVP_PKEY_encrypt(context, &output, &count, input.bindMemory(to: UInt8.self).baseAddress, input.count)
        }
        guard result > 0 else { throw CryptoError(operation) }
        return Array(output.prefix(count))
    }
}

extension SecretBytes {
    /// The bytes and one zero byte behind them.
    func zeroTerminated() -> SecretBytes {
        SecretBytes(count: count + 1) { target in withBytes { target.copyMemory(from: $0) } }
    }

    /// XOR with the nonce, repeated as often as needed; undoes itself.
    func mixed(with nonce: Nonce) -> SecretBytes {
        SecretBytes(count: count) { target in
            withBytes { bytes in
                for index in target.indices { target[index] = bytes[index] ^ nonce.bytes[index % Nonce.byteCount] }
            }
        }
    }

    /// What stands before the zero byte at the end; nil if the last byte is another one.
    func withoutTerminator() -> SecretBytes? {
        guard !isEmpty, withBytes({ $0[count - 1] }) == 0 else { return nil }
        return prefix(count - 1)
    }
}
