import Common

/// The events of a compressed transaction, expanded: in memory, or in a temporary file where they are many.
struct ExpandedPayload: ~Copyable {
    private(set) var list: BlockList
    /// What is not in the file.
    private var bytes = ByteSink(capacity: keptBytes)
    private static let keptBytes = 1 << 20
    private var file: SeekableFile?
    /// Bytes that are in the file.
    private var spilledCount: UInt64 = 0

    /// - Parameters:
    ///   - event: A whole TRANSACTION_PAYLOAD event.
    ///   - maxMemory: Bytes of events that are kept in memory.
    ///   - temporaryFolder: Where the file is made that takes what is more.
    /// - Throws: `damaged` for bytes that cannot be expanded, at no place.
    init(
        _ event: RawSpan, checksum: ChecksumAlgorithm, layout: EventLayout, maxMemory: Int, temporaryFolder: String,
        blockBytes: Int
    ) throws(ToolError) {
        list = BlockList(blockBytes: blockBytes)
        var reader: TransactionPayloadReader
        var input: ByteReader
        do throws(CodecError) {
            let payload = try TransactionPayloadEvent(decoding: event, checksum: checksum)
            reader = try TransactionPayloadReader(payload)
            input = ByteReader(payload.payload)
        } catch { throw Self.damage(error) }
        while let header = try Self.next(&reader, &input) {
            list.take(header, at: spilledCount + UInt64(bytes.count), endsStatement: header.endsStatement(reader.event, layout, .none))
            bytes.append(reader.event)
            guard bytes.count > maxMemory else { continue }
            if file == nil { file = try SeekableFile(temporaryIn: temporaryFolder) }
            try file?.append(bytes.bytes)
            spilledCount += UInt64(bytes.count)
            bytes.removeAll(keeping: Self.keptBytes)
        }
        guard file != nil else { return }
        try file?.append(bytes.bytes)
        spilledCount += UInt64(bytes.count)
        bytes.removeAll(keeping: 0)
    }

    private static func next(
        _ reader: inout TransactionPayloadReader, _ input: inout ByteReader
    ) throws(ToolError) -> EventHeader? {
        do throws(CodecError) {
            switch try reader.next(&input) {
            case .event(let header): return header
            case .end: return nil
            case .needsInput: throw CodecError(.truncated, at: 0, "the payload ends before its events do")
            }
        } catch { throw damage(error) }
    }

    private static func damage(_ error: CodecError) -> ToolError { ToolError(.damaged, file: "", error.reason) }

    /// Appends the bytes from `offset` on to `sink`.
    func read(_ offset: UInt64, _ count: Int, into sink: inout ByteSink) throws(ToolError) {
        if file == nil { return sink.append(bytes.bytes.extracting(Int(offset)..<Int(offset) + count)) }
        try file?.read(offset, count, into: &sink)
    }
}
