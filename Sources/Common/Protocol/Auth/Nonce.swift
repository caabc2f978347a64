import CLibcrypto

/// The 20 random bytes of a connection with which passwords are mixed, so that a login overheard is of no use for another.
public struct Nonce: Hashable, Sendable {
    /// SCRAMBLE_LENGTH in `include/mysql_com.h`.
    public static let byteCount = 20

    public let bytes: [UInt8]

    /// - Throws: ``CodecError`` if there are not exactly 20 bytes.
    public init(_ bytes: [UInt8]) throws(CodecError) {
        guard bytes.count == Self.byteCount else {
            throw CodecError(.invalid, at: 0, "a nonce has \(bytes.count) bytes instead of \(Self.byteCount)")
        }
        self.bytes = bytes
    }

    /// A new one from the system's random source. No byte is zero, which ends a string on the wire, and all are ASCII as MySQL's own are.
    ///
    /// - Throws: ``CryptoError`` if libcrypto has no randomness.
    public static func random() throws(CryptoError) -> Nonce {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        guard RAND_bytes(&bytes, CInt(byteCount)) == 1 else { throw CryptoError("draw random bytes") }
        return Nonce(unchecked: bytes.map { 1 + $0 % 127 })
    }

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }
}

/// libcrypto could not do what was asked.
public struct CryptoError: Error, Hashable, Sendable {
    /// What was to be done, as a phrase: "read a public key".
    public var operation: String
    /// libcrypto's own words.
    public var reason: String

    /// Takes the oldest error off the thread's queue in libcrypto and clears the rest.
    init(_ operation: String) {
        self.operation = operation
        let code = ERR_get_error()
        ERR_clear_error()
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        reason = code == 0 ? "no reason given" : String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// An error of which libcrypto has nothing to say.
    public init(operation: String, reason: String) {
        self.operation = operation
        self.reason = reason
    }
}

extension CryptoError: CustomStringConvertible {
    public var description: String { "cannot \(operation): \(reason)" }
}
