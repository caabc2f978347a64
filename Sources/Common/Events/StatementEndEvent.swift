/// A WRITE_ROWS event without rows, for the table that MySQL itself uses to say "this statement is over".
///
/// It closes a half statement that an aborted run left: a reader forgets the tables that it has mapped. Without it, stock
/// mysqlbinlog carries the half statement over into whatever comes next. Source: `Rows_log_event::do_apply_event` in MySQL's
/// `log_event.cc`, where table id 2^48-1 marks a dummy event.
public enum StatementEndEvent {
    private static let dummyTableID: UInt64 = 0xffff_ffff_ffff
    private static let statementEndFlag: UInt16 = 1
    /// The variable part of the post-header, its own two bytes included.
    private static let emptyExtraDataLength: UInt16 = 2

    /// Appends the event.
    public static func encode(in envelope: EventEnvelope, into bytes: inout [UInt8]) {
        envelope.encode(.writeRows, into: &bytes) { body in
            body.append(dummyTableID, byteCount: 6)
            body.append(littleEndian: statementEndFlag)
            body.append(littleEndian: emptyExtraDataLength)
            // A width of no columns is refused: one column, in the image, and no row.
            body.append(lengthEncoded: 1)
            body.append(0xff)
        }
    }
}
