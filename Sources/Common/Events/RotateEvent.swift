/// ROTATE: the binlog goes on in another file.
///
/// Source: `Rotate_event` in MySQL's `control_events.h`.
public struct RotateEvent: ~Escapable {
    /// Where to read on in that file, in bytes; 4 is its beginning.
    public let position: UInt64
    /// The next file's name, without a directory.
    public let fileName: RawSpan

    /// Reads a whole event.
    ///
    /// An artificial ROTATE that opens a dump has a checksum only if the consumer asked for them, whatever the file has.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .rotate, checksum: checksum))
        position = try reader.uint64()
        fileName = reader.rest()
        guard fileName.byteCount > 0 else {
            throw CodecError(.truncated, at: EventHeader.byteCount + 8, "a ROTATE event names no file")
        }
    }

    /// Appends a ROTATE event.
    public static func encode(
        fileName: some Collection<UInt8>, position: UInt64, in envelope: EventEnvelope, into bytes: inout [UInt8]
    ) {
        envelope.encode(.rotate, into: &bytes) { body in
            body.append(littleEndian: position)
            body.append(contentsOf: fileName)
        }
    }
}
