/// Why a login to a server did not succeed. Which server it was, the owner of the connection adds.
public struct HandshakeFailure: Error, Hashable, Sendable {
    public enum Code: Hashable, Sendable {
        /// The server refused, with this number: 1045 is a wrong password, 1040 a full house.
        case refused(ErrorCode)
        /// TLS is required here and the server does not offer it.
        case tlsUnavailable
        /// The server wants a plugin or a protocol that is not supported here.
        case unsupported
        /// A packet ends early or holds what its format forbids.
        case malformed
        /// A packet came that has no meaning at this point of the login.
        case unexpected
        /// The password could not be encrypted with the server's key.
        case encryption
    }

    public var code: Code
    /// What happened, as a phrase; holds no secret.
    public var reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    init(_ error: CodecError) {
        self.init(error.code == .unsupported ? .unsupported : .malformed, error.description)
    }

    init(_ packet: ErrorPacket) {
        self.init(.refused(packet.code), "\(packet.message) (error \(packet.code.rawValue))")
    }
}

extension HandshakeFailure: CustomStringConvertible {
    public var description: String { reason }
}
