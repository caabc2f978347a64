/// Writes records as a run of fields, each behind its tag (16 bits) and length (32 bits), so that later versions can add fields.
struct TaggedFieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func field(_ tag: UInt16, _ value: [UInt8]) {
        precondition(value.count <= UInt32.max)
        bytes.append(littleEndian: tag)
        bytes.append(littleEndian: UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func field(_ tag: UInt16, _ value: UInt64) {
        bytes.append(littleEndian: tag)
        bytes.append(littleEndian: UInt32(8))
        bytes.append(littleEndian: value)
    }

    mutating func field(_ tag: UInt16, _ value: UInt64?) { if let value { field(tag, value) } }
    mutating func field(_ tag: UInt16, _ value: Bool) { field(tag, value ? 1 as UInt64 : 0) }
    mutating func field(_ tag: UInt16, _ value: String) { field(tag, Array(value.utf8)) }
}

/// Reads what ``TaggedFieldWriter`` wrote. A field that the reader does not know is an error: a node must not drop state that a newer one wrote.
struct TaggedFieldReader: ~Escapable {
    private var reader: ByteReader
    private(set) var tag: UInt16 = 0
    /// Where the current field's value begins.
    private(set) var offset = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { reader = ByteReader(bytes) }

    /// Moves to the next field and returns its value, or nil at the end.
    @_lifetime(copy self)
    mutating func next() throws(CodecError) -> RawSpan? {
        if reader.isAtEnd { return nil }
        tag = try reader.uint16()
        let count = Int(try reader.uint32())
        offset = reader.offset
        return try reader.bytes(count)
    }

    func integer(_ value: RawSpan) throws(CodecError) -> UInt64 {
        guard value.byteCount == 8 else { throw CodecError(.invalid, at: offset, "field \(tag) is no 64-bit integer") }
        return UInt64(littleEndian: value.unsafeLoadUnaligned(as: UInt64.self))
    }

    func unknownField() -> CodecError {
        CodecError(.unsupported, at: offset, "field \(tag) is unknown: it was written by a newer version")
    }
}
