/// One value of a row: the bytes as they stand in the event, and what they are.
///
/// It points into its event and its plan and is good until the reader moves on.
public struct RowValue: BitwiseCopyable, ~Escapable {
    let column: UnsafePointer<ColumnPlan>
    private let start: UnsafeRawPointer
    private let count: Int
    public let isNull: Bool
    /// Whether the bytes are not a value of the column but a list of changes to the before image's JSON: ``JSONDiff``.
    public let isPartial: Bool
    /// What a partial value changes; nil where the before image does not have it.
    let base: UnsafeRawBufferPointer?

    @inline(__always)
    @_lifetime(immortal)
    init(
        _ column: UnsafePointer<ColumnPlan>, start: UnsafeRawPointer, count: Int, isNull: Bool, isPartial: Bool,
        base: UnsafeRawBufferPointer?
    ) {
        self.base = base
        self.column = column
        self.start = start
        self.count = count
        self.isNull = isNull
        self.isPartial = isPartial
    }

    @inline(__always)
    var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Which column of the table it is, from 0.
    public var columnIndex: Int { column.pointee.index }
    public var kind: ColumnKind { column.pointee.kind }
    public var charset: Charset { column.pointee.charset }

    /// The bytes without a length in front; empty for NULL.
    public var bytes: RawSpan {
        @_lifetime(copy self) get { _overrideLifetime(RawSpan(_unsafeBytes: raw), copying: self) }
    }

    /// The integer of an integer, BIT, YEAR, ENUM or SET column; nil for NULL and other kinds.
    ///
    /// A negative one is sign-extended: reinterpret it as Int64 where ``ColumnKind/integer(byteCount:isUnsigned:)`` says signed.
    public var integer: UInt64? {
        if isNull { return nil }
        switch column.pointee.kind {
        case .integer(let byteCount, let isUnsigned):
            let value = littleEndian(raw)
            if isUnsigned { return value }
            let unused = UInt64(64 - 8 * Int(byteCount))
            return UInt64(bitPattern: Int64(bitPattern: value << unused) >> Int64(unused))
        case .enumeration, .set: return littleEndian(raw)
        case .bit: return bigEndian(raw)
        case .year: return raw[0] == 0 ? 0 : 1900 + UInt64(raw[0])
        default: return nil
        }
    }

    /// The number of a FLOAT or DOUBLE column; nil for NULL and other kinds.
    public var floatingPoint: Double? {
        if isNull { return nil }
        switch column.pointee.kind {
        case .float: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: littleEndian(raw))))
        case .double: return Double(bitPattern: littleEndian(raw))
        default: return nil
        }
    }

    /// The whole binary JSON of a JSON value: of a partial one, the before image's with the changes made.
    ///
    /// - Throws: `invalid` for what is no JSON; `unsupported` for a partial value without a before image.
    public func fullJSON() throws(CodecError) -> [UInt8] {
        guard isPartial else { return [UInt8](raw) }
        guard let base else { throw CodecError(.unsupported, at: 0, "a change to a JSON value that the event does not have") }
        return try JSONDiff.apply(raw, to: base)
    }

    /// Whether the value as SQL is the same value again: not of JSON with an opaque value of a type that no SQL makes.
    public func isExactInSQL() throws(CodecError) -> Bool {
        guard !isNull, column.pointee.isPlainJSON else { return true }
        let document = try fullJSON()
        return try document.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONBWriter.isExactInSQL(bytes) }
    }
}

/// Up to eight bytes as an integer, the first the lowest.
@inline(__always)
func littleEndian(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return 0 }
    return bytes.count >= 8 ? UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) : littleEndian(start, below8: bytes.count)
}

/// 1 to 7 bytes as an integer, the first the lowest, read in pieces that may overlap: not a byte behind them is touched.
@inline(__always)
func littleEndian(_ start: UnsafeRawPointer, below8 count: Int) -> UInt64 {
    if count >= 4 {
        let low = UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
        let high = UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
        return low | high &<< UInt64(truncatingIfNeeded: 8 &* (count &- 4))
    }
    let (middle, last) = (count &>> 1, count &- 1)
    return UInt64(start.load(as: UInt8.self))
        | UInt64(start.load(fromByteOffset: middle, as: UInt8.self)) &<< UInt64(truncatingIfNeeded: 8 &* middle)
        | UInt64(start.load(fromByteOffset: last, as: UInt8.self)) &<< UInt64(truncatingIfNeeded: 8 &* last)
}

/// Up to eight bytes as an integer, the first the highest.
@inline(__always)
func bigEndian(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let unused = UInt64(truncatingIfNeeded: 8 &* (8 &- min(8, bytes.count)))
    return littleEndian(bytes).byteSwapped >> unused
}
