import Common

/// Makes entries that follow each other, computing each one's payload checksum and chain.
///
///     var encoder = EntryEncoder(chain: state.chain)
///     let entry = encoder.entry(.events, term: 3, index: 8, epoch: 1, file: file, position: 157, commitIndex: 6, payload: .bytes(events))
public struct EntryEncoder: Sendable {
    /// The chain of the last entry made.
    public private(set) var chain: Chain

    /// - Parameter chain: that of the entry before the first one made.
    public init(chain: Chain) { self.chain = chain }

    public mutating func entry(
        _ kind: EntryKind, chunk: Chunk = .whole, term: UInt64, index: UInt64, epoch: UInt64, file: [UInt8], position: UInt64,
        commitIndex: UInt64, payload: EntryPayload
    ) -> Entry {
        var header = EntryHeader(
            kind: kind, chunk: chunk, term: term, index: index, epoch: epoch, file: file, position: position, commitIndex: commitIndex,
            payloadLength: payload.byteCount, payloadChecksum: payload.checksum)
        header.chain = header.chain(after: chain)
        chain = header.chain
        return Entry(header: header, payload: payload)
    }
}
