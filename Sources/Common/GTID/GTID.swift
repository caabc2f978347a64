/// The global identifier of one transaction.
///
///     let gtid = try GTID(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:23")
///     gtid.number  // 23
///
/// A value always holds a number that MySQL allows, so a set never has to ask.
public struct GTID: Hashable, Sendable {
    /// Numbers that a transaction can have. MySQL keeps 2^63 - 1 as the end that no number reaches (`GNO_END` in sql/rpl_gtid.h).
    public static let validNumbers: ClosedRange<UInt64> = 1...(UInt64(Int64.max) - 1)

    public let tsid: TSID
    /// Within ``validNumbers``.
    public let number: UInt64

    public var source: SourceID { tsid.source }
    public var tag: GTIDTag { tsid.tag }

    /// Nil if `number` is not within ``validNumbers``.
    public init?(source: SourceID, tag: GTIDTag = .none, number: UInt64) {
        self.init(tsid: TSID(source: source, tag: tag), number: number)
    }

    /// Nil if `number` is not within ``validNumbers``.
    public init?(tsid: TSID, number: UInt64) {
        guard Self.validNumbers.contains(number) else { return nil }
        self.tsid = tsid
        self.number = number
    }

    /// Reads `uuid:number` or `uuid:tag:number`, with white space around any of the parts.
    ///
    /// - Throws: `CodecError` with the offset of the part that does not fit.
    public init(parsing text: some StringProtocol) throws(CodecError) {
        let bytes = Array(text.utf8)
        var reader = GTIDTextReader(bytes.span.bytes)
        reader.skipWhitespace()
        var tsid = TSID(source: try reader.sourceID())
        reader.skipWhitespace()
        try reader.expectColon()
        if reader.isAtTag {
            tsid.tag = try reader.tag()
            reader.skipWhitespace()
            try reader.expectColon()
        }
        self.tsid = tsid
        number = try reader.number(in: Self.validNumbers)
        reader.skipWhitespace()
        try reader.expectEnd()
    }

    /// Appends `uuid:number` or `uuid:tag:number`.
    public func appendText(to bytes: inout [UInt8]) {
        tsid.appendText(to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(digitsOf: number)
    }
}

extension GTID: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ByteSink {
    /// Appends `uuid:number` or `uuid:tag:number`.
    public mutating func append(_ gtid: GTID) {
        _ = append(capacity: SourceID.textByteCount) { space in
            gtid.tsid.source.write(to: space)
            return space.count
        }
        append(UInt8(ascii: ":"))
        if !gtid.tsid.tag.isEmpty {
            var tag: [UInt8] = []
            gtid.tsid.tag.appendText(to: &tag)
            append(contentsOf: tag)
            append(UInt8(ascii: ":"))
        }
        append(decimal: gtid.number)
    }
}

extension [UInt8] {
    /// Appends the number in decimal.
    mutating func append(digitsOf number: UInt64) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest != 0
        var (low, high) = (start, count - 1)
        while low < high {
            swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}
