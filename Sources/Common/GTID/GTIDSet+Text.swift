extension GTIDSet {
    /// Reads a set as MySQL writes and accepts it: `uuid:1-3:5:tag:7,uuid:9`.
    ///
    /// Sources, tags and ranges may come in any order and overlap. White space may stand around every part, and empty parts between
    /// commas. Numbers before the first tag are untagged. A range whose end is below its start is empty, and so is a source without
    /// ranges (`Gtid_set::add_gtid_text` in sql/rpl_gtid_set.cc).
    ///
    /// - Throws: `CodecError` with the offset of the part that does not fit, in bytes of UTF-8.
    public init(parsing text: some StringProtocol) throws(CodecError) {
        let bytes = Array(text.utf8)
        try self.init(parsing: bytes.span.bytes)
    }

    /// Reads a set from the UTF-8 bytes of its text, with the same rules and errors as from a string.
    public init(parsing text: RawSpan) throws(CodecError) {
        var reader = GTIDTextReader(text)
        var builder = GTIDSetBuilder()
        reader.skipWhitespace()
        while !reader.isAtEnd {
            if reader.consume(",") {
                reader.skipWhitespace()
                continue
            }
            var tsid = TSID(source: try reader.sourceID())
            reader.skipWhitespace()
            while reader.consume(":") {
                reader.skipWhitespace()
                if reader.isAtTag {
                    tsid.tag = try reader.tag()
                } else if let range = try Self.range(from: &reader) {
                    builder.append(range, to: tsid)
                }
                reader.skipWhitespace()
            }
            guard reader.isAtEnd || reader.consume(",") else { throw reader.invalid("expected ':', ',' or the end") }
            reader.skipWhitespace()
        }
        self = builder.build()
    }

    /// `5` or `5-7`; nil for a range that ends before it starts.
    private static func range(from reader: inout GTIDTextReader) throws(CodecError) -> ClosedRange<UInt64>? {
        let lower = try reader.number(in: GTID.validNumbers)
        reader.skipWhitespace()
        guard reader.consume("-") else { return lower...lower }
        reader.skipWhitespace()
        let upper = try reader.number(in: 0...GTID.validNumbers.upperBound)
        return lower <= upper ? lower...upper : nil
    }

    /// Appends the set in canonical form: small letters, sources and tags in order, a comma and no white space between sources.
    public func appendText(to bytes: inout [UInt8]) {
        var previous: SourceID?
        for entry in entries {
            if entry.source != previous {
                if previous != nil { bytes.append(UInt8(ascii: ",")) }
                entry.source.appendText(to: &bytes)
                previous = entry.source
            }
            if !entry.tag.isEmpty {
                bytes.append(UInt8(ascii: ":"))
                entry.tag.appendText(to: &bytes)
            }
            for range in entry.ranges {
                bytes.append(UInt8(ascii: ":"))
                bytes.append(digitsOf: range.lowerBound)
                if range.lowerBound == range.upperBound { continue }
                bytes.append(UInt8(ascii: "-"))
                bytes.append(digitsOf: range.upperBound)
            }
        }
    }
}

extension GTIDSet: CustomStringConvertible {
    /// The canonical form, as ``appendText(to:)`` writes it. MySQL also breaks the line after each comma.
    public var description: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
