import Common
import NIOCore

/// What travels between nodes, and how it is framed.
///
/// A connection begins, after TLS, with ``PeerPreface`` from each side. All else is frames:
///
/// | bytes | field |
/// |---|---|
/// | 1 | kind |
/// | 1 | flags: bit 0: the next frame of this kind continues this one; bit 1: of a response, that there is none |
/// | 4 | length of the body, little-endian, at most ``PeerFrame/maxBodyBytes`` |
/// | | body |
/// | 4 | CRC-32C of all before |
///
/// | kind | sent by | body |
/// |---|---|---|
/// | 1 hello | dialer, first | ``PeerHello`` |
/// | 2 answer | listener, first, and to a founding | ``PeerAnswer`` |
/// | 3 message | dialer | a message of the core without entries |
/// | 4 append | dialer | from, to, term, previous index and term, commit index (8 each), count of entries (4), which follow |
/// | 5 entry | dialer | an entry's header as ``EntryHeader/encode(into:)`` gives it; its payload follows |
/// | 6 data | dialer | the next bytes of the payload; all but the last of an entry have ``PeerFrame/maxDataBytes`` |
/// | 7 request | dialer | id (8), bytes |
/// | 8 response | listener | id (8), bytes |
/// | 9 report | dialer | bytes |
/// | 10 found | dialer | the header of entry 1; its payload follows |
///
/// Frames of kinds 3, 7 and 9 go between any two frames of an append, so that a heartbeat never waits for an event.
enum PeerFrame {
    enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case hello = 1
        case answer = 2
        case message = 3
        case append = 4
        case entry = 5
        case data = 6
        case request = 7
        case response = 8
        case report = 9
        case found = 10

        /// Whether one thing may be cut into several frames of this kind.
        var isDivisible: Bool { self == .request || self == .response || self == .report }
    }

    struct Flags: OptionSet, Hashable, Sendable {
        var rawValue: UInt8

        static let continues = Flags(rawValue: 1)
        static let failed = Flags(rawValue: 2)
    }

    /// Kind, flags and length.
    static let headerByteCount = 6
    /// The checksum behind the body.
    static let trailerByteCount = 4
    /// The most of a payload that one frame carries.
    static let maxDataBytes = 256 << 10
    /// The longest body: data, or a piece of a request with its id.
    static let maxBodyBytes = maxDataBytes + 64
    /// The longest body before the other side is known: a hello, or an answer with one.
    static let maxGreetingBytes = 16 << 10
    /// The longest request, response or report.
    static let maxRequestBytes = 1 << 20
    /// The most entries of one append, as `Options.maxAppendEntries`.
    static let maxAppendEntries = 1024
    /// The most bytes of payload that the entries of an append have together, if they are several; what is more is given in parts.
    static let maxAppendBytes: UInt64 = 64 << 20
    /// A larger payload goes into a spool as it comes, where nothing of it bears on the log's state.
    static let maxPayloadBytesInMemory: UInt64 = 32 << 20
    /// The largest payload that bears on the log's state: whole transactions, or the beginning of one, and all that is no event.
    static let maxFoldedBytes: UInt64 = 64 << 20
    /// The largest payload of the entry that founds a cluster.
    static let maxFoundingBytes: UInt64 = 16 << 20

    /// Bytes on the wire of a frame with such a body.
    static func byteCount(ofBody count: Int) -> Int { headerByteCount + count + trailerByteCount }
}

/// What both sides send first.
enum PeerPreface {
    /// No text of a protocol that people use begins so, and nothing that a terminal or an FTP transfer changes stays the same.
    static let magic: [UInt8] = [0x8b, 0x4b, 0x42, 0x50, 0x45, 0x45, 0x52, 0x0a]
    /// Magic, version (2), and two bytes that are 0.
    static let byteCount = 12

    static func encoded(version: UInt16 = PeerHello.currentVersion) -> [UInt8] {
        var bytes = magic
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: UInt16(0))
        return bytes
    }

    /// - Returns: the version that the other side speaks.
    static func decode(_ bytes: RawSpan) throws(CodecError) -> UInt16 {
        var reader = ByteReader(bytes)
        guard try reader.bytes(magic.count).isEqual(to: magic.span.bytes) else {
            throw CodecError(.invalid, at: 0, "no node of Kingbus speaks so: the magic bytes are missing")
        }
        return try reader.uint16()
    }
}
