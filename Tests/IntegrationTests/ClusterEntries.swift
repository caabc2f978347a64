import Foundation
import Testing

extension NodeCluster {
    /// Expects the same files with the same events on all nodes, which must have nothing more to write.
    func expectEqualEntries() async throws {
        guard let own = try await nodes[0].report().serverID else { throw CommandFailed(description: "\(nodes[0].name) has no server_id") }
        let expected = try nodes[0].segmentFiles
        for node in nodes.dropFirst() {
            let found = try node.segmentFiles
            #expect(found.map(Self.fileName) == expected.map(Self.fileName), "the files of \(node.name) and \(nodes[0].name)")
            for (file, other) in zip(found, expected) {
                let events = try TrafficEvent.all(in: file)
                let others = try TrafficEvent.all(in: other)
                #expect(events.count == others.count, "\(file) and \(other)")
                let difference = zip(events, others).first { $0.bytesOfAllNodes(own) != $1.bytesOfAllNodes(own) }
                #expect(difference == nil, "\(String(describing: difference))")
            }
        }
    }

    private static func fileName(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
}

extension TrafficEvent {
    /// The bytes, without what in an entry's header belongs to the node: its durable mark, that mark's checksum, and the event's.
    ///
    /// - Parameter own: the server_id of Kingbus.
    fileprivate func bytesOfAllNodes(_ own: UInt32) -> Data {
        guard type == Self.ignorable, serverID == own else { return comparable }
        var copy = Data(bytes)
        let mark = 19 + 80 + Int(copy[19 + 6]) + Int(copy[19 + 7]) << 8
        guard copy.count >= mark + 16 else { return copy }
        for offset in [mark..<mark + 12, copy.count - 4..<copy.count].joined() { copy[offset] = 0 }
        return copy
    }
}
