/// EXEC_LOAD or DELETE_FILE: a file whose blocks have come is loaded, or dropped because the statement failed.
///
/// Source: `Delete_file_event` in MySQL's `load_data_events.h`; `Execute_load_log_event` in MariaDB's `log_event.h`.
public struct LoadFileEvent: Hashable, Sendable {
    /// The number that the file goes by.
    public var fileID: UInt32

    /// Reads a whole event of either type.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let header = try EventHeader(decoding: event)
        guard header.type == .execLoad || header.type == .deleteFile else {
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected the end of a file's load, found \(header.type)")
        }
        var reader = ByteReader(try eventBody(event, header: header, checksum: checksum))
        fileID = try reader.uint32()
    }
}
