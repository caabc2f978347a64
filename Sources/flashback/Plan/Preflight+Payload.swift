import BinlogInput
import Common

extension Preflight {
    /// Bytes of a payload that are read at once.
    private static let pieceBytes = 1 << 20

    /// Judges what is in a compressed transaction, which is read once more from the input, piece by piece.
    mutating func takePayload(_ header: EventHeader, at offset: UInt64, _ input: PlannedInput) throws(ToolError) {
        let format = input.formats[input.formats.count - 1].description
        let checksum = format.checksum ?? .none
        var piece = ByteSink(capacity: Self.pieceBytes)
        try input.file.read(offset, min(Int(header.eventLength), EventReader.headBytes), into: &piece)
        var reader: TransactionPayloadReader
        var place = offset
        let end: UInt64
        do throws(CodecError) {
            let payload = try TransactionPayloadEvent(decoding: piece.bytes, checksum: checksum)
            place += UInt64(payload.payloadOffset)
            end = place + payload.payloadSize
            reader = try TransactionPayloadReader(payload)
        } catch { return try refuse(error, at: offset, input) }
        var isAtEnd = false
        while !isAtEnd {
            let count = Int(min(end - place, UInt64(Self.pieceBytes)))
            piece.removeAll()
            try input.file.read(place, count, into: &piece)
            place += UInt64(count)
            var bytes = ByteReader(piece.bytes)
            do throws(CodecError) {
                isAtEnd = try takeEvents(&reader, &bytes, at: offset, layout, input)
                guard isAtEnd || count > 0 else { throw CodecError(.truncated, at: 0, "the payload ends before its events do") }
            } catch { return try refuse(error, at: offset, input) }
        }
    }

    private mutating func refuse(_ error: CodecError, at offset: UInt64, _ input: PlannedInput) throws(ToolError) {
        guard error.code == .unsupported else { throw ToolError(.damaged, file: input.path, offset: offset, error.reason) }
        block(at: offset, input, error.reason)
    }

    /// Judges the events that begin in a piece of a payload; returns whether they were the last.
    private mutating func takeEvents(
        _ reader: inout TransactionPayloadReader, _ bytes: inout ByteReader, at offset: UInt64, _ layout: EventLayout,
        _ input: PlannedInput
    ) throws(CodecError) -> Bool {
        while true {
            switch try reader.next(&bytes) {
            case .needsInput: return false
            case .end: return true
            case .event(let inner):
                try take(
                    inner, reader.event, at: offset, layout, .none, endsStatement: inner.endsStatement(reader.event, layout, .none), input)
            }
        }
    }
}
