import Common

/// How many bytes the ids of tables have in a file's events: read from its FORMAT_DESCRIPTION once, asked for every event.
struct EventLayout: Hashable, Sendable {
    private static let shortPostHeaderByteCount: UInt8 = 6
    private static let shortIDByteCount = 4
    private static let idByteCount = 6

    /// A bit for each type below 64 whose ids are short, as servers before 5.1 had them. MariaDB's types, which are above, came later.
    private let shortTypes: UInt64

    init(_ format: FormatDescriptionEvent) {
        shortTypes = (0..<64).reduce(into: 0) { types, number in
            let length = format.postHeaderLength(of: EventType(rawValue: UInt8(number)))
            if length == Self.shortPostHeaderByteCount { types |= 1 << UInt64(number) }
        }
    }

    /// Bytes of the id that an event of a type begins with.
    func tableIDByteCount(_ type: EventType) -> Int {
        type.rawValue < 64 && shortTypes >> UInt64(type.rawValue) & 1 == 1 ? Self.shortIDByteCount : Self.idByteCount
    }

    /// Where the two bytes of a row event's flags stand: behind the id of its table.
    func rowFlagsOffset(_ type: EventType) -> Int { EventHeader.byteCount + tableIDByteCount(type) }
}
