import BinlogInput
import Common

extension EventText {
    /// What any event's body tells, of which all is at hand.
    static func appendAllDetails(
        _ header: EventHeader, _ event: RawSpan, checksum: ChecksumAlgorithm, to bytes: inout ByteSink
    ) throws(CodecError) {
        switch header.type {
        case .gtid, .anonymousGTID, .gtidTagged: appendDetails(try GTIDEvent(decoding: event, checksum: checksum), to: &bytes)
        case .previousGTIDs: appendDetails(try PreviousGTIDsEvent(decoding: event, checksum: checksum).gtidSet(), to: &bytes)
        case .formatDescription, .startV3: appendDetails(try FormatDescriptionEvent(decoding: event), header, to: &bytes)
        case .ignorable where EntryEvent.matches(header, head: event):
            appendDetails(try EntryEvent(decoding: header, head: event, checksum: checksum).header, to: &bytes)
        default: try appendDetails(header, head: event, checksum: checksum, to: &bytes)
        }
    }
}
