/// The four bytes that a binlog file begins with.
///
/// Sources: `BINLOG_MAGIC` in MySQL's `binlog_event.h`, the encrypted one in `stream_cipher.h`. MariaDB's encrypted files begin as
/// others do, and have a START_ENCRYPTION event: see ``StartEncryptionEvent``.
public enum BinlogMagic {
    public static let byteCount = 4
    /// `fe` and "bin".
    public static let plain: [UInt8] = [0xfe, 0x62, 0x69, 0x6e]
    private static let encrypted: [UInt8] = [0xfd, 0x62, 0x69, 0x6e]

    /// Checks a file's first bytes.
    ///
    /// - Throws: `unsupported` for a file that MySQL encrypted; `invalid` for whatever else is no binlog.
    public static func check(_ head: RawSpan) throws(CodecError) {
        let magic = head.extracting(0..<min(head.byteCount, byteCount)).array
        guard magic != encrypted else {
            throw CodecError(.unsupported, at: 0, "the file is encrypted (binlog_encryption=ON), which is not read")
        }
        guard magic == plain else {
            throw CodecError(.invalid, at: 0, "not a binlog file: it does not begin with the magic number fe 62 69 6e")
        }
    }
}
