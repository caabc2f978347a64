import Common
import Foundation
import Log
import Logging
import NIOCore
import NIOEmbedded

@testable import kingbus_node

/// A node whose connections are the real handlers, without sockets, on a clock that tests move.
final class PeerPort {
    let loop = EmbeddedEventLoop()
    let directory: String
    let log: Log
    let peers: Peers

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "kingbus-peer-time-\(UInt32.random(in: .min ... .max))").path
        log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
        let local = Peers.Local(
            name: "n1", incarnation: 1, clusterID: PeerNode.cluster, initialCluster: "", peer: "a:1", mysql: "a:2", admin: "a:3",
            segmentSize: 1)
        peers = Peers(
            listen: HostPort(host: "127.0.0.1", port: 0), tls: nil, local: local, catalog: log.catalog,
            spoolDirectory: log.spoolDirectory, group: loop, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    deinit {
        log.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A connection, which is not active where it was turned away.
    func connect() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: loop)
        try peers.accept(channel)
        guard peers.accepted[ObjectIdentifier(channel)] != nil else { return channel }
        channel.connect(to: try SocketAddress(ipAddress: "10.0.0.9", port: 4000), promise: nil)
        return channel
    }

    /// A connection of a member, which is named by its number.
    func member(_ number: Int) throws -> EmbeddedChannel {
        let channel = try connect()
        var body: [UInt8] = []
        PeerHello(
            clusterID: PeerNode.cluster, name: "m\(number)", incarnation: 1, initialCluster: "", peer: "", mysql: "", admin: "",
            segmentSize: 1
        ).encode(into: &body)
        let hello = RecordedFrame(kind: PeerFrame.Kind.hello.rawValue, flags: 0, body: body)
        try channel.writeInbound(ByteBuffer(bytes: PeerPreface.encoded() + hello.bytes))
        return channel
    }

    /// Everything that was sent to the other side of a connection since it was asked last.
    static func output(_ channel: EmbeddedChannel) throws -> [UInt8] {
        channel.embeddedEventLoop.run()
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }
}
