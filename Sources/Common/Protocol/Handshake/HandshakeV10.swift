/// The greeting: the first packet of a connection, from the server.
///
/// Format: "Protocol::HandshakeV10" in the MySQL source documentation (Connection Phase Packets).
public struct HandshakeV10: Hashable, Sendable {
    /// First byte of the payload.
    public static let protocolVersion: UInt8 = 10
    private static let firstNonceBytes = 8
    private static let reservedBytes = 10
    /// The second part of the nonce has at least this many bytes on the wire, a trailing zero among them.
    private static let secondNonceBytes = 13

    public var serverVersion: String
    public var connectionID: UInt32
    /// What passwords are mixed with; 20 bytes from every server of today.
    public var nonce: [UInt8]
    public var capabilities: CapabilityFlags
    public var collation: UInt8
    public var status: StatusFlags
    /// The plugin that the server will try first; empty from servers without CLIENT_PLUGIN_AUTH.
    public var plugin: String

    public init(
        serverVersion: String, connectionID: UInt32, nonce: Nonce, capabilities: CapabilityFlags,
        collation: UInt8 = CollationNumber.utf8mb4, status: StatusFlags = .autocommit, plugin: String
    ) {
        self.serverVersion = serverVersion
        self.connectionID = connectionID
        self.nonce = nonce.bytes
        self.capabilities = capabilities
        self.collation = collation
        self.status = status
        self.plugin = plugin
    }

    /// - Throws: ``CodecError`` with `.unsupported` for another protocol version or a server without CLIENT_SECURE_CONNECTION.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        let version = try reader.uint8()
        guard version == Self.protocolVersion else {
            throw CodecError(.unsupported, at: 0, "the server speaks protocol version \(version), not \(Self.protocolVersion)")
        }
        serverVersion = try reader.nullTerminated().string
        connectionID = try reader.uint32()
        nonce = try reader.bytes(Self.firstNonceBytes).array
        try reader.skip(1)
        var flags = UInt32(try reader.uint16())
        collation = try reader.uint8()
        status = StatusFlags(rawValue: try reader.uint16())
        flags |= UInt32(try reader.uint16()) << 16
        capabilities = CapabilityFlags(rawValue: flags)
        let nonceBytes = Int(try reader.uint8())
        try reader.skip(Self.reservedBytes)
        guard capabilities.contains(.secureConnection) else {
            throw CodecError(.unsupported, at: reader.offset, "the server knows only the password hash of MySQL 4.0")
        }
        let second = try reader.bytes(max(Self.secondNonceBytes, nonceBytes - Self.firstNonceBytes)).array
        nonce += second.dropLast(second.last == 0 ? 1 : 0)
        plugin = capabilities.contains(.pluginAuth) ? try reader.nullTerminated().string : ""
    }

    /// The payload.
    public func encoded() -> [UInt8] {
        var output = [Self.protocolVersion]
        output.append(nullTerminatedText: serverVersion)
        output.append(littleEndian: connectionID)
        output.append(contentsOf: nonce.prefix(Self.firstNonceBytes))
        output.append(0)
        output.append(littleEndian: UInt16(truncatingIfNeeded: capabilities.rawValue))
        output.append(collation)
        output.append(littleEndian: status.rawValue)
        output.append(littleEndian: UInt16(truncatingIfNeeded: capabilities.rawValue >> 16))
        output.append(capabilities.contains(.pluginAuth) ? UInt8(truncatingIfNeeded: nonce.count + 1) : 0)
        output.append(contentsOf: repeatElement(0, count: Self.reservedBytes))
        output.append(nullTerminated: nonce.dropFirst(Self.firstNonceBytes))
        if capabilities.contains(.pluginAuth) { output.append(nullTerminatedText: plugin) }
        return output
    }
}

extension Array where Element == UInt8 {
    /// Text up to its first zero character, which the wire cannot carry, and a zero byte.
    mutating func append(nullTerminatedText text: String) {
        append(nullTerminated: text.utf8.prefix { $0 != 0 })
    }
}
