import Common
import Log
import Testing

/// A log in a simulated directory.
func openLog(_ fileSystem: any FileSystem, directory: String = "/data") throws -> Log {
    try Log.open(directory: directory, fileSystem: fileSystem, options: LogOptions(name: "n1", newIncarnation: 9))
}

/// What opening throws; records an issue where it does not.
func openingError(_ fileSystem: any FileSystem, directory: String = "/data") -> LogError? {
    do {
        _ = try Log.open(directory: directory, fileSystem: fileSystem, options: LogOptions(name: "n1", newIncarnation: 9))
        return nil
    } catch {
        return error
    }
}

/// Entries as they stand in the log's files, from the first to `limit`, checked for being there byte by byte.
func storedEntries(_ log: Log, through limit: UInt64 = .max) throws -> [(header: EntryHeader, payload: [UInt8])] {
    var result: [(header: EntryHeader, payload: [UInt8])] = []
    for segment in log.catalog.segments() {
        var reader = SegmentReader(segment: segment)
        while let header = try reader.nextEntry(through: limit) {
            var payload: [UInt8] = []
            while reader.payloadRemaining > 0 {
                try reader.withPayload { bytes in
                    payload.append(bytes)
                    return bytes.byteCount
                }
            }
            result.append((header, payload))
        }
    }
    return result
}

/// Records an issue unless the log holds exactly these entries.
func expectLog(_ log: Log, holds entries: [Entry], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let stored = try storedEntries(log)
    #expect(stored.count == entries.count, sourceLocation: sourceLocation)
    for (found, expected) in zip(stored, entries) {
        let payload: [UInt8] = if case .bytes(let bytes) = expected.payload { bytes } else { [] }
        guard found.header == expected.header, found.payload == payload else {
            Issue.record("entry \(expected.header.index) is not what was appended", sourceLocation: sourceLocation)
            return
        }
    }
}

let segmentPath = "/data/segments/00000000000000000001.binlog"
