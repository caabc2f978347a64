import Common

/// Runs every decoder of events on the same bytes. Whatever they answer is right, as long as they answer.
struct EveryDecoder: ~Copyable {
    private var boundary = TransactionBoundary()
    private var compressed = CompressedEventReader()
    /// Keeps what is read from being optimised away.
    private(set) var sum = 0
    /// Bytes of the longest event that came out of compressed ones.
    private(set) var longest = 0

    mutating func run(_ bytes: [UInt8]) {
        let span = bytes.span.bytes
        for checksum in [ChecksumAlgorithm.none, .crc32] {
            decodePlain(span, checksum)
            decodeTexts(span, checksum)
            decodeLoads(span, checksum)
            decodeMariaDB(span, checksum)
            decodePayload(span, checksum)
            decodeCompressed(span, checksum)
            if let header = try? EventHeader(decoding: span) {
                if case .aborts? = try? boundary.consume(header, head: span, checksum: checksum) { boundary.reset() }
            }
        }
        _ = try? FormatDescriptionEvent(decoding: span)
        _ = try? verifyChecksum(event: span)
        try? BinlogMagic.check(span)
        var rewritten: [UInt8] = []
        try? FormatDescriptionEvent.encode(rewriting: span, created: 0, endPosition: 0, into: &rewritten)
    }

    private mutating func decodePlain(_ span: RawSpan, _ checksum: ChecksumAlgorithm) {
        _ = try? GTIDEvent(decoding: span, checksum: checksum)
        _ = try? XIDEvent(decoding: span, checksum: checksum)
        _ = try? IntvarEvent(decoding: span, checksum: checksum)
        _ = try? RandEvent(decoding: span, checksum: checksum)
        _ = try? LoadFileEvent(decoding: span, checksum: checksum)
        _ = try? LargeTransactionHeaderEvent(decoding: span, checksum: checksum)
        do throws(CodecError) { _ = try RotateEvent(decoding: span, checksum: checksum) } catch {}
        do throws(CodecError) { _ = try HeartbeatEvent(decoding: span, checksum: checksum) } catch {}
        do throws(CodecError) { _ = try PreviousGTIDsEvent(decoding: span, checksum: checksum).gtidSet() } catch {}
        do throws(CodecError) { _ = try IgnorableEvent(decoding: span, checksum: checksum) } catch {}
        do throws(CodecError) { _ = try XAPrepareEvent(decoding: span, checksum: checksum) } catch {}
        do throws(CodecError) { sum &+= try IncidentEvent(decoding: span, checksum: checksum).message.byteCount } catch {}
        do throws(CodecError) { sum &+= try ViewChangeEvent(decoding: span, checksum: checksum).viewID.byteCount } catch {}
        do throws(CodecError) {
            let event = try TransactionContextEvent(decoding: span, checksum: checksum)
            var count = 0
            event.forEachWrite { count &+= $0.byteCount }
            sum &+= count
        } catch {}
    }

    private mutating func decodeTexts(_ span: RawSpan, _ checksum: ChecksumAlgorithm) {
        do throws(CodecError) {
            let event = try QueryEvent(decoding: span, checksum: checksum)
            let state = try QueryStatusVariables(decoding: event.statusVariables)
            var count = state.timeZone?.byteCount ?? 0
            state.forEachUpdatedDatabase { count &+= $0.byteCount }
            sum &+= count
        } catch {}
        do throws(CodecError) { sum &+= try RowsQueryEvent(decoding: span, checksum: checksum).text.byteCount } catch {}
        do throws(CodecError) {
            let event = try UserVariableEvent(decoding: span, checksum: checksum)
            guard case .decimal(let number) = event.value else { return }
            var text: [UInt8] = []
            try number.appendText(to: &text)
            sum &+= text.count
        } catch {}
    }

    private mutating func decodeLoads(_ span: RawSpan, _ checksum: ChecksumAlgorithm) {
        do throws(CodecError) {
            let event = try LoadEvent(decoding: span, checksum: checksum)
            var count = event.block.byteCount
            event.forEachColumn { count &+= $0.byteCount }
            sum &+= count
        } catch {}
        do throws(CodecError) { sum &+= try LoadBlockEvent(decoding: span, checksum: checksum).block.byteCount } catch {}
        do throws(CodecError) { sum &+= try ExecuteLoadQueryEvent(decoding: span, checksum: checksum).fileNameRange.count } catch {}
    }

    private mutating func decodeMariaDB(_ span: RawSpan, _ checksum: ChecksumAlgorithm) {
        do throws(CodecError) { sum &+= try AnnotateRowsEvent(decoding: span, checksum: checksum).text.byteCount } catch {}
        do throws(CodecError) { sum &+= try BinlogCheckpointEvent(decoding: span, checksum: checksum).fileName.byteCount } catch {}
        do throws(CodecError) { sum &+= try PartialRowDataEvent(decoding: span, checksum: checksum).piece.byteCount } catch {}
        do throws(CodecError) { try StartEncryptionEvent(decoding: span, checksum: checksum).checkReadable() } catch {}
        do throws(CodecError) { sum &+= try GTIDListEvent(decoding: span, checksum: checksum).position.gtids.count } catch {}
        do throws(CodecError) {
            let event = try MariaDBGTIDEvent(decoding: span, checksum: checksum)
            var xid: [UInt8] = []
            event.appendXID(to: &xid)
            sum &+= xid.count
        } catch {}
    }

    private mutating func decodePayload(_ span: RawSpan, _ checksum: ChecksumAlgorithm) {
        do throws(CodecError) {
            let event = try TransactionPayloadEvent(decoding: span, checksum: checksum)
            var reader = try TransactionPayloadReader(event)
            var input = ByteReader(event.payload)
            while case .event = try reader.next(&input) { longest = max(longest, reader.event.byteCount) }
        } catch {}
    }

    private mutating func decodeCompressed(_ span: RawSpan, _ checksum: ChecksumAlgorithm) {
        do throws(CodecError) {
            try compressed.decompress(span, checksum: checksum)
            longest = max(longest, compressed.event.byteCount)
        } catch {}
    }
}
