/// One incarnation of a cluster member: which data directory speaks, not only which name.
///
///     let id = MemberID(name: "n1", incarnation: randomNumberMadeWithTheDataDirectory)
///
/// A name whose data directory was emptied has forgotten its vote and its log. Under its old identity it could vote twice in one term, or
/// help a quorum that no longer holds an acknowledged entry; as another `MemberID` it is a stranger until the leader admits it.
public struct MemberID: RawRepresentable, Hashable, Comparable, Sendable {
    /// Never 0.
    public let rawValue: UInt64

    /// - Returns: nil for 0, which stands for "nobody" in stored and sent forms.
    public init?(rawValue: UInt64) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// The identity of the member `name` with the data directory that drew `incarnation`: FNV-1a over the name's UTF-8 and the
    /// incarnation's bytes.
    public init(name: String, incarnation: UInt64) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for byte in name.utf8 { mix(byte) }
        for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: incarnation >> shift)) }
        self.rawValue = hash == 0 ? 1 : hash
    }

    public static func < (left: MemberID, right: MemberID) -> Bool { left.rawValue < right.rawValue }
}

extension MemberID: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
