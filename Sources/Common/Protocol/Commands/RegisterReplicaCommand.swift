/// A replica says who it is, for the source's SHOW REPLICAS.
///
/// Format: COM_REGISTER_SLAVE in the MySQL source documentation.
public struct RegisterReplicaCommand: Hashable, Sendable {
    /// What an encoded string's length byte can say.
    private static let maxStringBytes = 255

    public var serverID: UInt32
    /// The replica's `report_host`, `report_user`, `report_password`, `report_port`; mostly empty. Longer strings than 255 bytes are cut.
    public var host: [UInt8]
    public var user: [UInt8]
    public var password: [UInt8]
    public var port: UInt16
    /// Unused since MySQL 5.0.
    public var rank: UInt32
    /// The source's server id as the replica knows it; 0 from every replica.
    public var sourceID: UInt32

    public init(
        serverID: UInt32, host: [UInt8] = [], user: [UInt8] = [], password: [UInt8] = [], port: UInt16 = 0, rank: UInt32 = 0,
        sourceID: UInt32 = 0
    ) {
        self.serverID = serverID
        self.host = host
        self.user = user
        self.password = password
        self.port = port
        self.rank = rank
        self.sourceID = sourceID
    }

    init(reading reader: inout ByteReader) throws(CodecError) {
        serverID = try reader.uint32()
        host = try reader.bytes(Int(try reader.uint8())).array
        user = try reader.bytes(Int(try reader.uint8())).array
        password = try reader.bytes(Int(try reader.uint8())).array
        port = try reader.uint16()
        rank = try reader.uint32()
        sourceID = try reader.uint32()
    }

    func encoded() -> [UInt8] {
        var output = [CommandByte.registerReplica.rawValue]
        output.append(littleEndian: serverID)
        for text in [host, user, password] {
            let bytes = text.prefix(Self.maxStringBytes)
            output.append(UInt8(bytes.count))
            output.append(contentsOf: bytes)
        }
        output.append(littleEndian: port)
        output.append(littleEndian: rank)
        output.append(littleEndian: sourceID)
        return output
    }
}
