import CLibcrypto

/// How a client proves that it knows a password without sending it.
public enum AuthPlugin: String, Hashable, Sendable, CaseIterable {
    /// XOR(SHA1(password), SHA1(nonce ‖ SHA1(SHA1(password)))): what MariaDB and clients from before MySQL 8.0 use.
    case nativePassword = "mysql_native_password"
    /// XOR(SHA256(password), SHA256(SHA256(SHA256(password)) ‖ nonce)): the default since MySQL 8.0.
    case cachingSHA2 = "caching_sha2_password"

    /// Bytes of a digest and of a scramble.
    var digestByteCount: Int {
        switch self {
        case .nativePassword: Int(SHA_DIGEST_LENGTH)
        case .cachingSHA2: Int(SHA256_DIGEST_LENGTH)
        }
    }

    func digest(_ secret: SecretBytes) -> SecretBytes {
        SecretBytes(count: digestByteCount) { output in
            secret.withBytes { input in
                let target = output.bindMemory(to: UInt8.self).baseAddress
                let source = input.bindMemory(to: UInt8.self).baseAddress
                switch self {
                case .nativePassword: _ = SHA1(source, input.count, target)
                case .cachingSHA2: _ = SHA256(source, input.count, target)
                }
            }
        }
    }

    /// What a client sends for `password`. For an empty one MySQL's clients send nothing, or with caching_sha2_password one zero byte.
    public func scramble(_ password: SecretBytes, nonce: Nonce) -> [UInt8] {
        guard !password.isEmpty else {
            switch self {
            case .nativePassword: return []
            case .cachingSHA2: return [0]
            }
        }
        let once = digest(password)
        return xor(once, mask(digest(once), nonce)).withBytes { Array($0) }
    }

    /// Whether `scramble` was made from the password whose doubly applied digest is `twice`.
    func verify(_ scramble: RawSpan, nonce: Nonce, twice: SecretBytes) -> Bool {
        guard scramble.byteCount == digestByteCount else { return false }
        return digest(xor(SecretBytes(scramble), mask(twice, nonce))) == twice
    }

    /// What the password's digest is hidden under.
    private func mask(_ twice: SecretBytes, _ nonce: Nonce) -> SecretBytes {
        let count = twice.count + nonce.bytes.count
        return digest(
            SecretBytes(count: count) { target in
                twice.withBytes { twice in
                    nonce.bytes.withUnsafeBytes { nonce in
                        let (first, second) = self == .nativePassword ? (nonce, twice) : (twice, nonce)
                        target.copyMemory(from: first)
                        UnsafeMutableRawBufferPointer(rebasing: target[first.count...]).copyMemory(from: second)
                    }
                }
            })
    }

    /// Both have `digestByteCount` bytes.
    private func xor(_ left: SecretBytes, _ right: SecretBytes) -> SecretBytes {
        SecretBytes(count: left.count) { target in
            left.withBytes { left in
                right.withBytes { right in
                    for index in target.indices { target[index] = left[index] ^ right[index] }
                }
            }
        }
    }
}
