/// The end of column definitions, of rows, or of a dump that was asked not to wait.
///
/// Format: EOF_Packet in the MySQL source documentation; under CLIENT_DEPRECATE_EOF an OK packet with the header 0xfe stands in for it.
public struct EOFPacket: Hashable, Sendable {
    /// First byte of the payload.
    public static let header: UInt8 = 0xfe
    /// A payload that begins with 0xfe and has this many bytes or more is a row whose first value is that long.
    private static let longestEndBytes = PacketFraming.maxPacketPayloadBytes - 1
    private static let longestClassicBytes = 8

    public var warnings: UInt16
    public var status: StatusFlags

    public init(warnings: UInt16 = 0, status: StatusFlags = .autocommit) {
        self.warnings = warnings
        self.status = status
    }

    /// Whether `payload` ends a list rather than being an item of it.
    public static func isEOF(_ payload: RawSpan, capabilities: CapabilityFlags) -> Bool {
        let longest = capabilities.contains(.deprecateEOF) ? longestEndBytes : longestClassicBytes
        return payload.byteCount > 0 && payload.byteCount <= longest && payload.byte(at: 0) == header
    }

    /// - Parameters:
    ///   - payload: a whole payload that begins with 0xfe.
    ///   - capabilities: what the connection agreed on.
    /// - Throws: ``CodecError`` if the payload is something else or ends early.
    public init(decoding payload: RawSpan, capabilities: CapabilityFlags) throws(CodecError) {
        var reader = ByteReader(payload)
        let first = try reader.uint8()
        guard first == Self.header else {
            throw CodecError(.invalid, at: 0, "an EOF packet begins with 0x\(String(first, radix: 16))")
        }
        if capabilities.contains(.deprecateEOF) {
            let ok = try OKPacket(decoding: payload, capabilities: capabilities)
            self.init(warnings: ok.warnings, status: ok.status)
        } else if capabilities.contains(.protocol41) {
            self.init(warnings: try reader.uint16(), status: StatusFlags(rawValue: try reader.uint16()))
        } else {
            self.init(warnings: 0, status: [])
        }
    }

    /// The payload for a peer with these capabilities.
    public func encoded(for capabilities: CapabilityFlags) -> [UInt8] {
        if capabilities.contains(.deprecateEOF) {
            return OKPacket(status: status, warnings: warnings).encoded(header: Self.header, for: capabilities)
        }
        var output = [Self.header]
        if capabilities.contains(.protocol41) {
            output.append(littleEndian: warnings)
            output.append(littleEndian: status.rawValue)
        }
        return output
    }
}
