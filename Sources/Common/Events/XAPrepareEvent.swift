/// XA_PREPARE: an XA transaction is prepared, or committed in one phase.
///
/// Source: `XA_prepare_event` in MySQL's `control_events.h`.
public struct XAPrepareEvent: ~Escapable {
    /// XA COMMIT … ONE PHASE: the transaction is committed, and no XA COMMIT follows.
    public let isOnePhase: Bool
    public let formatID: UInt32
    /// The global transaction id, at most 64 bytes.
    public let globalID: RawSpan
    /// The branch qualifier, at most 64 bytes.
    public let branchQualifier: RawSpan

    private static let maxPartLength: UInt32 = 64

    /// Reads a whole event.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .xaPrepare, checksum: checksum))
        isOnePhase = try reader.uint8() != 0
        formatID = try reader.uint32()
        let globalLength = try reader.uint32()
        let branchLength = try reader.uint32()
        guard globalLength <= Self.maxPartLength, branchLength <= Self.maxPartLength else {
            throw CodecError(
                .invalid, at: EventHeader.byteCount + 5,
                "an XID's parts have at most \(Self.maxPartLength) bytes, not \(globalLength) and \(branchLength)")
        }
        globalID = try reader.bytes(Int(globalLength))
        branchQualifier = try reader.bytes(Int(branchLength))
    }
}
