import Common
import Log
import Logging

extension Consensus {
    func apply(through index: UInt64) {
        do {
            var completions: [UnappliedTail.Completion] = []
            var settings: ClusterSettings?
            var mayHaveMembers = appliedIndex + 1 < tail.firstIndex
            if mayHaveMembers { try applyFromDisk(through: min(index, tail.firstIndex - 1), settings: &settings) }
            try committed.update { snapshot in
                while appliedIndex < index, let entry = tail.first {
                    try snapshot.state.fold(entry)
                    if entry.header.kind == .settings || entry.header.kind == .segment { settings = snapshot.state.settings }
                    if entry.header.kind == .segment { snapshot.purged.formUnion(snapshot.state.lost) }
                    if entry.header.kind == .membership { mayHaveMembers = true }
                    if let completion = tail.removeFirst() { completions.append(completion) }
                    appliedIndex += 1
                }
                snapshot.visibleIndex = snapshot.state.visibleIndex
            }
            log.noteCommit(appliedIndex)
            if let settings { onSettingsChange?(settings) }
            if mayHaveMembers { tellMembers() }
            for completion in completions { completion(.committed) }
            finishReads()
            settle()
        } catch {
            fatal("a committed entry cannot be applied: \(error)")
        }
    }

    /// Applies entries that an earlier process appended.
    private func applyFromDisk(through index: UInt64, settings: inout ClusterSettings?) throws {
        var changed: ClusterSettings?
        try committed.update { snapshot in
            try log.catalog.forEachEntry(from: appliedIndex + 1, through: index) { header, payload in
                try snapshot.state.fold(header, payload: payload)
                if header.kind == .settings || header.kind == .segment { changed = snapshot.state.settings }
                if header.kind == .segment { snapshot.purged.formUnion(snapshot.state.lost) }
                appliedIndex = header.index
            }
            snapshot.visibleIndex = snapshot.state.visibleIndex
        }
        settings = changed ?? settings
    }
}
