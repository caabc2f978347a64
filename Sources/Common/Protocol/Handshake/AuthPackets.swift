/// The server asks the client to authenticate by another plugin; the answer is a payload with nothing but that plugin's data.
///
/// Format: "Protocol::AuthSwitchRequest" in the MySQL source documentation.
public struct AuthSwitchRequest: Hashable, Sendable {
    /// First byte of the payload.
    public static let header: UInt8 = 0xfe

    public var plugin: String
    /// What passwords are mixed with from now on.
    public var nonce: [UInt8]

    public init(plugin: String, nonce: Nonce) {
        self.plugin = plugin
        self.nonce = nonce.bytes
    }

    /// - Throws: ``CodecError``, with `.unsupported` for the one-byte form that asks for the password hash of MySQL 4.0.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        let first = try reader.uint8()
        guard first == Self.header else {
            throw CodecError(.invalid, at: 0, "a request to switch plugins begins with 0x\(String(first, radix: 16))")
        }
        guard !reader.isAtEnd else {
            throw CodecError(.unsupported, at: 1, "the server asks for the password hash of MySQL 4.0")
        }
        plugin = try reader.nullTerminated().string
        nonce = reader.rest().array
        if nonce.last == 0 { nonce.removeLast() }
    }

    /// The payload.
    public func encoded() -> [UInt8] {
        var output = [Self.header]
        output.append(nullTerminatedText: plugin)
        output.append(nullTerminated: nonce)
        return output
    }
}

/// A plugin's own message, from the server.
///
/// Format: "Protocol::AuthMoreData" in the MySQL source documentation.
public struct AuthMoreData: Hashable, Sendable {
    /// First byte of the payload.
    public static let header: UInt8 = 0x01

    public var data: [UInt8]

    public init(_ data: [UInt8]) {
        self.data = data
    }

    /// - Throws: ``CodecError`` if the payload does not begin with 0x01.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        let first = try reader.uint8()
        guard first == Self.header else {
            throw CodecError(.invalid, at: 0, "a plugin's message begins with 0x\(String(first, radix: 16))")
        }
        data = reader.rest().array
    }

    /// The payload.
    public func encoded() -> [UInt8] { [Self.header] + data }
}

/// The single bytes that caching_sha2_password exchanges. Source: "Caching_sha2_password information" in the MySQL source documentation.
public enum CachingSHA2Message {
    /// From the client: send me your public key.
    public static let requestPublicKey: UInt8 = 0x02
    /// From the server: the scramble was right, an OK packet follows.
    public static let fastAuthSuccess: UInt8 = 0x03
    /// From the server: send me the password itself.
    public static let performFullAuthentication: UInt8 = 0x04
}
