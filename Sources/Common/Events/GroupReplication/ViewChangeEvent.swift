/// VIEW_CHANGE: a member has joined or left a replication group.
///
/// Source: `View_change_event` in MySQL's `control_events.h` and `.cpp`.
public struct ViewChangeEvent: ~Escapable {
    private static let viewIDByteCount = 40

    /// Names the view, as `17179869184:3`.
    public let viewID: RawSpan
    public let sequenceNumber: UInt64
    /// How many entries of the certification's state follow.
    public let certificationCount: Int
    /// Each entry: a key behind two bytes of length, a value behind four.
    public let certification: RawSpan
    /// Whether ``certification`` is all of it.
    public let isComplete: Bool

    /// Reads an event, of which only a head needs to be there.
    ///
    /// - Throws: `invalid` where the view has no name.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .viewChange, checksum: checksum)
        var reader = ByteReader(head.body)
        var name = ByteReader(try reader.bytes(Self.viewIDByteCount))
        viewID = try name.nullTerminated()
        guard viewID.byteCount > 0 else { throw CodecError(.invalid, at: EventHeader.byteCount, "a view has no name") }
        sequenceNumber = try reader.uint64()
        certificationCount = Int(try reader.uint32())
        certification = reader.rest()
        isComplete = head.isComplete
    }
}
