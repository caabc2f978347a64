/// The two bytes before each event in a semi-synchronous dump, behind the OK byte of the payload.
///
/// After an event that asks for an ACK the source restarts its sequence numbers: the next packet has number 1, and the ACK has number 0.
/// Source: `plugin/semisync/semisync.h`, `semisync_source.cc`.
public struct SemiSyncEventPrefix: Hashable, Sendable {
    /// First byte of the prefix and of an ACK.
    public static let magic: UInt8 = 0xef
    public static let byteCount = 2
    /// The number of the first packet after one that asked for an ACK.
    public static let sequenceAfterRequest: UInt8 = 1
    private static let requestFlag: UInt8 = 0x01

    /// Whether the source waits for this event to be acknowledged.
    public var needsACK: Bool

    public init(needsACK: Bool) {
        self.needsACK = needsACK
    }

    /// - Throws: ``CodecError`` if the magic is another one or the bytes end early.
    public init(reading reader: inout ByteReader) throws(CodecError) {
        let magic = try reader.uint8()
        guard magic == Self.magic else {
            throw CodecError(.invalid, at: reader.offset - 1, "a semi-sync event begins with 0x\(String(magic, radix: 16))")
        }
        needsACK = try reader.uint8() & Self.requestFlag != 0
    }

    public func encode(into output: inout [UInt8]) {
        output.append(Self.magic)
        output.append(needsACK ? Self.requestFlag : 0)
    }
}

/// A replica tells its source that everything up to a position is safe with it.
///
/// Source: `ReplSemiSyncSlave::slaveReply` in `plugin/semisync/semisync_replica.cc`.
public struct SemiSyncACK: Hashable, Sendable {
    public var position: UInt64
    public var file: [UInt8]

    public init(file: [UInt8], position: UInt64) {
        self.file = file
        self.position = position
    }

    /// - Throws: ``CodecError`` if the magic is another one or the bytes end early.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        let magic = try reader.uint8()
        guard magic == SemiSyncEventPrefix.magic else {
            throw CodecError(.invalid, at: 0, "a semi-sync ACK begins with 0x\(String(magic, radix: 16))")
        }
        position = try reader.uint64()
        file = Array(reader.rest().array.prefix { $0 != 0 })
    }

    /// The payload, to be sent in a packet with the sequence number 0.
    public func encoded() -> [UInt8] {
        var output = [SemiSyncEventPrefix.magic]
        output.append(littleEndian: position)
        output.append(contentsOf: file)
        return output
    }
}
