import Common
import SimulatedDisk
import Testing

@testable import Log

@Suite struct HardStateTests {
    private let path = "/data/hardstate"

    /// A log that voted and then was stopped.
    private func voted() throws -> SimulatedFileSystem {
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        log.submit(LogWrite(hardState: HardState(term: 4, vote: 2)))
        _ = try log.step()
        fileSystem.crash(.nothing)
        return fileSystem
    }

    @Test("a slot that rots is covered by the other, at any byte of it", arguments: [0, 4096])
    func rot(slot: Int) throws {
        let original = try voted()
        for offset in slot..<slot + 48 {
            let fileSystem = original.copy()
            fileSystem.alter(path) { $0[offset] ^= 0x10 }
            let log = try openLog(fileSystem)
            #expect(log.recovered.hardState.term == 4 && log.recovered.hardState.vote == 2)
            log.stop()
            fileSystem.crash(.nothing)
            fileSystem.alter(path) { $0[4096 - slot] ^= 0x10 }
            #expect(try openLog(fileSystem).recovered.hardState.term == 4, "the rotten slot was not repaired")
        }
    }

    @Test("a write that is torn at any byte leaves the old state or the new one")
    func torn() throws {
        let before = try voted()
        let after = before.copy()
        let log = try openLog(after)
        log.submit(LogWrite(hardState: HardState(term: 5, vote: 3)))
        _ = try log.step()
        let (old, new) = (before.contents(path), after.contents(path))
        for length in 0...48 {
            for slot in [0, 4096] {
                let fileSystem = before.copy()
                fileSystem.alter(path) { bytes in
                    if slot > 0 { bytes.replaceSubrange(0..<48, with: new[..<48]) }
                    bytes.replaceSubrange(slot..<slot + length, with: new[slot..<slot + length])
                }
                let state = try openLog(fileSystem).recovered.hardState
                #expect((state.term, state.vote) == (4, 2) || (state.term, state.vote) == (5, 3))
                if slot > 0 || length == 48 { #expect(state.term == 5) }
            }
        }
        #expect(old != new)
    }

    @Test("where one slot is torn, the other one is not written first")
    func tornTwice() throws {
        for slot in [0, 4096] {
            let fileSystem = try voted()
            fileSystem.alter(path) { $0[slot + 20] ^= 1 }
            let before = fileSystem.operations
            _ = try openLog(fileSystem.copy())
            for count in 1..<60 {
                let copy = fileSystem.copy()
                copy.die(afterOperations: count)
                #expect(openingError(copy)?.reason == "the process is dead" || copy.operations - before < count)
                copy.crash(.everything)
                #expect(try openLog(copy).recovered.hardState.term == 4)
            }
        }
    }

    @Test("two rotten slots, or none, are corruption: the vote is not known")
    func lost() throws {
        let rotten = try voted()
        rotten.alter(path) { bytes in
            bytes[20] ^= 1
            bytes[4096 + 20] ^= 1
        }
        #expect(openingError(rotten)?.code == .corruption)
        let gone = try voted()
        gone.remove(path)
        #expect(openingError(gone)?.code == .corruption)
    }

    @Test("an identity that is gone or damaged is not made anew beside a log")
    func identity() throws {
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        var sample = SampleLog()
        sample.segment()
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        fileSystem.crash(.nothing)
        let gone = fileSystem.copy()
        gone.remove("/data/identity")
        #expect(openingError(gone)?.code == .corruption)
        for offset in 0..<fileSystem.contents("/data/identity").count {
            let damaged = fileSystem.copy()
            damaged.alter("/data/identity") { $0[offset] ^= 1 }
            #expect(openingError(damaged)?.code == .corruption)
        }
    }

    @Test("the same vote again costs no write")
    func unchangedVote() throws {
        let fileSystem = try voted()
        let log = try openLog(fileSystem)
        let before = fileSystem.operations
        log.submit(LogWrite(hardState: HardState(term: 4, vote: 2, commit: 9)))
        _ = try log.step()
        #expect(fileSystem.operations == before)
    }
}
