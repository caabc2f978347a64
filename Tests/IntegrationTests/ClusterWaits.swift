import Foundation

/// How long replicas waited for what the primary committed next after a fault, told by the two times that their own binlogs have of every
/// transaction: when the primary committed it, and when they did.
struct ClusterWaits {
    /// Where a replica read from when a fault came.
    enum Place: String, CaseIterable {
        case killed = "at a node that was killed"
        case paused = "at a node that stood still"
        case elsewhere = "at a node that lived on"
        case all = "at any, when all three were killed"
    }

    private struct Wait {
        let place: Place
        let isInside: Bool
        let microseconds: UInt64
    }

    private let waits: [Wait]
    /// One line a fault: what it was, and how long each replica waited, with a star where it read from a node that was struck.
    let faults: String

    init(_ struck: [ClusterFaultInjector.Struck], _ replicas: [MySQLServer]) throws {
        var waits: [Wait] = []
        var lines = struck.map {
            "  \($0.fault.kind.rawValue) (\($0.names.joined(separator: ", ")))\($0.fault.isInside ? ", inside" : ""):"
        }
        for (number, replica) in replicas.enumerated() {
            let commits = try replica.binlogFiles.flatMap { try TrafficEvent.all(in: $0).compactMap(\.commit) }
                .sorted { $0.atSource < $1.atSource }
            for (line, fault) in struck.enumerated() {
                guard let next = commits.first(where: { $0.atSource > fault.time }) else { continue }
                let microseconds = next.here - min(next.here, fault.time)
                waits.append(Wait(place: Self.place(fault, number), isInside: fault.fault.isInside, microseconds: microseconds))
                lines[line] += "  \(Self.text(microseconds))\(fault.isStruck[number] ? "*" : "")"
            }
        }
        self.waits = waits
        faults = lines.joined(separator: "\n")
    }

    private static func place(_ struck: ClusterFaultInjector.Struck, _ replica: Int) -> Place {
        if struck.fault.kind == .killAll { return .all }
        if !struck.isStruck[replica] { return .elsewhere }
        return struck.fault.kind.isPause ? .paused : .killed
    }

    /// One line a place: how many, median and worst, apart for faults inside a big transaction.
    var table: String {
        var lines: [String] = []
        for isInside in [false, true] {
            for place in Place.allCases {
                let times = waits.filter { $0.place == place && $0.isInside == isInside }.map(\.microseconds).sorted()
                guard let worst = times.last else { continue }
                let label = "\(place.rawValue)\(isInside ? ", inside a big transaction" : "")"
                lines.append(
                    "  \(label.padding(toLength: 62, withPad: " ", startingAt: 0))\(times.count) waits, "
                        + "median \(Self.text(times[times.count / 2])), worst \(Self.text(worst))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ microseconds: UInt64) -> String { String(format: "%.2f s", Double(microseconds) / 1e6) }
}

extension TrafficEvent {
    /// When a transaction was committed, in microseconds since 1970.
    fileprivate struct Commit {
        /// On the server where it was made.
        var atSource: UInt64
        /// On the server whose file this is.
        var here: UInt64
    }

    /// Nil for what is no GTID event of a replicated transaction without a tag.
    fileprivate var commit: Commit? {
        // GTID_LOG_EVENT: flags (1), source (16), number (8), logical clock (1 + 8 + 8), and the times, 7 bytes each: this server's, whose
        // highest bit says that the original one follows.
        let offset = 19 + 42
        guard type == 33, bytes.count >= offset + 14 else { return nil }
        func number(at offset: Int) -> UInt64 { (0..<7).reduce(0) { $0 | UInt64(bytes[bytes.startIndex + offset + $1]) << (8 * $1) } }
        let here = number(at: offset)
        guard here & 1 << 55 != 0 else { return nil }
        return Commit(atSource: number(at: offset + 7), here: here & ~(1 << 55))
    }
}
