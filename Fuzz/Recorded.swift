import Common
import Foundation

/// What real servers wrote: the files of the tests' corpus.
enum Recorded {
    /// A longer event would slow the fuzzer down and teach it little.
    static let maxEventBytes = 2048

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Tests/CommonTests/Corpus")

    /// The events of each file, without their checksums, and the file's description.
    static func files() throws -> [(format: FormatDescriptionEvent, events: [[UInt8]])] {
        var files: [(FormatDescriptionEvent, [[UInt8]])] = []
        for url in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).sorted(by: { $0.path < $1.path }
        ) {
            let bytes = [UInt8](try Data(contentsOf: url))
            guard bytes.starts(with: BinlogMagic.plain) else { continue }
            var format: FormatDescriptionEvent?
            var events: [[UInt8]] = []
            var cursor = EventCursor(bytes.span.bytes.extracting(BinlogMagic.byteCount..<bytes.count))
            // An encrypted file ends where it begins to be.
            while let header = try? cursor.next() {
                if header.type == .formatDescription { format = try FormatDescriptionEvent(decoding: cursor.event) }
                events.append(Array(cursor.event.array.dropLast(format?.checksum?.byteCount ?? 0)))
            }
            if let format { files.append((format, events)) }
        }
        return files
    }

    static func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }
}

extension UnsafeRawBufferPointer {
    /// The bytes behind the first `count`; none if there are not as many.
    func dropping(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[Swift.min(count, self.count)...]) }

    /// The bytes in two parts: as many as the first two bytes say, and the others.
    var halves: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        guard count >= 2 else { return (self, dropping(count)) }
        let middle = 2 + Swift.min(Int(self[0]) | Int(self[1]) << 8, count - 2)
        return (UnsafeRawBufferPointer(rebasing: self[2..<middle]), dropping(middle))
    }
}

/// Two parts as ``Swift/UnsafeRawBufferPointer/halves`` takes them apart.
func joined(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: first.count), UInt8(truncatingIfNeeded: first.count >> 8)] + first + second
}
