/// The client's answer to the greeting: who it is and, mixed with the nonce, what it knows.
///
/// Formats: "Protocol::HandshakeResponse41" and "Protocol::SSLRequest" in the MySQL source documentation.
public struct HandshakeResponse: Hashable, Sendable {
    /// One of the pairs under which a connection appears in `performance_schema.session_connect_attrs`.
    public struct Attribute: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    private static let fillerBytes = 23

    public var capabilities: CapabilityFlags
    public var maxPacketBytes: UInt32
    public var collation: UInt8
    public var user: String
    public var authResponse: [UInt8]
    /// Travels if `capabilities` holds `.connectWithDatabase`.
    public var database: String
    /// Travels if `capabilities` holds `.pluginAuth`.
    public var plugin: String
    /// Travel if `capabilities` holds `.connectAttributes`.
    public var attributes: [Attribute]

    public init(
        capabilities: CapabilityFlags, maxPacketBytes: UInt32, collation: UInt8, user: String, authResponse: [UInt8], database: String,
        plugin: String, attributes: [Attribute]
    ) {
        self.capabilities = capabilities
        self.maxPacketBytes = maxPacketBytes
        self.collation = collation
        self.user = user
        self.authResponse = authResponse
        self.database = database
        self.plugin = plugin
        self.attributes = attributes
    }

    /// - Throws: ``CodecError``, with `.unsupported` for a client from before MySQL 4.1.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        let request = try SSLRequest(reading: &reader)
        capabilities = request.capabilities
        maxPacketBytes = request.maxPacketBytes
        collation = request.collation
        user = try reader.nullTerminated().string
        if capabilities.contains(.pluginAuthLengthEncoded) {
            authResponse = try reader.lengthEncodedBytes().array
        } else if capabilities.contains(.secureConnection) {
            authResponse = try reader.bytes(Int(try reader.uint8())).array
        } else {
            authResponse = try reader.nullTerminated().array
        }
        database = capabilities.contains(.connectWithDatabase) ? try reader.nullTerminated().string : ""
        plugin = capabilities.contains(.pluginAuth) ? try reader.nullTerminated().string : ""
        attributes = capabilities.contains(.connectAttributes) ? try Self.attributes(try reader.lengthEncodedBytes()) : []
    }

    private static func attributes(_ bytes: RawSpan) throws(CodecError) -> [Attribute] {
        var reader = ByteReader(bytes)
        var attributes: [Attribute] = []
        while !reader.isAtEnd {
            let name = try reader.lengthEncodedBytes().string
            attributes.append(Attribute(name: name, value: try reader.lengthEncodedBytes().string))
        }
        return attributes
    }

    /// The payload.
    ///
    /// - Precondition: without `.pluginAuthLengthEncoded` the authentication response has at most 255 bytes.
    public func encoded() -> [UInt8] {
        var output = SSLRequest(capabilities: capabilities, maxPacketBytes: maxPacketBytes, collation: collation).encoded()
        output.append(nullTerminatedText: user)
        if capabilities.contains(.pluginAuthLengthEncoded) {
            output.append(lengthEncoded: authResponse)
        } else if capabilities.contains(.secureConnection) {
            output.append(UInt8(authResponse.count))
            output.append(contentsOf: authResponse)
        } else {
            output.append(nullTerminated: authResponse)
        }
        if capabilities.contains(.connectWithDatabase) { output.append(nullTerminatedText: database) }
        if capabilities.contains(.pluginAuth) { output.append(nullTerminatedText: plugin) }
        if capabilities.contains(.connectAttributes) {
            var pairs: [UInt8] = []
            for attribute in attributes {
                pairs.append(lengthEncoded: attribute.name.utf8)
                pairs.append(lengthEncoded: attribute.value.utf8)
            }
            output.append(lengthEncoded: pairs)
        }
        return output
    }

    /// What comes instead of the response when the client wants TLS first, and the beginning of the response in any case.
    public struct SSLRequest: Hashable, Sendable {
        /// Exactly this long; a response is longer.
        public static let byteCount = 4 + 4 + 1 + fillerBytes

        public var capabilities: CapabilityFlags
        public var maxPacketBytes: UInt32
        public var collation: UInt8

        public init(capabilities: CapabilityFlags, maxPacketBytes: UInt32, collation: UInt8) {
            self.capabilities = capabilities
            self.maxPacketBytes = maxPacketBytes
            self.collation = collation
        }

        /// - Throws: ``CodecError`` if the payload is no TLS request, or one with a login behind it that would have gone out in the clear.
        public init(decoding payload: RawSpan) throws(CodecError) {
            var reader = ByteReader(payload)
            try self.init(reading: &reader)
            guard capabilities.contains(.ssl), reader.isAtEnd else {
                throw CodecError(.invalid, at: reader.offset, "a TLS request has \(payload.byteCount) bytes instead of \(Self.byteCount)")
            }
        }

        init(reading reader: inout ByteReader) throws(CodecError) {
            // Clients of before 4.1 have 16 bits of flags here, in the same place.
            let low = try reader.uint16()
            guard CapabilityFlags(rawValue: UInt32(low)).contains(.protocol41) else {
                throw CodecError(.unsupported, at: 0, "the client speaks the protocol of before MySQL 4.1")
            }
            capabilities = CapabilityFlags(rawValue: UInt32(low) | UInt32(try reader.uint16()) << 16)
            maxPacketBytes = try reader.uint32()
            collation = try reader.uint8()
            try reader.skip(fillerBytes)
        }

        /// The payload.
        public func encoded() -> [UInt8] {
            var output: [UInt8] = []
            output.append(littleEndian: capabilities.rawValue)
            output.append(littleEndian: maxPacketBytes)
            output.append(collation)
            output.append(contentsOf: repeatElement(0, count: fillerBytes))
            return output
        }
    }
}
