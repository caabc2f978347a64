import Common

/// `GET /v1/entries/{index}`: one committed entry of the answering node's log. Equal chains mean equal logs up to there.
struct EntryAnswer: Codable, Hashable, Sendable {
    enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case segment, noop, membership, settings, purge, events, abort
    }

    var index: UInt64
    var term: UInt64
    var kind: Kind
    /// 32 hexadecimal digits.
    var chain: String
    var payloadChecksum: UInt32

    enum CodingKeys: String, CodingKey {
        case index, term, kind, chain
        case payloadChecksum = "payload_crc32c"
    }
}

extension EntryAnswer {
    init(_ header: EntryHeader) {
        index = header.index
        term = header.term
        kind = Kind(header.kind)
        chain = [header.chain.low, header.chain.high].map(Self.hexadecimal).joined()
        payloadChecksum = header.payloadChecksum
    }

    /// The bytes as they are stored: little-endian.
    private static func hexadecimal(_ half: UInt64) -> String {
        let digits = String(half.byteSwapped, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension EntryAnswer.Kind {
    init(_ kind: EntryKind) {
        switch kind {
        case .segment: self = .segment
        case .noop: self = .noop
        case .membership: self = .membership
        case .settings: self = .settings
        case .purge: self = .purge
        case .events: self = .events
        case .abort: self = .abort
        }
    }
}
