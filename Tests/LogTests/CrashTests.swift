import Common
import Log
import SimulatedDisk
import Testing

/// Random work, a crash at a random operation, and what recovery must then show.
@Suite struct CrashTests {
    @Test("everything acknowledged is there after any crash, byte by byte", arguments: 0..<400)
    func crashes(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let fileSystem = SimulatedFileSystem(seed: UInt64(seed) &* 31, shortTransfers: seed % 3 == 0)
        var model = Model()
        for _ in 0..<6 {
            if random.oneIn(4) {
                fileSystem.fail(.sync, Self.failedSync, after: Int.random(in: 3...40, using: &random))
            } else {
                fileSystem.die(afterOperations: Int.random(in: 1...80, using: &random))
            }
            do {
                let log = try openLog(fileSystem)
                for _ in 0..<20 { try work(log, &model, &random) }
            } catch let error as LogError {
                #expect(error.reason == "the process is dead" || error == Self.failedSync, "\(error)")
            }
            end(fileSystem, &random)
            while random.oneIn(2) {
                // It crashes again while it recovers.
                fileSystem.die(afterOperations: Int.random(in: 1...40, using: &random))
                _ = try? openLog(fileSystem)
                end(fileSystem, &random)
            }
            let log = try openLog(fileSystem)
            try model.expect(log)
            log.stop()
            fileSystem.crash(.nothing)
        }
    }

    private static let failedSync = LogError(.io, file: "", "the sync failed")

    /// The machine crashes, or only the process does and a crash of the machine may follow when it has come back.
    private func end(_ fileSystem: SimulatedFileSystem, _ random: inout SeededGenerator) {
        if random.oneIn(3) {
            fileSystem.kill()
        } else {
            fileSystem.crash(SimulatedFileSystem.Survival.allCases.randomElement(using: &random)!)
        }
    }

    /// What was acknowledged, and what was submitted since.
    private struct Model {
        /// The first is acknowledged.
        var logs = [SampleLog()]
        var votes = [HardState()]

        /// Checks what recovery found, and goes on from it.
        mutating func expect(_ log: Log) throws {
            let recovered = log.recovered
            let found = try storedEntries(log)
            #expect(found.count == Int(recovered.lastIndex))
            // It is the acknowledged log, a later one that was submitted, or a part of the way to it.
            var survivor = try #require(
                logs.last { log in log.entries.count >= found.count && zip(log.entries, found).allSatisfy { $0.header == $1.header } },
                "what is found was never written")
            let floor = logs.map { candidate in zip(candidate.entries, logs[0].entries).prefix { $0.header == $1.header }.count }.min() ?? 0
            #expect(found.count >= floor, "acknowledged entries are gone")
            #expect(recovered.lastIndex >= logs[0].commitIndex, "committed entries are gone")
            #expect(recovered.commitIndex <= recovered.lastIndex)
            if found.count < survivor.entries.count { survivor.rewind(to: UInt64(found.count), term: survivor.term) }
            survivor.commitIndex = max(logs[0].commitIndex, recovered.commitIndex)
            try expectLog(log, holds: survivor.entries)
            #expect(recovered.state == (found.isEmpty ? nil : survivor.state))
            let vote = try #require(votes.last { $0.term == recovered.hardState.term && $0.vote == recovered.hardState.vote })
            (logs, votes) = ([survivor], [vote])
        }
    }

    private func work(_ log: Log, _ model: inout Model, _ random: inout SeededGenerator) throws {
        var sample = model.logs.last!
        var vote = model.votes.last!
        let write = nextWrite(&sample, &vote, floor: model.logs[0].commitIndex, &random)
        model.logs.append(sample)
        model.votes.append(vote)
        log.submit(write)
        if random.oneIn(3) { return }
        _ = try log.step()
        if sample.state.index > 0 {
            sample.commitIndex = max(
                sample.commitIndex, sample.state.index - min(sample.state.index, UInt64.random(in: 0...3, using: &random)))
        }
        (model.logs, model.votes) = ([sample], [vote])
        log.noteCommit(sample.commitIndex)
        if random.oneIn(5) { _ = try log.step() }
    }

    private func nextWrite(
        _ sample: inout SampleLog, _ vote: inout HardState, floor: UInt64, _ random: inout SeededGenerator
    ) -> LogWrite {
        var write = LogWrite()
        if random.oneIn(6) {
            vote.term += 1
            vote.vote = UInt64.random(in: 0...3, using: &random)
            write.hardState = vote
        }
        if random.oneIn(6), sample.state.index > max(floor, 1) {
            let index = UInt64.random(in: max(floor, 1)..<sample.state.index, using: &random)
            sample.rewind(to: index, term: sample.term + 1)
            write.truncateAfter = index
        }
        let first = sample.entries.count
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            if sample.state.index == 0 || (random.oneIn(5) && sample.state.openRun == nil) {
                sample.segment()
                continue
            }
            if sample.state.openRun != nil {
                sample.append(.events, chunk: random.oneIn(2) ? .end : .middle, SampleEvents.commit)
            } else if random.oneIn(8) {
                sample.openRun()
            } else {
                sample.transaction(rowBytes: Int.random(in: 0...1500, using: &random))
            }
        }
        write.entries = Array(sample.entries[first...])
        return write
    }
}
