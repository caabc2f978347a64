import Common

/// A segment file's beginning, read and checked: the binlog header and the segment entry.
struct SegmentBeginning {
    let segment: Segment
    /// The log's state behind the segment entry.
    let state: LogState
    let header: EntryHeader
    let durableMark: UInt64
    /// Bytes in the file when it was opened, whole entries or not.
    let fileBytes: UInt64

    /// Where the entries behind the segment entry begin.
    var endOffset: UInt64 { state.segment.byteCount }

    /// What is wrong with a file's beginning.
    struct Failure: Error {
        /// Nil where the file could not be read at all.
        let finding: RecoveryFinding?
        let error: LogError

        init(_ finding: RecoveryFinding?, _ error: LogError) {
            self.finding = finding
            self.error = error
        }
    }

    init(opening path: String, firstIndex: UInt64, _ fileSystem: any FileSystem) throws(Failure) {
        let file: any File
        let entryOffset: UInt64
        let stored: StoredHeader
        let payload: [UInt8]
        let trailer: [UInt8]
        let prefix: [UInt8]
        do throws(LogError) {
            file = try fileSystem.open(path, .readWrite)
            fileBytes = try file.size()
            entryOffset = try Self.entryOffset(in: file, fileBytes)
            stored = try Self.header(in: file, at: entryOffset)
            guard stored.header.kind == .segment, stored.storedByteCount <= fileBytes - entryOffset else {
                throw LogError(.corruption, file: path, offset: entryOffset, "the file ends inside its segment entry")
            }
            let payloadOffset = entryOffset + UInt64(stored.byteCount)
            payload = try file.bytes(at: payloadOffset, count: Int(stored.header.payloadLength))
            trailer = try file.bytes(at: payloadOffset + stored.header.payloadLength, count: Int(stored.trailerByteCount))
            prefix = try file.bytes(at: 0, count: Int(entryOffset))
        } catch {
            let finding: RecoveryFinding? =
                switch error.code {
                case .corruption: .damage
                case .unsupported: .newerVersion
                default: nil
                }
            throw Failure(finding, error)
        }

        func failure(_ finding: RecoveryFinding, _ offset: UInt64, _ reason: String) -> Failure {
            Failure(finding, LogError(.corruption, file: path, offset: offset, index: stored.header.index, reason))
        }

        header = stored.header
        guard CRC32C.checksum(of: payload.span.bytes) == header.payloadChecksum else {
            throw failure(.damage, entryOffset, "the payload's CRC-32C is wrong")
        }
        if !trailer.isEmpty {
            let checksum = CRC32.checksum(of: payload.span.bytes, continuing: stored.eventChecksum)
            guard trailer.span.bytes.unsafeLoadUnaligned(as: UInt32.self).littleEndian == checksum else {
                throw failure(.damage, entryOffset, "the event's CRC-32 is wrong")
            }
        }
        guard let durableMark = stored.durableMark, durableMark < header.index else {
            throw failure(.damage, entryOffset, "the entry's durable mark is not intact")
        }
        self.durableMark = durableMark
        let startState: LogState
        let expectedPrefix: [UInt8]
        do throws(CodecError) {
            startState = try LogState(decoding: payload.span.bytes)
            state = try LogState(beginningWith: header, payload: payload.span.bytes)
            expectedPrefix = try startState.fileHeader()
        } catch {
            throw failure(error.code == .unsupported ? .newerVersion : .contradiction, entryOffset, error.reason)
        }
        guard header.index == firstIndex else {
            throw failure(.contradiction, entryOffset, "the file's name says entry \(firstIndex)")
        }
        guard startState.checksum.byteCount == Int(stored.trailerByteCount), prefix == expectedPrefix else {
            throw failure(.damage, 0, "the binlog header is not the one that belongs to the segment entry")
        }
        segment = Segment(
            firstIndex: firstIndex, path: path, startState: startState, firstEntryOffset: entryOffset, byteCount: fileBytes, file: file)
    }

    /// Where the segment entry stands: behind magic number, FORMAT_DESCRIPTION and PREVIOUS_GTIDS, of which only the lengths are read.
    private static func entryOffset(in file: any File, _ fileBytes: UInt64) throws(LogError) -> UInt64 {
        var offset = UInt64(LogState.fileMagic.count)
        guard try file.bytes(at: 0, count: LogState.fileMagic.count) == LogState.fileMagic else {
            throw LogError(.corruption, file: file.path, offset: 0, "the file does not begin with a binlog's magic number")
        }
        for type in [EventType.formatDescription, .previousGTIDs] {
            let bytes = try file.bytes(at: offset, count: EventHeader.byteCount)
            guard let event = try? EventHeader(decoding: bytes.span.bytes), event.type == type,
                UInt64(event.eventLength) < fileBytes - offset
            else { throw LogError(.corruption, file: file.path, offset: offset, "the binlog header lacks its \(type) event") }
            offset += UInt64(event.eventLength)
        }
        return offset
    }

    private static func header(in file: any File, at offset: UInt64) throws(LogError) -> StoredHeader {
        let bytes = try file.bytes(at: offset, count: StoredHeader.maxByteCount)
        do throws(CodecError) {
            return try StoredHeader(decoding: bytes.span.bytes, serverID: nil, checksum: nil)
        } catch {
            throw LogError(error.code == .unsupported ? .unsupported : .corruption, file: file.path, offset: offset, error.reason)
        }
    }
}
