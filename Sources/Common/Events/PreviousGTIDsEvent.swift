/// PREVIOUS_GTIDS: the GTIDs of all files before this one. The second event of a file.
///
/// Source: `Previous_gtids_event` in MySQL's `control_events.h`; the set's encoding is `Gtid_set::encode` in `rpl_gtid_set.cc`.
public struct PreviousGTIDsEvent: ~Escapable {
    /// The set, in MySQL's binary encoding.
    public let encodedSet: RawSpan

    /// Reads a whole event.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        encodedSet = try eventBody(event, is: .previousGTIDs, checksum: checksum)
        guard encodedSet.byteCount >= 8 else {
            throw CodecError(.truncated, at: event.byteCount, "an encoded GTID set needs 8 bytes, \(encodedSet.byteCount) are there")
        }
    }

    /// The set, decoded.
    public func gtidSet() throws(CodecError) -> GTIDSet { try GTIDSet(decoding: encodedSet) }

    /// Appends a PREVIOUS_GTIDS event, which is ignorable as MySQL's own is.
    ///
    /// - Parameter encodedSet: The set, in MySQL's binary encoding: ``GTIDSet/encoded()``.
    public static func encode(encodedSet: some Collection<UInt8>, in envelope: EventEnvelope, into bytes: inout [UInt8]) {
        envelope.encode(.previousGTIDs, flags: .ignorable, into: &bytes) { $0.append(contentsOf: encodedSet) }
    }
}
