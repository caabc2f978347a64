/// The bytes of the replicated records: payloads of segment, membership, settings and purge entries.

extension Membership {
    private enum Tag { static let member: UInt16 = 1 }
    private enum MemberTag {
        static let name: UInt16 = 1, incarnation: UInt16 = 2, role: UInt16 = 3
        static let peerAddress: UInt16 = 4, mysqlAddress: UInt16 = 5, adminAddress: UInt16 = 6
    }

    public func encoded() -> [UInt8] {
        var writer = TaggedFieldWriter()
        for member in members {
            var inner = TaggedFieldWriter()
            inner.field(MemberTag.name, member.name)
            inner.field(MemberTag.incarnation, member.incarnation)
            inner.field(MemberTag.role, UInt64(member.role.rawValue))
            inner.field(MemberTag.peerAddress, member.peerAddress)
            inner.field(MemberTag.mysqlAddress, member.mysqlAddress)
            inner.field(MemberTag.adminAddress, member.adminAddress)
            writer.field(Tag.member, inner.bytes)
        }
        return writer.bytes
    }

    public init(decoding bytes: RawSpan) throws(CodecError) {
        self.init()
        var fields = TaggedFieldReader(bytes)
        while let value = try fields.next() {
            guard fields.tag == Tag.member else { throw fields.unknownField() }
            members.append(try Self.decodeMember(value))
        }
    }

    private static func decodeMember(_ bytes: RawSpan) throws(CodecError) -> Member {
        var member = Member(name: "", incarnation: 0, role: .learner, peerAddress: "", mysqlAddress: "", adminAddress: "")
        var fields = TaggedFieldReader(bytes)
        while let value = try fields.next() {
            switch fields.tag {
            case MemberTag.name: member.name = value.string
            case MemberTag.incarnation: member.incarnation = try fields.integer(value)
            case MemberTag.role:
                let number = try fields.integer(value)
                guard let role = UInt8(exactly: number).flatMap(Member.Role.init(rawValue:)) else {
                    throw CodecError(
                        .unsupported, at: fields.offset, "a member's role \(number) is unknown: it was written by a newer version")
                }
                member.role = role
            case MemberTag.peerAddress: member.peerAddress = value.string
            case MemberTag.mysqlAddress: member.mysqlAddress = value.string
            case MemberTag.adminAddress: member.adminAddress = value.string
            default: throw fields.unknownField()
            }
        }
        guard !member.name.isEmpty, member.incarnation != 0 else {
            throw CodecError(.invalid, at: 0, "a member lacks its name or incarnation")
        }
        return member
    }
}

extension ClusterSettings {
    private enum Tag {
        static let segmentSize: UInt16 = 1, retainBytes: UInt16 = 2, retainAge: UInt16 = 3, upstreamVersion: UInt16 = 4
        static let upstreamURL: UInt16 = 5, upstreamPassword: UInt16 = 6, upstreamStarted: UInt16 = 7, user: UInt16 = 8
        static let consumer: UInt16 = 9, keyCheck: UInt16 = 10
    }
    private enum UserTag { static let name: UInt16 = 1, verifier: UInt16 = 2 }
    private enum ConsumerTag { static let name: UInt16 = 1, holdBytes: UInt16 = 2, expandCompressed: UInt16 = 3 }

    public func encoded() -> [UInt8] {
        var writer = TaggedFieldWriter()
        writer.field(Tag.segmentSize, segmentSize)
        writer.field(Tag.retainBytes, retainBytes)
        writer.field(Tag.retainAge, retainAge)
        writer.field(Tag.upstreamVersion, upstream.version)
        for url in upstream.urls { writer.field(Tag.upstreamURL, url) }
        writer.field(Tag.upstreamPassword, upstream.sealedPassword)
        writer.field(Tag.upstreamStarted, upstream.isStarted)
        for user in users {
            var inner = TaggedFieldWriter()
            inner.field(UserTag.name, user.name)
            inner.field(UserTag.verifier, user.sealedVerifier)
            writer.field(Tag.user, inner.bytes)
        }
        for consumer in consumers {
            var inner = TaggedFieldWriter()
            inner.field(ConsumerTag.name, consumer.name)
            inner.field(ConsumerTag.holdBytes, consumer.holdBytes)
            inner.field(ConsumerTag.expandCompressed, consumer.expandCompressed)
            writer.field(Tag.consumer, inner.bytes)
        }
        writer.field(Tag.keyCheck, keyCheck)
        return writer.bytes
    }

    public init(decoding bytes: RawSpan) throws(CodecError) {
        self.init(segmentSize: 0)
        var fields = TaggedFieldReader(bytes)
        while let value = try fields.next() {
            switch fields.tag {
            case Tag.segmentSize: segmentSize = try fields.integer(value)
            case Tag.retainBytes: retainBytes = try fields.integer(value)
            case Tag.retainAge: retainAge = try fields.integer(value)
            case Tag.upstreamVersion: upstream.version = try fields.integer(value)
            case Tag.upstreamURL: upstream.urls.append(value.string)
            case Tag.upstreamPassword: upstream.sealedPassword = value.array
            case Tag.upstreamStarted: upstream.isStarted = try fields.integer(value) != 0
            case Tag.user: users.append(try Self.decodeUser(value))
            case Tag.consumer: consumers.append(try Self.decodeConsumer(value))
            case Tag.keyCheck: keyCheck = value.array
            default: throw fields.unknownField()
            }
        }
    }

    private static func decodeUser(_ bytes: RawSpan) throws(CodecError) -> User {
        var user = User(name: "", sealedVerifier: [])
        var fields = TaggedFieldReader(bytes)
        while let value = try fields.next() {
            switch fields.tag {
            case UserTag.name: user.name = value.string
            case UserTag.verifier: user.sealedVerifier = value.array
            default: throw fields.unknownField()
            }
        }
        return user
    }

    private static func decodeConsumer(_ bytes: RawSpan) throws(CodecError) -> Consumer {
        var consumer = Consumer(name: "", holdBytes: 0, expandCompressed: false)
        var fields = TaggedFieldReader(bytes)
        while let value = try fields.next() {
            switch fields.tag {
            case ConsumerTag.name: consumer.name = value.string
            case ConsumerTag.holdBytes: consumer.holdBytes = try fields.integer(value)
            case ConsumerTag.expandCompressed: consumer.expandCompressed = try fields.integer(value) != 0
            default: throw fields.unknownField()
            }
        }
        return consumer
    }
}

extension LogState {
    private enum Tag {
        static let clusterID: UInt16 = 1, index: UInt16 = 2, term: UInt16 = 3, chain: UInt16 = 4, serverID: UInt16 = 5
        static let serverUUID: UInt16 = 6, membership: UInt16 = 7, settings: UInt16 = 8, epoch: UInt16 = 9, file: UInt16 = 10
        static let position: UInt16 = 11, formatDescription: UInt16 = 12, executed: UInt16 = 13, lost: UInt16 = 14
        static let purgeFloor: UInt16 = 15, abortedRunIndex: UInt16 = 16, segmentFirstIndex: UInt16 = 17, segmentByteCount: UInt16 = 18
        static let termRun: UInt16 = 19
    }

    /// The payload of a segment entry. No run may be open: segments do not begin inside one.
    public func encoded() -> [UInt8] {
        precondition(openRun == nil)
        var writer = TaggedFieldWriter()
        writer.field(Tag.clusterID, clusterID.bytes)
        writer.field(Tag.index, index)
        writer.field(Tag.term, term)
        var chainBytes: [UInt8] = []
        chainBytes.append(littleEndian: chain.low)
        chainBytes.append(littleEndian: chain.high)
        writer.field(Tag.chain, chainBytes)
        writer.field(Tag.serverID, UInt64(serverID))
        writer.field(Tag.serverUUID, serverUUID.bytes)
        writer.field(Tag.membership, membership.encoded())
        writer.field(Tag.settings, settings.encoded())
        writer.field(Tag.epoch, epoch)
        writer.field(Tag.file, file)
        writer.field(Tag.position, position)
        writer.field(Tag.formatDescription, formatDescription)
        writer.field(Tag.executed, executed.encoded())
        writer.field(Tag.lost, lost.encoded())
        writer.field(Tag.purgeFloor, purgeFloor)
        writer.field(Tag.abortedRunIndex, abortedRunIndex)
        writer.field(Tag.segmentFirstIndex, segment.firstIndex)
        writer.field(Tag.segmentByteCount, segment.byteCount)
        for run in segment.termRuns {
            var runBytes: [UInt8] = []
            runBytes.append(littleEndian: run.firstIndex)
            runBytes.append(littleEndian: run.term)
            writer.field(Tag.termRun, runBytes)
        }
        return writer.bytes
    }

    public init(decoding bytes: RawSpan) throws(CodecError) {
        self.init(
            clusterID: SourceID.zero, serverID: 0, serverUUID: SourceID.zero, membership: Membership(),
            settings: ClusterSettings(segmentSize: 0))
        var fields = TaggedFieldReader(bytes)
        while let value = try fields.next() {
            switch fields.tag {
            case Tag.clusterID: clusterID = try SourceID(decoding: value)
            case Tag.index: index = try fields.integer(value)
            case Tag.term: term = try fields.integer(value)
            case Tag.chain:
                var reader = ByteReader(value)
                chain = Chain(low: try reader.uint64(), high: try reader.uint64())
            case Tag.serverID: serverID = UInt32(truncatingIfNeeded: try fields.integer(value))
            case Tag.serverUUID: serverUUID = try SourceID(decoding: value)
            case Tag.membership: membership = try Membership(decoding: value)
            case Tag.settings: settings = try ClusterSettings(decoding: value)
            case Tag.epoch: epoch = try fields.integer(value)
            case Tag.file: file = value.array
            case Tag.position: position = try fields.integer(value)
            case Tag.formatDescription: formatDescription = value.array
            case Tag.executed: executed = try GTIDSet(decoding: value)
            case Tag.lost: lost = try GTIDSet(decoding: value)
            case Tag.purgeFloor: purgeFloor = try fields.integer(value)
            case Tag.abortedRunIndex: abortedRunIndex = try fields.integer(value)
            case Tag.segmentFirstIndex: segment.firstIndex = try fields.integer(value)
            case Tag.segmentByteCount: segment.byteCount = try fields.integer(value)
            case Tag.termRun:
                var reader = ByteReader(value)
                segment.termRuns.append(TermRun(firstIndex: try reader.uint64(), term: try reader.uint64()))
            default: throw fields.unknownField()
            }
        }
        guard file.count <= EntryHeader.maxFileNameBytes else { throw CodecError(.invalid, at: 0, "the upstream's file name is too long") }
        // Observers do not run in an initialiser.
        if !formatDescription.isEmpty { checksum = try FormatDescriptionEvent(decoding: formatDescription.span.bytes).checksum ?? .none }
    }
}
