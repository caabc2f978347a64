import Common
import NIOCore
import Synchronization

/// What is committed, as readers on other threads see it: one snapshot behind a lock, and the event loops that wait for it to move.
final class CommittedLog: Sendable {
    struct Snapshot: Sendable {
        /// The fold of all committed entries.
        var state: LogState
        /// The highest entry that a reader may be given: every transaction up to here is complete, or its run was aborted and is marked so.
        var visibleIndex: UInt64
        /// What replicas cannot be given any more.
        var purged: GTIDSet
    }

    /// Called on no particular thread when the visible index has moved; it must only hop to its own event loop.
    typealias Wake = @Sendable () -> Void

    private struct Shared {
        var snapshot: Snapshot
        var wakes: [ObjectIdentifier: Wake] = [:]
    }

    private let shared: Mutex<Shared>
    private let visible: Atomic<UInt64>

    init(_ snapshot: Snapshot) {
        visible = Atomic(snapshot.visibleIndex)
        shared = Mutex(Shared(snapshot: snapshot))
    }

    /// The highest entry that a reader may be given; cheap enough to ask per entry.
    var visibleIndex: UInt64 { visible.load(ordering: .acquiring) }

    var snapshot: Snapshot { shared.withLock { $0.snapshot } }

    /// Whether every transaction of `gtids` is committed here.
    func contains(_ gtids: GTIDSet) -> Bool { shared.withLock { gtids.isSubset(of: $0.snapshot.state.executed) } }

    /// Changes the snapshot in place and wakes whoever waits, once for all that `body` did.
    func update(_ body: (inout Snapshot) throws -> Void) rethrows {
        let wakes = try shared.withLock { shared -> [Wake] in
            let before = shared.snapshot.visibleIndex
            try body(&shared.snapshot)
            let now = shared.snapshot.visibleIndex
            precondition(now >= before, "what readers may see never shrinks")
            guard now > before else { return [] }
            visible.store(now, ordering: .releasing)
            return Array(shared.wakes.values)
        }
        for wake in wakes { wake() }
    }

    func subscribe(_ reader: AnyObject, wake: @escaping Wake) {
        shared.withLock { $0.wakes[ObjectIdentifier(reader)] = wake }
    }

    func unsubscribe(_ reader: AnyObject) {
        shared.withLock { _ = $0.wakes.removeValue(forKey: ObjectIdentifier(reader)) }
    }
}
