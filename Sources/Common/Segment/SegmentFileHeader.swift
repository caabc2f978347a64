/// The bytes that a segment file begins with, so that stock tools read it as a binlog file: the magic number, a FORMAT_DESCRIPTION and
/// a PREVIOUS_GTIDS event. The segment entry follows.
///
/// They are a pure function of the state that the segment entry carries: a file whose header differs from it is damaged.
extension LogState {
    /// Source: `BINLOG_MAGIC` in MySQL's `binlog_event.h`.
    public static let fileMagic: [UInt8] = [0xfe, 0x62, 0x69, 0x6e]

    /// The version that a file says before an upstream is known.
    static let syntheticServerVersion = "8.4.0-kingbus"

    /// - Throws: ``CodecError`` where ``formatDescription`` is neither empty nor a FORMAT_DESCRIPTION event.
    public func fileHeader() throws(CodecError) -> [UInt8] {
        var description = formatDescription
        if description.isEmpty {
            FormatDescriptionEvent(
                serverVersion: Self.syntheticServerVersion, postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths,
                checksum: .crc32
            ).encode(in: EventEnvelope(serverID: serverID, checksum: .crc32), into: &description)
        }
        let timestamp = try EventHeader(decoding: description.span.bytes).timestamp
        // With `created` set, mysqlbinlog prints ROLLBACK: it ends a transaction that the file before has left open.
        var created = try FormatDescriptionEvent(decoding: description.span.bytes).created
        if created == 0 { created = max(timestamp, 1) }
        description.store(littleEndian: EventFlags().rawValue, at: EventHeader.flagsOffset)

        var bytes = Self.fileMagic
        let end = bytes.count + description.count
        try FormatDescriptionEvent.encode(rewriting: description.span.bytes, created: created, endPosition: UInt32(end), into: &bytes)
        let envelope = EventEnvelope(
            timestamp: timestamp, serverID: serverID, position: .startingAt(UInt64(bytes.count)), checksum: checksum)
        PreviousGTIDsEvent.encode(encodedSet: executed.encoded(), in: envelope, into: &bytes)
        return bytes
    }
}
