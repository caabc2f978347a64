import Common
import NIOCore
import Synchronization

/// The connections of this node's MySQL port: who they are, what they do, and how to end them.
final class ReplicaRegistry: Sendable {
    enum Activity: String, Sendable {
        case command
        /// A dump with more to send.
        case streaming
        /// A dump that has sent everything.
        case waiting
    }

    struct Connection: Sendable {
        var id: UInt32
        var user: String
        var address: String
        var database: String?
        var since: NIODeadline
        var activity = Activity.command
        var serverID: UInt32 = 0
        var serverUUID = ""
        /// What COM_REGISTER_SLAVE reported.
        var reportedHost = ""
        var reportedPort: UInt16 = 0
        var isRegistered = false
        var sentGTID: GTID?
        var sentTimestamp: UInt32 = 0
        var sentTransactions: UInt64 = 0
        var sentBytes: UInt64 = 0
        /// How many of the transactions committed here the consumer began with; nil where it did not ask by GTID.
        var heldTransactions: UInt64?

        var isDumping: Bool { activity != .command }
    }

    private struct Entry {
        var connection: Connection
        /// Ends it at once, or behind the transaction that is being sent (true).
        var close: @Sendable (_ gracefully: Bool) -> Void
    }

    private struct Shared {
        var entries: [UInt32: Entry] = [:]
        var nextID: UInt32 = 1
        var open = 0
    }

    /// More connections than this are refused, logged in or not.
    static let maxConnections = 1000

    private let shared = Mutex(Shared())

    /// Counts a connection that has been accepted; false where there are too many.
    func admit() -> Bool {
        shared.withLock { shared in
            guard shared.open < Self.maxConnections else { return false }
            shared.open += 1
            return true
        }
    }

    /// An admitted connection has ended.
    func leave() { shared.withLock { $0.open -= 1 } }

    /// Connections that are open, logged in or not.
    var openCount: Int { shared.withLock { $0.open } }

    /// A number that no open connection has.
    func makeID() -> UInt32 {
        shared.withLock { shared in
            repeat { shared.nextID = shared.nextID &+ 1 } while shared.nextID < 2 || shared.entries[shared.nextID] != nil
            return shared.nextID
        }
    }

    var connections: [Connection] { shared.withLock { $0.entries.values.map(\.connection) }.sorted { $0.id < $1.id } }
    var count: Int { shared.withLock { $0.entries.count } }

    func add(_ connection: Connection, close: @escaping @Sendable (_ gracefully: Bool) -> Void) {
        shared.withLock { $0.entries[connection.id] = Entry(connection: connection, close: close) }
    }

    func remove(_ id: UInt32) { shared.withLock { _ = $0.entries.removeValue(forKey: id) } }

    func update(_ id: UInt32, _ change: (inout Connection) -> Void) {
        shared.withLock { shared in
            guard var entry = shared.entries[id] else { return }
            change(&entry.connection)
            shared.entries[id] = entry
        }
    }

    /// Who is logged in on a connection; nil where there is none of this number.
    func user(of id: UInt32) -> String? { shared.withLock { $0.entries[id]?.connection.user } }

    /// Ends a connection; false where there is none of this number.
    func close(_ id: UInt32) -> Bool {
        guard let entry = shared.withLock({ $0.entries[id] }) else { return false }
        entry.close(false)
        return true
    }

    /// Ends other dumps of the same replica: it has reconnected, and the old connection is dead or will be.
    func closeOtherDumps(of uuid: String, than id: UInt32) {
        guard !uuid.isEmpty else { return }
        let others = shared.withLock { shared in
            shared.entries.values.filter { $0.connection.isDumping && $0.connection.serverUUID == uuid && $0.connection.id != id }
        }
        for other in others { other.close(false) }
    }

    /// Ends all connections, each behind the transaction that it is being sent.
    func closeAll() {
        for entry in shared.withLock({ Array($0.entries.values) }) { entry.close(true) }
    }
}
