/// What recovery finds at a place where an entry is expected.
enum RecoveryFinding: Hashable, Sendable, CaseIterable {
    /// Nothing: what is there is whole, and the file ends.
    case end
    /// Bytes are missing, or a checksum is wrong: a crash while writing does this, and so does rot.
    case damage
    /// All checksums are right, and the entry does not follow from the ones before: no crash does this.
    case contradiction
    /// All checksums are right, and a newer version wrote what this one cannot read.
    case newerVersion
}

/// Where recovery stands.
enum RecoveryPlace: Hashable, Sendable, CaseIterable {
    /// In a file that another one follows: its beginning and its length are looked at.
    case earlierFile
    /// In the binlog header or the segment entry of the last file.
    case beginningOfLastFile
    /// Behind the segment entry of the last file.
    case entriesOfLastFile
}

/// What recovery does.
enum RecoveryDecision: Hashable, Sendable {
    case keep
    /// Shortens the file to the entries before the place.
    case cutOff
    /// Removes the file: the crash came while it was being made.
    case removeFile
    case refuseCorruption
    case refuseNewerVersion

    /// - Parameter isDurable: whether the entry that is expected at the place is at or below the highest durable mark.
    init(_ finding: RecoveryFinding, in place: RecoveryPlace, isDurable: Bool) {
        self =
            switch (finding, place, isDurable) {
            // An older version must not cut off what it cannot read.
            case (.newerVersion, _, _): .refuseNewerVersion
            // Cutting off what a crash cannot have made might destroy what was acknowledged.
            case (.contradiction, _, _): .refuseCorruption
            // An earlier file was durable before the next one was made.
            case (.damage, .earlierFile, _): .refuseCorruption
            case (.damage, _, true): .refuseCorruption
            case (.damage, .beginningOfLastFile, false): .removeFile
            case (.damage, .entriesOfLastFile, false): .cutOff
            // The last file ends before an entry that was durable.
            case (.end, .entriesOfLastFile, true): .refuseCorruption
            case (.end, _, _): .keep
            }
    }
}
