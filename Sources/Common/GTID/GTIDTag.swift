/// The tag between source and number in a GTID of MySQL 8.3 and newer; empty in all others.
///
/// Up to 32 characters of `a`–`z`, `0`–`9` and `_`, the first no digit. Capitals are read and become small, as in MySQL (class `Tag` in
/// mysql/gtid/tag.h). The characters live inside the value: no heap, and comparing two tags is comparing four words.
public struct GTIDTag: Hashable, Sendable {
    /// Longest tag, in characters, which are bytes.
    public static let maxByteCount = 32
    /// The tag of a GTID without one.
    public static let none = GTIDTag()

    /// Characters 0 to 15, the first in the highest byte, zero where there is none.
    private var head: UInt128 = 0
    /// Characters 16 to 31.
    private var tail: UInt128 = 0

    /// The empty tag.
    public init() {}

    /// Reads a whole text as a tag; the empty text is the empty tag.
    ///
    /// - Throws: `CodecError` with the offset of the first byte that does not fit.
    public init(parsing text: some StringProtocol) throws(CodecError) {
        let bytes = Array(text.utf8)
        try self.init(characters: bytes.span.bytes)
    }

    /// Reads the characters of a tag, which stand alone and without a length.
    ///
    /// - Throws: `CodecError` with the offset of the first byte that does not fit.
    public init(characters span: RawSpan) throws(CodecError) {
        guard span.byteCount <= Self.maxByteCount else {
            throw CodecError(.invalid, at: 0, "a tag has at most \(Self.maxByteCount) characters, not \(span.byteCount)")
        }
        for index in 0..<span.byteCount {
            guard let character = Self.normalized(span.byte(at: index), isFirst: index == 0) else {
                throw CodecError(.invalid, at: index, "a tag is made of letters, digits and _, and does not begin with a digit")
            }
            set(character, at: index)
        }
    }

    public var isEmpty: Bool { head == 0 }

    /// Characters in the tag.
    public var byteCount: Int {
        let unused = tail == 0 ? 16 + head.trailingZeroBitCount / 8 : tail.trailingZeroBitCount / 8
        return Self.maxByteCount - unused
    }

    /// Appends the characters.
    public func appendText(to bytes: inout [UInt8]) {
        for index in 0..<byteCount { bytes.append(character(at: index)) }
    }

    /// The character as it is stored, or nil if it cannot stand in a tag.
    static func normalized(_ character: UInt8, isFirst: Bool) -> UInt8? {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): character
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character | 0x20
        case UInt8(ascii: "0")...UInt8(ascii: "9"): isFirst ? nil : character
        default: nil
        }
    }

    private func character(at index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index < 16 ? head : tail) >> Self.shift(of: index))
    }

    /// Writes into a place that is still zero.
    private mutating func set(_ character: UInt8, at index: Int) {
        let bits = UInt128(character) << Self.shift(of: index)
        if index < 16 { head |= bits } else { tail |= bits }
    }

    private static func shift(of index: Int) -> Int { 120 - 8 * (index & 15) }
}

extension GTIDTag: Comparable {
    /// By characters; a tag comes before those that it begins.
    public static func < (left: GTIDTag, right: GTIDTag) -> Bool {
        left.head != right.head ? left.head < right.head : left.tail < right.tail
    }
}

extension GTIDTag: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
