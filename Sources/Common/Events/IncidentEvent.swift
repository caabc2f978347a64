/// INCIDENT: the source may have lost events here; a replica stops.
///
/// Source: `Incident_event` in MySQL's `control_events.h`.
public struct IncidentEvent: ~Escapable {
    /// The only incident that servers write: events were lost.
    public static let lostEvents: UInt16 = 1

    public let number: UInt16
    /// What the server has to say about it; at most 255 bytes.
    public let message: RawSpan

    /// Reads a whole event.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .incident, checksum: checksum))
        number = try reader.uint16()
        message = reader.isAtEnd ? reader.rest() : try reader.bytes(Int(try reader.uint8()))
    }
}
