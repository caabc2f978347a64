/// A command has succeeded.
///
/// Format: OK_Packet in the MySQL source documentation (Generic Response Packets), without CLIENT_SESSION_TRACK, which we never agree on.
public struct OKPacket: Hashable, Sendable {
    /// First byte of the payload.
    public static let header: UInt8 = 0x00

    public var affectedRows: UInt64
    public var lastInsertID: UInt64
    public var status: StatusFlags
    public var warnings: UInt16
    /// Text for people; may be empty.
    public var info: [UInt8]

    public init(
        affectedRows: UInt64 = 0, lastInsertID: UInt64 = 0, status: StatusFlags = .autocommit, warnings: UInt16 = 0, info: [UInt8] = []
    ) {
        self.affectedRows = affectedRows
        self.lastInsertID = lastInsertID
        self.status = status
        self.warnings = warnings
        self.info = info
    }

    /// - Parameters:
    ///   - payload: a whole payload that begins with 0x00, or with 0xfe where it ends rows under CLIENT_DEPRECATE_EOF.
    ///   - capabilities: what the connection agreed on.
    /// - Throws: ``CodecError`` if the payload is something else or ends early.
    public init(decoding payload: RawSpan, capabilities: CapabilityFlags) throws(CodecError) {
        var reader = ByteReader(payload)
        let first = try reader.uint8()
        guard first == Self.header || first == EOFPacket.header else {
            throw CodecError(.invalid, at: 0, "an OK packet begins with 0x\(String(first, radix: 16))")
        }
        affectedRows = try reader.lengthEncodedInteger()
        lastInsertID = try reader.lengthEncodedInteger()
        status = []
        warnings = 0
        if capabilities.contains(.protocol41) {
            status = StatusFlags(rawValue: try reader.uint16())
            warnings = try reader.uint16()
        } else if capabilities.contains(.transactions) {
            status = StatusFlags(rawValue: try reader.uint16())
        }
        info = reader.rest().array
    }

    /// The payload for a peer with these capabilities.
    public func encoded(for capabilities: CapabilityFlags) -> [UInt8] {
        encoded(header: Self.header, for: capabilities)
    }

    func encoded(header: UInt8, for capabilities: CapabilityFlags) -> [UInt8] {
        var output = [header]
        output.append(lengthEncoded: affectedRows)
        output.append(lengthEncoded: lastInsertID)
        if capabilities.contains(.protocol41) {
            output.append(littleEndian: status.rawValue)
            output.append(littleEndian: warnings)
        } else if capabilities.contains(.transactions) {
            output.append(littleEndian: status.rawValue)
        }
        output.append(contentsOf: info)
        return output
    }
}
