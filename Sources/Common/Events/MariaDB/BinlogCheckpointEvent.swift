/// MariaDB's BINLOG_CHECKPOINT: recovery after a crash needs no file before the one that is named.
///
/// Source: `Binlog_checkpoint_log_event` in MariaDB's `log_event.h` and `.cc`.
public struct BinlogCheckpointEvent: ~Escapable {
    public let fileName: RawSpan

    /// Reads a whole event.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .binlogCheckpoint, checksum: checksum))
        fileName = try reader.bytes(Int(try reader.uint32()))
    }
}
