import Common

extension PeerHello {
    /// The longest name of a member, in bytes.
    static let maxNameBytes = 255
    /// The longest address.
    static let maxAddressBytes = 512
    /// The longest list of `--initial-cluster`.
    static let maxInitialClusterBytes = 8 << 10

    init(_ local: Peers.Local, expected: PeerIdentity? = nil) {
        self.init(
            clusterID: local.clusterID, name: local.name, incarnation: local.incarnation, expected: expected,
            initialCluster: local.initialCluster, peer: local.peer, mysql: local.mysql, admin: local.admin,
            segmentSize: local.segmentSize)
    }

    /// Version (2), flags (1): bit 0 a cluster's id follows, bit 1 somebody is expected; then the fields, strings behind their length (2).
    func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: version)
        bytes.append((clusterID == nil ? 0 : 1) | (expected == nil ? 0 : 2))
        if let clusterID { clusterID.encode(into: &bytes) }
        bytes.append(string: name)
        bytes.append(littleEndian: incarnation)
        if let expected {
            bytes.append(string: expected.name)
            bytes.append(littleEndian: expected.incarnation)
        }
        bytes.append(string: initialCluster)
        bytes.append(string: peer)
        bytes.append(string: mysql)
        bytes.append(string: admin)
        bytes.append(littleEndian: segmentSize)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        version = try reader.uint16()
        let flags = try reader.uint8()
        guard flags < 4 else { throw CodecError(.invalid, at: reader.offset - 1, "hello flags \(flags) are unknown") }
        clusterID = flags & 1 == 0 ? nil : try SourceID(from: &reader)
        name = try reader.string(atMost: Self.maxNameBytes)
        incarnation = try reader.uint64()
        expected = nil
        if flags & 2 != 0 {
            let name = try reader.string(atMost: Self.maxNameBytes)
            expected = PeerIdentity(name: name, incarnation: try reader.uint64())
        }
        initialCluster = try reader.string(atMost: Self.maxInitialClusterBytes)
        peer = try reader.string(atMost: Self.maxAddressBytes)
        mysql = try reader.string(atMost: Self.maxAddressBytes)
        admin = try reader.string(atMost: Self.maxAddressBytes)
        segmentSize = try reader.uint64()
        guard !name.isEmpty else { throw CodecError(.invalid, at: 0, "a hello without a name") }
    }
}

/// What a listener says to a hello, or to a founding: whether it goes on, why not, and who it is.
struct PeerAnswer: Sendable, Hashable {
    /// The longest message of a refusal.
    static let maxMessageBytes = 2 << 10

    /// Nil: accepted.
    var refusal: PeerError?
    /// Of the listener. A node that is not spoken to in its version need not say who it is.
    var hello: PeerHello?

    /// Flags (1): bit 0 refused, bit 1 a hello follows; then code and message of a refusal, then the hello.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [(refusal == nil ? 0 : 1) | (hello == nil ? 0 : 2)]
        if let refusal {
            bytes.append(string: refusal.code.rawValue)
            bytes.append(string: String(decoding: refusal.message.utf8.prefix(Self.maxMessageBytes - 3), as: UTF8.self))
        }
        hello?.encode(into: &bytes)
        return bytes
    }

    init(refusal: PeerError?, hello: PeerHello?) {
        self.refusal = refusal
        self.hello = hello
    }

    init(decoding span: RawSpan) throws(CodecError) {
        var reader = ByteReader(span)
        let flags = try reader.uint8()
        guard flags < 4 else { throw CodecError(.invalid, at: 0, "answer flags \(flags) are unknown") }
        refusal = nil
        if flags & 1 != 0 {
            let code = PeerError.Code(rawValue: try reader.string(atMost: PeerHello.maxNameBytes))
            refusal = PeerError(code, try reader.string(atMost: Self.maxMessageBytes))
        }
        hello = flags & 2 == 0 ? nil : try PeerHello(from: &reader)
        guard refusal != nil || hello != nil else { throw CodecError(.invalid, at: 0, "an answer that says nothing") }
    }
}

extension [UInt8] {
    fileprivate mutating func append(string: String) {
        append(littleEndian: UInt16(string.utf8.count))
        append(contentsOf: string.utf8)
    }
}

extension ByteReader {
    fileprivate mutating func string(atMost limit: Int) throws(CodecError) -> String {
        let at = offset
        let count = Int(try uint16())
        guard count <= limit else { throw CodecError(.invalid, at: at, "a text of \(count) bytes is too long") }
        return try bytes(count).string
    }
}
