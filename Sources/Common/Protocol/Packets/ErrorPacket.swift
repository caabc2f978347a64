/// A command, or a login, has failed.
///
/// Format: ERR_Packet in the MySQL source documentation (Generic Response Packets).
public struct ErrorPacket: Error, Hashable, Sendable {
    /// First byte of the payload.
    public static let header: UInt8 = 0xff
    /// What clients keep of a message, MYSQL_ERRMSG_SIZE in `include/mysql_com.h`; longer ones are cut here.
    public static let maxMessageBytes = 511
    private static let sqlStateMarker = UInt8(ascii: "#")
    private static let sqlStateByteCount = 5

    public var code: ErrorCode
    /// Five characters; empty where the peer sent none.
    public var sqlState: String
    public var message: String

    /// An error with the SQLSTATE that belongs to its number.
    public init(_ code: ErrorCode, _ message: String) {
        self.init(code: code, sqlState: code.sqlState.description, message: message)
    }

    public init(code: ErrorCode, sqlState: String, message: String) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
    }

    /// Reads both forms, with a SQLSTATE and without: before the capabilities are known a server sends the second.
    ///
    /// - Throws: ``CodecError`` if the payload does not begin with 0xff or ends early.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        let first = try reader.uint8()
        guard first == Self.header else {
            throw CodecError(.invalid, at: 0, "an error packet begins with 0x\(String(first, radix: 16))")
        }
        code = ErrorCode(rawValue: try reader.uint16())
        sqlState = ""
        if reader.remaining > 0, payload.byte(at: reader.offset) == Self.sqlStateMarker {
            try reader.skip(1)
            sqlState = try reader.bytes(Self.sqlStateByteCount).string
        }
        message = reader.rest().string
    }

    /// The payload for a peer with these capabilities; none are known before its first packet.
    public func encoded(for capabilities: CapabilityFlags) -> [UInt8] {
        var output = [Self.header]
        output.append(littleEndian: code.rawValue)
        if capabilities.contains(.protocol41) {
            let state = sqlState.utf8.count == Self.sqlStateByteCount ? sqlState : code.sqlState.description
            output.append(Self.sqlStateMarker)
            output.append(contentsOf: state.utf8)
        }
        output.append(contentsOf: Self.clipped(message))
        return output
    }

    /// As much of the text as clients keep, in whole characters.
    private static func clipped(_ message: String) -> [UInt8] {
        var bytes = Array(message.utf8.prefix(maxMessageBytes + 1))
        guard bytes.count > maxMessageBytes else { return bytes }
        // The first byte too many goes, and with it the character that it belongs to.
        while let last = bytes.popLast(), UTF8.isContinuation(last) {}
        return bytes
    }
}
