/// What a server keeps of a user's password: enough to check every scramble at once, not enough to log in elsewhere.
///
/// SHA1(SHA1(password)) checks mysql_native_password, SHA256(SHA256(password)) caching_sha2_password: XORing a scramble with what it was
/// hidden under gives the single digest, whose digest must be the stored one. So the fast path needs no cache that a first login fills.
public struct PasswordVerifier: Equatable, Sendable {
    private let native: SecretBytes
    private let cachingSHA2: SecretBytes

    /// The verifier of `password`, which may be empty.
    public init(_ password: SecretBytes) {
        native = Self.twice(password, .nativePassword)
        cachingSHA2 = Self.twice(password, .cachingSHA2)
    }

    /// - Parameter bytes: what ``encoded()`` gave.
    /// - Throws: ``CodecError`` if there are too few or too many bytes.
    public init(decoding bytes: RawSpan) throws(CodecError) {
        var reader = ByteReader(bytes)
        native = SecretBytes(try reader.bytes(AuthPlugin.nativePassword.digestByteCount))
        cachingSHA2 = SecretBytes(try reader.bytes(AuthPlugin.cachingSHA2.digestByteCount))
        guard reader.isAtEnd else {
            throw CodecError(.invalid, at: reader.offset, "\(reader.remaining) bytes follow a password verifier")
        }
    }

    /// Both digests one after the other, 52 bytes. They belong under encryption, like a password file.
    public func encoded() -> SecretBytes {
        SecretBytes(count: native.count + cachingSHA2.count) { target in
            native.withBytes { target.copyMemory(from: $0) }
            cachingSHA2.withBytes { UnsafeMutableRawBufferPointer(rebasing: target[native.count...]).copyMemory(from: $0) }
        }
    }

    /// Whether the password is the empty one.
    public var isEmptyPassword: Bool { self == Self.empty }

    private static let empty = PasswordVerifier(SecretBytes([]))

    /// Whether `scramble` comes from this password, by `plugin` and with `nonce`..
    public func accepts(scramble: RawSpan, plugin: AuthPlugin, nonce: Nonce) -> Bool {
        switch plugin {
        case .nativePassword: plugin.verify(scramble, nonce: nonce, twice: native)
        case .cachingSHA2: plugin.verify(scramble, nonce: nonce, twice: cachingSHA2)
        }
    }

    /// Whether this is the password.
    public func accepts(password: SecretBytes) -> Bool {
        Self.twice(password, .cachingSHA2) == cachingSHA2
    }

    private static func twice(_ password: SecretBytes, _ plugin: AuthPlugin) -> SecretBytes {
        plugin.digest(plugin.digest(password))
    }
}
