import Common
import HTTPTypes
import Log
import NIOPosix

extension Node {
    /// The header of a committed entry, read from its segment: it is looked for from the segment's beginning.
    ///
    /// - Throws: 404 above what is applied here, 410 below the first segment.
    func entryAnswer(_ index: UInt64) async throws(AdminError) -> EntryAnswer {
        let applied = committed.snapshot.state.index
        guard index > 0, index <= applied else {
            throw AdminError(
                .notFound, code: "no_entry", message: "entry \(index) is not committed here",
                hint: "This node has applied the entries up to \(applied).")
        }
        guard let segment = log.catalog.segment(holding: index) else {
            let first = log.catalog.segments().first?.firstIndex ?? 0
            throw AdminError(
                .gone, code: "purged", message: "entry \(index) is purged here", hint: "The first entry that is left is \(first).")
        }
        let header: EntryHeader?
        do {
            header = try await NIOThreadPool.singleton.runIfActive { try segment.header(of: index) }
        } catch {
            throw AdminError(
                .internalServerError, code: "unreadable", message: "entry \(index) cannot be read: \(error)",
                hint: "binlog-inspect --verify on this node's data directory says more.")
        }
        guard let header else {
            throw AdminError(.notFound, code: "no_entry", message: "entry \(index) is not in \(segment.path)", hint: "Ask again.")
        }
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
