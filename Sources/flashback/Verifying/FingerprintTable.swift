import Common

/// What is known of rows and of keys by their fingerprints, in a file without a name: as many as there are, in the memory of one page.
///
/// It is a hash table of pages; what does not fit into its own page goes into the next one.
struct FingerprintTable: ~Copyable {
    /// What a fingerprint has.
    struct Entry {
        /// Which mention made it: 1 for the first; 0 for none.
        var mention: UInt64 = 0
        /// How many more equal rows there are after the changes that have been undone in thought than there are now.
        var balance: Int32 = 0
        /// How many equal rows must be there now.
        var need: Int32 = 0
    }

    private static let pageBytes = 4096
    private static let entryBytes = 32
    private static let entriesInPage = pageBytes / entryBytes
    /// Where in an entry its parts are, behind the fingerprint.
    private static let mentionOffset = 16
    private static let balanceOffset = 24
    private static let needOffset = 28

    private let file: SeekableFile
    private let pageCount: UInt64
    private var page = ByteSink(capacity: pageBytes)
    private var mentions: UInt64 = 0

    /// - Parameter capacity: How many fingerprints are put in at most.
    init(capacity: UInt64, in folder: String) throws(ToolError) {
        // Half full at most.
        pageCount = capacity / UInt64(Self.entriesInPage / 2) + 1
        file = try SeekableFile(temporaryIn: folder, count: pageCount * UInt64(Self.pageBytes))
    }

    /// What is known of a fingerprint; nil where nothing is.
    mutating func find(_ key: Chain) throws(ToolError) -> Entry? {
        guard let place = try seek(key), place.entry.mention > 0 else { return nil }
        return place.entry
    }

    /// Lets what is known of a fingerprint be changed.
    ///
    /// - Parameter body: Is given an entry without a mention where nothing was known; it has one when it is put back.
    /// - Returns: What `body` does, and the number of this mention.
    mutating func update<Result>(_ key: Chain, _ body: (inout Entry) -> Result) throws(ToolError) -> (result: Result, mention: UInt64) {
        guard let place = try seek(key) else {
            throw ToolError(.failure, file: file.path, "there are more changes than were counted")
        }
        mentions += 1
        var entry = place.entry
        let result = body(&entry)
        if entry.mention == 0 { entry.mention = mentions }
        page.overwrite(place.offset..<place.offset + Self.entryBytes) { bytes in
            bytes.storeBytes(of: key.low, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: key.high, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: entry.mention, toByteOffset: Self.mentionOffset, as: UInt64.self)
            bytes.storeBytes(of: entry.balance, toByteOffset: Self.balanceOffset, as: Int32.self)
            bytes.storeBytes(of: entry.need, toByteOffset: Self.needOffset, as: Int32.self)
        }
        try file.write(
            page.bytes.extracting(place.offset..<place.offset + Self.entryBytes),
            at: place.page * UInt64(Self.pageBytes) + UInt64(place.offset))
        return (result, mentions)
    }

    /// Reads the page that has a fingerprint, or that has room for it; nil where all are full.
    private mutating func seek(_ key: Chain) throws(ToolError) -> (page: UInt64, offset: Int, entry: Entry)? {
        var number = key.low % pageCount
        for _ in 0..<pageCount {
            page.removeAll()
            try file.read(number * UInt64(Self.pageBytes), Self.pageBytes, into: &page)
            let bytes = page.unsafeBytes
            for offset in stride(from: 0, to: Self.pageBytes, by: Self.entryBytes) {
                let mention = bytes.loadUnaligned(fromByteOffset: offset + Self.mentionOffset, as: UInt64.self)
                if mention == 0 { return (number, offset, Entry()) }
                guard bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == key.low,
                    bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self) == key.high
                else { continue }
                let entry = Entry(
                    mention: mention, balance: bytes.loadUnaligned(fromByteOffset: offset + Self.balanceOffset, as: Int32.self),
                    need: bytes.loadUnaligned(fromByteOffset: offset + Self.needOffset, as: Int32.self))
                return (number, offset, entry)
            }
            number = (number + 1) % pageCount
        }
        return nil
    }
}
