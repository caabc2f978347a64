extension ByteSink {
    /// Appends a name between backticks, which every sql_mode takes.
    public mutating func append(identifier name: some Sequence<UInt8>) {
        append(UInt8(ascii: "`"))
        for byte in name {
            if byte == UInt8(ascii: "`") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "`"))
    }

    /// A name between backticks.
    public static func identifier(_ name: String) -> [UInt8] {
        var sink = ByteSink(capacity: 64)
        sink.append(identifier: name.utf8)
        return sink.bytes.array
    }
}
