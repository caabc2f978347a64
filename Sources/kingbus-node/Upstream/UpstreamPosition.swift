import Common

/// A place in the upstream's binlog files: a file's name and a 64-bit offset in it.
struct UpstreamPosition: Hashable, Sendable {
    var file: [UInt8]
    var offset: UInt64

    /// Whether this place is at or behind `other` in the order in which a server writes its files.
    ///
    /// Files of one server differ in the number behind the last dot; another base name means that the administrator renamed the
    /// files, and what comes under a new name is new.
    func isAtOrBehind(_ other: UpstreamPosition) -> Bool {
        if file == other.file { return offset >= other.offset }
        guard let mine = Self.split(file), let theirs = Self.split(other.file), mine.base.elementsEqual(theirs.base) else { return true }
        return mine.number > theirs.number
    }

    /// Whether both are in files that differ in their numbers only.
    func isOfSameSeries(as other: UpstreamPosition) -> Bool {
        if file == other.file { return true }
        guard let mine = Self.split(file), let theirs = Self.split(other.file) else { return false }
        return mine.base.elementsEqual(theirs.base)
    }

    private static func split(_ name: [UInt8]) -> (base: ArraySlice<UInt8>, number: UInt64)? {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), let number = UInt64(String(decoding: name[(dot + 1)...], as: UTF8.self))
        else {
            return nil
        }
        return (name[..<dot], number)
    }

    /// Moves to where an event begins whose end is known modulo 2^32 only: the nearest such place that is not before this one.
    mutating func advance(toStartOf eventLength: UInt32, endingAt end32: UInt32) {
        offset = EventHeader.start(ofLength: eventLength, endingAt: end32, notBefore: offset)
    }
}
