import Common

/// Reads the events of a binlog file one after the other, whatever their size, with as little memory as their beginnings need.
///
///     var reader = try EventReader(ByteInput(path: path))
///     while let header = try reader.next() {
///         print(header.type, reader.head.byteCount)
///         try reader.finish(verifying: true)
///     }
package struct EventReader: ~Copyable {
    /// The longest part of an event that ``head`` shows unless ``loadWhole()`` is asked.
    package static let headBytes = TransactionBoundary.headByteCount

    private var input: ByteInput
    /// How events end, as the last FORMAT_DESCRIPTION says.
    package private(set) var checksum = ChecksumAlgorithm.none
    /// The event that the reader stands at, between ``next()`` and ``finish(verifying:)``.
    package private(set) var header: EventHeader?
    /// Bytes of the current event that are buffered and shown.
    private var headCount = 0
    private let isDigesting: Bool
    /// CRC-32C of all bytes finished since ``restartDigest()``, if they were verified and a digest is wanted.
    package private(set) var digest: UInt32 = 0

    /// Bytes of the file that the input leaves out before the current event.
    private var leftOut: UInt64 = 0

    package var path: String { input.path }
    /// Where the current event begins, or the next one after ``finish(verifying:)``.
    package var offset: UInt64 { input.offset + leftOut }
    /// Whether the next event is not there yet.
    package var isIdle: Bool { input.isIdle(wanting: EventHeader.byteCount) }

    /// Reads the magic number.
    ///
    /// - Parameter isDigesting: whether ``digest`` is wanted.
    package init(_ input: consuming ByteInput, isDigesting: Bool = true) throws(ToolError) {
        self.input = input
        self.isDigesting = isDigesting
        let count = try self.input.fill(atLeast: BinlogMagic.byteCount)
        let magic = self.input.bytes(min(count, BinlogMagic.byteCount)).array
        do { try BinlogMagic.check(magic.span.bytes) } catch {
            guard error.code == .unsupported else { throw ToolError(.damaged, file: path, offset: 0, error.reason) }
            throw ToolError(
                .failure, file: path, error.reason, hint: "pull it in clear with mysqlbinlog --read-from-remote-server --raw")
        }
        _ = try self.input.skip(UInt64(BinlogMagic.byteCount))
        takeDigest(of: magic.span.bytes)
    }

    /// The current event's beginning, or all of it where it is short.
    package var head: RawSpan {
        @_lifetime(borrow self) get { _overrideLifetime(input.bytes(headCount), borrowing: self) }
    }

    /// Whether ``head`` is the whole event.
    package var isWhole: Bool { UInt32(headCount) == header?.eventLength }

    /// Moves to the next event, or returns nil at the end of the input.
    package mutating func next() throws(ToolError) -> EventHeader? {
        precondition(header == nil, "the event before has not been finished")
        let count = try input.fill(atLeast: EventHeader.byteCount)
        if count == 0 { return nil }
        let header: EventHeader
        do { header = try EventHeader(decoding: input.bytes(min(count, EventHeader.byteCount))) } catch { throw damage(error.reason) }
        self.header = header
        if input.hasGaps, header.endPosition != 0 { leftOut += header.start(notBefore: offset) - offset }
        headCount = min(Int(header.eventLength), Self.headBytes)
        try fillHead()
        return header
    }

    /// Lets ``head`` show the whole event.
    ///
    /// - Throws: where it is larger than ``ByteInput/maxPieceBytes``.
    package mutating func loadWhole() throws(ToolError) {
        guard let header, !isWhole else { return }
        guard Int(header.eventLength) <= ByteInput.maxPieceBytes else {
            throw ToolError(
                .failure, file: path, offset: offset, "an event of type \(header.type) has \(header.eventLength) bytes, more than are shown"
            )
        }
        headCount = Int(header.eventLength)
        try fillHead()
    }

    private mutating func fillHead() throws(ToolError) {
        guard try input.fill(atLeast: headCount) >= headCount else { throw endsInside() }
    }

    /// Takes over how events end from the FORMAT_DESCRIPTION that the reader stands at.
    package mutating func adopt(_ description: FormatDescriptionEvent) { checksum = description.checksum ?? .none }

    /// Forgets what was read of a file behind the last finished event, since it may have been written anew.
    package mutating func forgetReadAhead() {
        precondition(header == nil, "the event before has not been finished")
        input.forgetReadAhead()
    }

    /// Begins ``digest`` anew.
    package mutating func restartDigest() { digest = 0 }

    /// Moves behind the current event.
    ///
    /// - Parameter verifying: whether to read all of it, check its checksum and go on with ``digest``.
    package mutating func finish(verifying: Bool) throws(ToolError) {
        guard let header else { preconditionFailure("there is no event to finish") }
        if verifying { try verify(header) } else { try pass(UInt64(header.eventLength)) }
        self.header = nil
    }

    /// Moves behind the current event, which is appended to `bytes`.
    package mutating func finish(verifying: Bool, into bytes: inout ByteSink) throws(ToolError) {
        guard let header else { preconditionFailure("there is no event to finish") }
        let offset = self.offset
        let start = bytes.count
        guard try input.move(Int(header.eventLength), into: &bytes) == Int(header.eventLength) else { throw endsInside(offset) }
        if verifying { try verify(header, bytes.bytes.extracting(start..<bytes.count), at: offset) }
        self.header = nil
    }

    private mutating func verify(_ header: EventHeader, _ event: RawSpan, at offset: UInt64) throws(ToolError) {
        do throws(CodecError) {
            let hasChecksum =
                header.type == .formatDescription ? try FormatDescriptionEvent(decoding: event).checksum != nil : checksum == .crc32
            if hasChecksum { try verifyChecksum(event: event) }
        } catch {
            throw damage(
                error.code == .checksumMismatch ? "\(error.reason): a \(header.type) event is not what was written" : error.reason,
                at: offset)
        }
        takeDigest(of: event)
    }

    private mutating func takeDigest(of bytes: RawSpan) {
        if isDigesting { digest = CRC32C.checksum(of: bytes, continuing: digest) }
    }

    private mutating func pass(_ count: UInt64) throws(ToolError) {
        let start = offset
        guard try input.skip(count) == count else { throw endsInside(start) }
    }

    private mutating func verify(_ header: EventHeader) throws(ToolError) {
        let start = offset
        if header.type == .formatDescription {
            // Its checksum leaves the in-use flag out, and it has one wherever its own text knows checksums.
            try loadWhole()
            do {
                if try FormatDescriptionEvent(decoding: head).checksum != nil { try verifyChecksum(event: head) }
            } catch { throw damage(error.reason) }
            if isDigesting { digest = CRC32C.checksum(of: head, continuing: digest) }
            return try pass(UInt64(header.eventLength))
        }
        let trailer = checksum.byteCount
        guard Int(header.eventLength) >= EventHeader.byteCount + trailer else { throw damage("the event has no room for its checksum") }
        var left = Int(header.eventLength) - trailer
        var crc: UInt32 = 0
        while left > 0 {
            let count = min(left, try input.fill(atLeast: 1))
            guard count > 0 else { throw endsInside(start) }
            if trailer > 0 { crc = CRC32.checksum(of: input.bytes(count), continuing: crc) }
            if isDigesting { digest = CRC32C.checksum(of: input.bytes(count), continuing: digest) }
            try pass(UInt64(count))
            left -= count
        }
        guard trailer > 0 else { return }
        guard try input.fill(atLeast: trailer) >= trailer else { throw endsInside(start) }
        let stored = UInt32(littleEndian: input.bytes(trailer).unsafeLoadUnaligned(as: UInt32.self))
        guard stored == crc else {
            throw damage(
                "the event's CRC32 is \(String(stored, radix: 16)), its bytes have \(String(crc, radix: 16)): a \(header.type) event is not "
                    + "what was written", at: start)
        }
        if isDigesting { digest = CRC32C.checksum(of: input.bytes(trailer), continuing: digest) }
        try pass(UInt64(trailer))
    }

    /// The error for bytes at `offset`, or where the current event begins, that are not what they should be.
    package func damage(_ reason: String, at offset: UInt64? = nil) -> ToolError {
        ToolError(.damaged, file: path, offset: offset ?? self.offset, reason)
    }

    private func endsInside(_ start: UInt64? = nil) -> ToolError {
        let length = header.map { "an event of \($0.eventLength) bytes (\($0.type))" } ?? "an event header"
        return damage("the file ends inside \(length)", at: start)
    }
}
