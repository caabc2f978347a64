import Common
import Testing

@Suite struct BinlogCorpusTests {
    @Test("every event's checksum verifies, that of a file that was not closed too", arguments: BinlogFile.names)
    func checksums(name: String) throws {
        let file = try BinlogFile(name)
        for (offset, bytes) in file.events where file.checksum == .crc32 {
            do throws(CodecError) { try verifyChecksum(event: bytes.span.bytes) } catch {
                Issue.record("\(name) at \(offset): \(error)")
            }
        }
        let first = file.events[0].bytes
        if file.description.checksum != nil { try verifyChecksum(event: first.span.bytes) }
    }

    @Test("a flipped bit anywhere in an event breaks its checksum, but for the in-use flag")
    func flippedBits() throws {
        let file = try BinlogFile("kingbus-5.7.23-gtid.000013")
        for index in [0, 1, 3] {
            var bytes = file.events[index].bytes
            for bit in 0..<bytes.count * 8 {
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                let isInUseFlag = index == 0 && bit == 17 * 8
                let isTypeOfInUse = index == 0 && bit / 8 == 4
                if isInUseFlag {
                    #expect(throws: Never.self) { try verifyChecksum(event: bytes.span.bytes) }
                } else if !isTypeOfInUse {
                    #expect(throws: CodecError.self) { try verifyChecksum(event: bytes.span.bytes) }
                }
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
    }

    @Test("each event ends where its header says", arguments: BinlogFile.names.filter { !$0.contains("relay") })
    func positions(name: String) throws {
        for (offset, bytes) in try BinlogFile(name).events {
            let header = try EventHeader(decoding: bytes.span.bytes)
            #expect(Int(header.endPosition) == offset + bytes.count)
        }
    }

    @Test(
        "the FORMAT_DESCRIPTION tells version and checksums",
        arguments: [
            ("connector-5.7.21-crc32.000001", "5.7.21-log", ChecksumAlgorithm.crc32, 38),
            ("connector-nochecksum.000001", "5.7.20-log", ChecksumAlgorithm.none, 38),
            ("kingbus-5.7.23-gtid.000011", "5.7.23-log", ChecksumAlgorithm.crc32, 38),
            ("sakila-5.5.27-head.000001", "5.5.27-log", nil, 27),
            ("mysql-9.7.4-shapes.000001", "9.7.4-2", ChecksumAlgorithm.crc32, 42),
            ("mariadb-10.11.19-shapes.000001", "10.11.19-MariaDB-0+deb12u1-log", ChecksumAlgorithm.crc32, 171),
            ("mariadb-10.11.19-nochecksum.000004", "10.11.19-MariaDB-0+deb12u1-log", ChecksumAlgorithm.none, 171),
        ])
    func formatDescriptions(name: String, version: String, checksum: ChecksumAlgorithm?, typeCount: Int) throws {
        let description = try BinlogFile(name).description
        #expect(description.serverVersion == version)
        #expect(description.checksum == checksum)
        #expect(description.postHeaderLengths.count == typeCount)
        #expect(description.postHeaderLength(of: .query) == 13)
        #expect(description.postHeaderLength(of: .rotate) == 8)
        #expect(description.postHeaderLength(of: .gtidTagged) == (typeCount >= 42 ? 0 : nil))
    }

    @Test("every group ends before the next begins, and every file ends outside one", arguments: BinlogFile.names)
    func boundaries(name: String) throws {
        let file = try BinlogFile(name)
        var boundary = TransactionBoundary()
        var (begun, ended, whole, groups) = (0, 0, 0, 0)
        for (offset, bytes) in file.events {
            let header = try EventHeader(decoding: bytes.span.bytes)
            if header.type.opensGroup || header.type == .mariaDBGTID { groups += 1 }
            switch try boundary.consume(header, head: bytes.span.bytes, checksum: file.checksum) {
            case .begins: begun += 1
            case .ends: ended += 1
            case .whole: whole += 1
            case .continues, .outside: break
            case .aborts: Issue.record("\(name) at \(offset): a transaction breaks off")
            }
            #expect(begun - ended == (boundary.isOpen ? 1 : 0))
        }
        #expect(!boundary.isOpen)
        #expect(begun > 0)
        // Without groups each DDL statement stands alone; with them nothing does.
        #expect(file.description.checksum == nil ? whole == 34 && begun == 1 : begun == groups && whole == 0)
    }

    @Test("every event that has a decoder is read, and its GTIDs count up by one", arguments: BinlogFile.names)
    func decoders(name: String) throws {
        let file = try BinlogFile(name)
        var last: GTID?
        for (_, bytes) in file.events {
            let (span, checksum) = (bytes.span.bytes, file.checksum)
            switch try EventHeader(decoding: span).type {
            case .query:
                let event = try QueryEvent(decoding: span, checksum: checksum)
                let isComplete = event.isComplete
                #expect(isComplete)
                let text = event.query.string
                #expect(!text.isEmpty && text.utf8.allSatisfy { $0 >= 9 && $0 < 127 })
            case .gtid:
                let gtid = try #require(try GTIDEvent(decoding: span, checksum: checksum).gtid)
                if let last, last.source == gtid.source { #expect(gtid.number == last.number + 1) }
                last = gtid
            case .gtidTagged:
                let gtid = try #require(try GTIDEvent(decoding: span, checksum: checksum).gtid)
                #expect(gtid.source == last?.source)
                #expect(["blue", "a_very_long_tag_of_32_characters"].contains(gtid.tag.description))
            case .xaPrepare:
                let event = try XAPrepareEvent(decoding: span, checksum: checksum)
                let (isOnePhase, globalID) = (event.isOnePhase, event.globalID.string)
                #expect(globalID.hasPrefix("k") && isOnePhase == (globalID == "k3"))
            case .anonymousGTID:
                let event = try GTIDEvent(decoding: span, checksum: checksum)
                #expect(event.gtid == nil && event.sequenceNumber != nil && event.immediateCommitTimestamp == nil)
            case .rotate:
                let event = try RotateEvent(decoding: span, checksum: checksum)
                let (position, fileName) = (event.position, event.fileName.string)
                #expect(position >= 4 && fileName.contains(".0"))
            case .xid: #expect(try XIDEvent(decoding: span, checksum: checksum).xid > 0)
            case .previousGTIDs:
                let set = try PreviousGTIDsEvent(decoding: span, checksum: checksum).gtidSet()
                #expect(set.isEmpty || name.contains("kingbus") || name.hasSuffix("000002"))
            default: break
            }
        }
    }

    @Test("a group is as long as its GTID event says", arguments: ["mysql-9.7.4-shapes.000001", "mysql-9.7.4-shapes.000002"])
    func transactionLengths(name: String) throws {
        let file = try BinlogFile(name)
        var boundary = TransactionBoundary()
        var (expected, length, groups) = (0, 0, 0)
        for (_, bytes) in file.events {
            let header = try EventHeader(decoding: bytes.span.bytes)
            let action = try boundary.consume(header, head: bytes.span.bytes, checksum: file.checksum)
            if action == .outside { continue }
            if action == .begins {
                let event = try GTIDEvent(decoding: bytes.span.bytes, checksum: file.checksum)
                expected = Int(try #require(event.transactionLength))
                length = 0
                #expect(event.originalServerVersion == 90_704 && event.immediateServerVersion == 90_704)
                let age = try #require(event.immediateCommitTimestamp) / 1_000_000 - UInt64(header.timestamp)
                #expect(age <= 1)
            }
            length += bytes.count
            if action == .ends {
                #expect(length == expected)
                groups += 1
            }
        }
        #expect(groups == (name.hasSuffix("1") ? 38 : 2))
    }

    @Test("the GTIDs of a file and those before it are what the next file says came before")
    func previousSets() throws {
        var set = GTIDSet()
        for (_, bytes) in try BinlogFile("mysql-9.7.4-shapes.000001").events
        where try EventHeader(decoding: bytes.span.bytes).type.opensGroup {
            set.insert(try #require(try GTIDEvent(decoding: bytes.span.bytes, checksum: .crc32).gtid))
        }
        let next = try BinlogFile("mysql-9.7.4-shapes.000002").events[1].bytes
        #expect(try PreviousGTIDsEvent(decoding: next.span.bytes, checksum: .crc32).gtidSet() == set)
    }
}
