/// One value of a row: the bytes as they stand in the event, and what they are.
///
/// It points into its event and its plan and is good until the reader moves on.
public struct RowValue: BitwiseCopyable, ~Escapable {
    private let plan: UnsafePointer<ColumnPlan>
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
        _ plan: UnsafePointer<ColumnPlan>, start: UnsafeRawPointer, count: Int, isNull: Bool, isPartial: Bool,
        base: UnsafeRawBufferPointer?
    ) {
        self.base = base
        self.plan = plan
        self.start = start
        self.count = count
        self.isNull = isNull
        self.isPartial = isPartial
    }

    @inline(__always)
    var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
    @inline(__always)
    var column: ColumnPlan { plan.pointee }

    /// Which column of the table it is, from 0.
    public var columnIndex: Int { plan.pointee.index }
    public var kind: ColumnKind { plan.pointee.kind }
    public var charset: Charset { plan.pointee.charset }

    /// The bytes without a length in front; empty for NULL.
    public var bytes: RawSpan {
        @_lifetime(copy self) get { _overrideLifetime(RawSpan(_unsafeBytes: raw), copying: self) }
    }

    /// The integer of an integer, BIT, YEAR, ENUM or SET column; nil for NULL and other kinds.
    ///
    /// A negative one is sign-extended: reinterpret it as Int64 where ``ColumnKind/integer(byteCount:isUnsigned:)`` says signed.
    public var integer: UInt64? {
        if isNull { return nil }
        switch column.kind {
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

    /// The whole binary JSON of a JSON value: of a partial one, the before image's with the changes made.
    ///
    /// - Throws: `invalid` for what is no JSON; `unsupported` for a partial value without a before image.
    public func fullJSON() throws(CodecError) -> [UInt8] {
        guard isPartial else { return [UInt8](raw) }
        guard let base else { throw CodecError(.unsupported, at: 0, "a change to a JSON value that the event does not have") }
        return try JSONDiff.apply(raw, to: base)
    }
}

/// Up to eight bytes as an integer, the first the lowest.
@inline(__always)
func littleEndian(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    if bytes.count == 4 { return UInt64(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))) }
    if bytes.count == 8 { return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) }
    var value: UInt64 = 0
    for index in 0..<min(8, bytes.count) { value |= UInt64(bytes[index]) &<< UInt64(8 &* index) }
    return value
}

/// Up to eight bytes as an integer, the first the highest.
@inline(__always)
func bigEndian(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var value: UInt64 = 0
    for byte in bytes.prefix(8) { value = value &<< 8 | UInt64(byte) }
    return value
}
