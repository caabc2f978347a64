/// MariaDB's START_ENCRYPTION: whatever stands behind it in the file is encrypted (encrypt_binlog=ON), header and all.
///
/// A source decrypts what it sends, and sends the event with the ignorable flag. Source: `Start_encryption_log_event` in MariaDB's
/// `log_event.h`; its `sql_repl.cc` for the flag.
public struct StartEncryptionEvent: ~Escapable {
    private static let nonceByteCount = 12

    /// Whether the events behind this one are encrypted.
    public let appliesToFile: Bool
    /// 1 is AES.
    public let scheme: UInt8
    public let keyVersion: UInt32
    /// 12 bytes.
    public let nonce: RawSpan

    /// Reads a whole event.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        appliesToFile = !(try EventHeader(decoding: event).flags.contains(.ignorable))
        var reader = ByteReader(try eventBody(event, is: .startEncryption, checksum: checksum))
        scheme = try reader.uint8()
        keyVersion = try reader.uint32()
        nonce = try reader.bytes(Self.nonceByteCount)
    }

    /// Throws `unsupported` where what follows cannot be read.
    public func checkReadable() throws(CodecError) {
        guard !appliesToFile else {
            throw CodecError(
                .unsupported, at: EventHeader.typeOffset,
                "the file is encrypted from here on (MariaDB's encrypt_binlog=ON, key version \(keyVersion)), which is not read")
        }
    }
}
