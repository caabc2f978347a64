import Common
import Foundation

/// A binlog file of the corpus, cut into events.
struct BinlogFile {
    var description: FormatDescriptionEvent
    /// Where each event begins, and its bytes.
    var events: [(offset: Int, bytes: [UInt8])] = []

    var checksum: ChecksumAlgorithm { description.checksum ?? .none }

    static let names = [
        "connector-5.7.21-crc32.000001", "connector-nochecksum.000001", "kingbus-5.7.23-gtid.000011", "kingbus-5.7.23-gtid.000012",
        "kingbus-5.7.23-gtid.000013", "kingbus-5.7.23-relay.000284", "kingbus-5.7.23-relay.000286", "sakila-5.5.27-head.000001",
        "mysql-9.7.4-shapes.000001", "mysql-9.7.4-shapes.000002", "mysql-9.7.4-statements.000001", "mariadb-10.11.19-shapes.000001",
        "mariadb-10.11.19-compressed.000002", "mariadb-10.11.19-nochecksum.000004", "mariadb-10.11.19-decrypted.000001",
    ]

    /// The bytes of a file of the corpus.
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Corpus")
        return [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    init(_ name: String) throws {
        let bytes = try Self.bytes(name)
        var offset = 4
        while offset < bytes.count {
            let header = try EventHeader(decoding: bytes.span.bytes.extracting(offset..<bytes.count))
            let end = offset + Int(header.eventLength)
            guard end <= bytes.count else { throw CodecError(.truncated, at: offset, "an event goes past the end of \(name)") }
            events.append((offset, Array(bytes[offset..<end])))
            offset = end
        }
        let first = events[0].bytes
        description = try FormatDescriptionEvent(decoding: first.span.bytes)
    }
}
