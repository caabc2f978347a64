import Common
import SimulatedDisk
import Testing

@testable import Log

@Suite struct RecoveryTests {
    /// A log whose first `marked` entries are marked durable by the hard state, and the rest by nothing.
    ///
    /// The rest is written in one batch by a process that is killed before anything else.
    private func killedLog(marked: [Entry], unmarked: [Entry]) throws -> SimulatedFileSystem {
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        if !marked.isEmpty {
            log.submit(LogWrite(entries: marked))
            _ = try log.step()
            _ = try log.step()
        }
        if !unmarked.isEmpty {
            log.submit(LogWrite(entries: unmarked))
            _ = try log.step()
        }
        fileSystem.crash(.everything)
        return fileSystem
    }

    private func sample(_ entries: Int, rowBytes: Int = 60) -> SampleLog {
        var sample = SampleLog()
        sample.segment()
        for _ in 1..<entries { sample.transaction(rowBytes: rowBytes) }
        return sample
    }

    /// Ends of the entries in the only file.
    private func ends(_ fileSystem: SimulatedFileSystem) throws -> [Int] {
        let log = try openLog(fileSystem.copy())
        var ends: [Int] = []
        var reader = SegmentReader(segment: log.catalog.segments()[0])
        while let header = try reader.nextEntry(through: .max) {
            ends.append(Int(reader.entryOffset + header.storedByteCount(checksum: .crc32)))
        }
        return ends
    }

    @Test("a file cut at any byte loses the entries above the durable mark that are not whole, and no others")
    func cutAboveTheMark() throws {
        let sample = sample(6)
        let original = try killedLog(marked: Array(sample.entries[..<3]), unmarked: Array(sample.entries[3...]))
        let ends = try ends(original)
        for length in ends[2]...ends[5] {
            let fileSystem = original.copy()
            fileSystem.alter(segmentPath) { $0.removeLast($0.count - length) }
            let log = try openLog(fileSystem)
            let whole = ends.count { $0 <= length }
            #expect(log.recovered.lastIndex == UInt64(whole))
            #expect((log.recovered.cutOff != nil) == !ends.contains(length))
            try expectLog(log, holds: Array(sample.entries[..<whole]))
            #expect(fileSystem.contents(segmentPath).count == ends[whole - 1])
            log.stop()
        }
    }

    @Test("a file cut at any byte below the durable mark is corruption, and nothing is changed")
    func cutBelowTheMark() throws {
        let sample = sample(6)
        let original = try killedLog(marked: sample.entries, unmarked: [])
        let ends = try ends(original)
        for length in 0..<ends[5] {
            let fileSystem = original.copy()
            fileSystem.alter(segmentPath) { $0.removeLast($0.count - length) }
            let before = fileSystem.snapshot()
            let error = try #require(openingError(fileSystem))
            #expect(error.code == .corruption && error.file == segmentPath && error.index != nil && error.hint != nil)
            #expect(fileSystem.snapshot() == before)
        }
    }

    @Test("a flipped bit above the durable mark cuts off from its entry on")
    func flipAboveTheMark() throws {
        let sample = sample(5, rowBytes: 20)
        let original = try killedLog(marked: Array(sample.entries[..<3]), unmarked: Array(sample.entries[3...]))
        let ends = try ends(original)
        for offset in ends[2]..<ends[4] {
            for bit in 0..<8 {
                let fileSystem = original.copy()
                fileSystem.alter(segmentPath) { $0[offset] ^= 1 << UInt8(bit) }
                let log = try openLog(fileSystem)
                let whole = ends.count { $0 <= offset }
                #expect(log.recovered.lastIndex == UInt64(whole) && log.recovered.cutOff != nil)
                try expectLog(log, holds: Array(sample.entries[..<whole]))
                log.stop()
            }
        }
    }

    @Test("a flipped bit anywhere at or below the durable mark is corruption, and nothing is changed")
    func flipBelowTheMark() throws {
        let sample = sample(4, rowBytes: 20)
        let original = try killedLog(marked: sample.entries, unmarked: [])
        let count = original.contents(segmentPath).count
        for offset in 0..<count {
            let fileSystem = original.copy()
            fileSystem.alter(segmentPath) { $0[offset] ^= 1 << UInt8(offset % 8) }
            let before = fileSystem.snapshot()
            let error = openingError(fileSystem)
            #expect(error?.code == .corruption, "byte \(offset): \(error?.description ?? "accepted")")
            #expect(fileSystem.snapshot() == before)
        }
    }

    @Test("rot in a durable entry is not taken for a torn tail where only later entries say that it was durable")
    func marksBehindTheDamage() throws {
        let sample = sample(8)
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        for entry in sample.entries {
            log.submit(LogWrite(entries: [entry]))
            _ = try log.step()
        }
        fileSystem.crash(.everything)
        let ends = try ends(fileSystem)
        for damaged in 1..<6 {
            let copy = fileSystem.copy()
            copy.alter(segmentPath) { $0[ends[damaged - 1] + 30] ^= 1 }
            let error = openingError(copy)
            #expect(error?.code == .corruption && error?.index == UInt64(damaged + 1))
        }
        // The last entry's own durability is known to nobody after this crash.
        fileSystem.alter(segmentPath) { $0[ends[6] + 30] ^= 1 }
        #expect(try openLog(fileSystem).recovered.lastIndex == 7)
    }

    @Test("zeros at the end are cut off where nothing marks them, and refused where something does")
    func zeros() throws {
        let sample = sample(4)
        let original = try killedLog(marked: Array(sample.entries[..<3]), unmarked: Array(sample.entries[3...]))
        let ends = try ends(original)
        let above = original.copy()
        above.alter(segmentPath) { bytes in for index in ends[2]..<bytes.count { bytes[index] = 0 } }
        #expect(try openLog(above).recovered.lastIndex == 3)
        let below = original.copy()
        below.alter(segmentPath) { bytes in for index in ends[1]..<bytes.count { bytes[index] = 0 } }
        #expect(openingError(below)?.code == .corruption)
    }

    @Test("a valid tail that nothing marks is durable once the log is open")
    func rewritesTheTail() throws {
        let sample = sample(6)
        // After a failed sync memory shows what the disk does not have, and a second sync alone would not change that.
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        log.submit(LogWrite(entries: Array(sample.entries[..<3])))
        _ = try log.step()
        _ = try log.step()
        log.submit(LogWrite(entries: Array(sample.entries[3...])))
        fileSystem.fail(.sync, LogError(.io, file: "", "lost"))
        #expect(throws: LogError.self) { try log.step() }
        fileSystem.kill()
        let again = try openLog(fileSystem)
        #expect(again.recovered.lastIndex == 6)
        fileSystem.crash(.nothing)
        try expectLog(try openLog(fileSystem), holds: sample.entries)
    }

    @Test("a last file that a crash left incomplete is removed, at whatever byte it ends")
    func incompleteLastFile() throws {
        var sample = sample(4)
        sample.segment()
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        fileSystem.crash(.everything)
        let path = "/data/segments/00000000000000000005.binlog"
        let count = fileSystem.contents(path).count
        for length in 0...count {
            let copy = fileSystem.copy()
            copy.alter(path) { $0.removeLast(count - length) }
            let log = try openLog(copy)
            #expect(log.recovered.lastIndex == (length == count ? 5 : 4))
            #expect(copy.snapshot()[path] != nil || length < count)
            try expectLog(log, holds: Array(sample.entries[..<Int(log.recovered.lastIndex)]))
            log.stop()
        }
    }

    @Test("a lost, shortened or lengthened earlier file is corruption")
    func earlierFiles() throws {
        var sample = SampleLog()
        for _ in 0..<4 {
            sample.segment()
            sample.transaction()
            sample.transaction()
        }
        let original = try killedLog(marked: sample.entries, unmarked: [])
        for path in original.snapshot().keys.filter({ $0.hasSuffix(".binlog") }).sorted() {
            let without = original.copy()
            without.remove(path)
            #expect(openingError(without)?.code == .corruption, "\(path)")
            let shorter = original.copy()
            shorter.alter(path) { $0.removeLast() }
            #expect(openingError(shorter)?.code == .corruption)
            if path.hasSuffix("10.binlog") { continue }
            let longer = original.copy()
            longer.alter(path) { $0.append(0) }
            #expect(openingError(longer)?.code == .corruption)
        }
    }

    @Test("an open run at the tail is kept")
    func openRun() throws {
        var sample = sample(3)
        sample.openRun()
        let fileSystem = try killedLog(marked: [], unmarked: sample.entries)
        let log = try openLog(fileSystem)
        #expect(log.recovered.lastIndex == 4)
        #expect(log.recovered.state?.openRun?.index == 4)
        #expect(log.recovered.state?.executed.count == 2)
    }

    @Test("an intact entry that does not continue the chain is refused, marked or not")
    func contradiction() throws {
        let sample = sample(5)
        var other = SampleLog(clusterID: SourceID(high: 8, low: 8))
        other.segment()
        for _ in 0..<4 { other.transaction(rowBytes: 60) }
        let fileSystem = try killedLog(marked: [], unmarked: sample.entries)
        let foreign = try killedLog(marked: [], unmarked: other.entries)
        let ends = try ends(fileSystem)
        let bytes = foreign.contents(segmentPath)
        fileSystem.alter(segmentPath) { $0.replaceSubrange(ends[3]..<ends[4], with: bytes[ends[3]..<ends[4]]) }
        let error = try #require(openingError(fileSystem))
        #expect(error.code == .corruption && error.index == 5)
        #expect(error.reason.contains("chain"))
    }

    @Test("an entry of a kind that this version does not know is refused, not cut off")
    func newerVersion() throws {
        let sample = sample(3)
        let fileSystem = try killedLog(marked: [], unmarked: sample.entries)
        let ends = try ends(fileSystem)
        fileSystem.alter(segmentPath) { bytes in
            let body = ends[1] + EventHeader.byteCount
            bytes[body + 4] = 99
            let covered = 76 + "binlog.000001".utf8.count
            let crc = CRC32C.checksum(of: bytes.span.bytes.extracting(body..<body + covered))
            bytes.store(littleEndian: crc, at: body + covered)
        }
        #expect(openingError(fileSystem)?.code == .unsupported)
    }

    @Test("the state that may be shown holds no uncommitted transaction")
    func committedState() throws {
        var sample = SampleLog()
        sample.segment()
        for _ in 0..<3 { sample.transaction() }
        sample.segment()
        for number in 0..<6 {
            sample.commitIndex = 4 + UInt64(max(0, number - 2))
            sample.transaction()
        }
        let fileSystem = try killedLog(marked: [], unmarked: sample.entries)
        let log = try openLog(fileSystem)
        #expect(log.recovered.commitIndex == 7)
        #expect(log.recovered.committedState?.index == 7)
        #expect(log.recovered.committedState?.executed.count == 5)
        #expect(log.recovered.state?.executed.count == 9)

        var earlier = SampleLog()
        earlier.segment()
        for _ in 0..<3 { earlier.transaction() }
        earlier.commitIndex = 3
        earlier.segment()
        earlier.transaction()
        let other = try openLog(try killedLog(marked: [], unmarked: earlier.entries))
        #expect(other.recovered.commitIndex == 3)
        #expect(other.recovered.committedState?.index == 1)
    }
}
