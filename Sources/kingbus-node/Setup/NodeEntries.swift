import Common
import HTTPTypes
import Log
import NIOPosix

extension Node {
    /// A committed entry of this node's log.
    func entryAnswer(_ index: UInt64) async throws(AdminError) -> EntryAnswer {
        let applied = committed.snapshot.state.index
        let result: Result<EntryAnswer, AdminError>?
        // It is looked for on the disk.
        result = try? await NIOThreadPool.singleton.runIfActive { [catalog = log.catalog] in
            do throws(AdminError) { return .success(try catalog.entryAnswer(index, applied: applied)) } catch { return .failure(error) }
        }
        guard let result else { throw .internalError }
        return try result.get()
    }
}

extension SegmentCatalog {
    /// Reads an entry's header, which is looked for from its segment's beginning. Blocks.
    ///
    /// - Parameter applied: the last entry that this node has applied.
    /// - Throws: 404 above that, 410 below the first segment, 500 where it cannot be read.
    func entryAnswer(_ index: UInt64, applied: UInt64) throws(AdminError) -> EntryAnswer {
        guard index > 0, index <= applied else {
            throw AdminError(
                .notFound, code: "no_entry", message: "entry \(index) is not committed here",
                hint: "This node has applied the entries up to \(applied).")
        }
        guard let segment = segment(holding: index) else {
            throw AdminError(
                .gone, code: "purged", message: "entry \(index) is purged here",
                hint: "The first entry that is left is \(segments().first?.firstIndex ?? 0).")
        }
        let header: EntryHeader?
        do throws(LogError) { header = try segment.header(of: index) } catch {
            throw AdminError(
                .internalServerError, code: "unreadable", message: "entry \(index) cannot be read: \(error)",
                hint: "binlog-inspect --verify on this node's data directory says more.")
        }
        guard let header else { throw .internalError }
        return EntryAnswer(header)
    }
}

extension Segment {
    /// Nil behind the segment's end. Blocks while it reads.
    func header(of index: UInt64) throws(LogError) -> EntryHeader? {
        var reader = SegmentReader(segment: self)
        while let header = try reader.nextEntry(through: index) { if header.index == index { return header } }
        return nil
    }
}
