/// The UUID of the server that a transaction was first committed on: a server's `server_uuid`.
///
///     let id = try SourceID(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562")
///
/// Identifiers order as their 16 bytes do, which is also the order of their text.
public struct SourceID: Hashable, Sendable {
    /// Bytes of the binary form.
    public static let byteCount = 16
    /// Characters of the text form: 32 hexadecimal digits and 4 dashes.
    public static let textByteCount = 36

    /// The first eight bytes, most significant first.
    public let high: UInt64
    /// The last eight bytes, most significant first.
    public let low: UInt64

    /// All bits zero: a server that has no UUID yet.
    public static let zero = SourceID(high: 0, low: 0)

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 36 characters: hexadecimal digits in groups of 8, 4, 4, 4 and 12 with dashes between.
    ///
    /// - Throws: `CodecError` with the offset of the first byte that does not fit.
    public init(parsing text: some StringProtocol) throws(CodecError) {
        let bytes = Array(text.utf8)
        var reader = GTIDTextReader(bytes.span.bytes)
        self = try reader.sourceID()
        try reader.expectEnd()
    }

    /// Reads the 16 bytes of the binary form.
    ///
    /// - Throws: `CodecError` (truncated) if fewer are left.
    public init(from reader: inout ByteReader) throws(CodecError) {
        high = try reader.uint64().byteSwapped
        low = try reader.uint64().byteSwapped
    }

    /// Reads a span that is the binary form and nothing more.
    ///
    /// - Throws: `CodecError` where the span has not 16 bytes.
    public init(decoding span: RawSpan) throws(CodecError) {
        guard span.byteCount == Self.byteCount else {
            throw CodecError(.invalid, at: 0, "a server UUID has \(Self.byteCount) bytes, here are \(span.byteCount)")
        }
        var reader = ByteReader(span)
        try self.init(from: &reader)
    }

    /// The 16 bytes of the binary form.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Appends the 16 bytes of the binary form.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: high.byteSwapped)
        bytes.append(littleEndian: low.byteSwapped)
    }

    /// Appends the text form in lower case.
    public func appendText(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: Self.textByteCount, alignment: 1) { text in
            write(to: text)
            bytes.append(contentsOf: text)
        }
    }

    /// Writes the text into as many bytes as it has.
    func write(to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count == Self.textByteCount)
        var position = 0
        for index in 0..<Self.byteCount {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                text[position] = UInt8(ascii: "-")
                position &+= 1
            }
            let word = index < 8 ? high : low
            let byte = UInt8(truncatingIfNeeded: word &>> UInt64(56 &- 8 &* (index & 7)))
            text[position] = Self.hexDigit(byte >> 4)
            text[position &+ 1] = Self.hexDigit(byte & 15)
            position &+= 2
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &- 10 &+ value
    }
}

extension SourceID: Comparable {
    public static func < (left: SourceID, right: SourceID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

extension SourceID: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.textByteCount)
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
