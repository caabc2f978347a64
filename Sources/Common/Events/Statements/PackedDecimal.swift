/// A DECIMAL in the servers' packed form (``DecimalFormat``), read as text and never as a double.
public struct PackedDecimal: ~Escapable {
    /// Most digits in all.
    public static let maxPrecision = 65
    /// Most digits behind the point.
    public static let maxScale = 30

    /// Digits in all; within ``maxPrecision``.
    public let precision: Int
    /// Digits behind the point; within ``maxScale`` and `precision`.
    public let scale: Int
    private let format: DecimalFormat
    private let bytes: RawSpan

    /// Takes the number's bytes from `reader`.
    ///
    /// - Throws: `invalid` where the digits are more than a DECIMAL can have.
    @_lifetime(copy reader)
    init(from reader: inout ByteReader, precision: Int, scale: Int) throws(CodecError) {
        guard 1...Self.maxPrecision ~= precision, 0...min(Self.maxScale, precision) ~= scale else {
            throw CodecError(.invalid, at: reader.offset, "DECIMAL(\(precision),\(scale)) does not exist")
        }
        self.precision = precision
        self.scale = scale
        format = DecimalFormat(precision: UInt8(precision), scale: UInt8(scale))
        bytes = try reader.bytes(format.byteCount)
    }

    /// Appends the number: `-12345.678`, with as many digits behind the point as ``scale`` says and no needless zero before it.
    ///
    /// - Throws: `invalid` where a group of digits holds more than its digits can say.
    public func appendText(to text: inout [UInt8]) throws(CodecError) {
        guard bytes.withUnsafeBytes({ format.isPossible($0) }) else {
            throw CodecError(.invalid, at: 0, "bytes that are no DECIMAL(\(precision),\(scale))")
        }
        var sink = ByteSink(capacity: Self.maxPrecision + 2)
        bytes.withUnsafeBytes { format.write($0, into: &sink) }
        text.append(sink.bytes)
    }
}
