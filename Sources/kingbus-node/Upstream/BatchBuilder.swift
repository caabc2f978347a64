import Common
import Log

/// Gathers the upstream's events into batches: whole transactions where they fit, chunks of one where they do not.
///
/// The owner appends events in stream order and takes batches when it may propose: with nothing in flight everything that is complete,
/// otherwise only what has reached ``targetBytes``. That is the group commit: what arrives during a disk write shares the next one.
struct BatchBuilder {
    /// A batch of this many bytes is proposed although others are in flight.
    static let targetBytes = 1 << 20

    enum Role {
        /// Stands between transactions.
        case outside
        /// The first event of a transaction that has more.
        case begins
        case continues
        /// The last event of a transaction.
        case ends
    }

    private var file: [UInt8] = []
    private var position: UInt64 = 0
    private var bytes: [UInt8] = []
    /// Where in `bytes` the transaction begins that is still incomplete; nil between transactions.
    private var openAt: Int?
    /// Whether chunks of the open transaction have been taken already.
    private var isInRun = false
    private var ready: [Batch] = []
    private var readyHead = 0
    private(set) var readyBytes = 0

    /// Bytes that were appended and not taken yet.
    var byteCount: Int { readyBytes + bytes.count }
    var isInTransaction: Bool { openAt != nil || isInRun }

    /// Takes in one event, whose bytes stand at `position` of the upstream's `file`.
    mutating func append(_ event: RawSpan, role: Role, file: [UInt8], position: UInt64) {
        prepare(role: role, file: file, position: position)
        bytes.append(event)
        finish(role: role)
    }

    /// Takes in one event that is too large for memory, as an entry of its own. It never is a transaction's first event, which is a GTID.
    mutating func append(_ spool: Spool, role: Role, file: [UInt8], position: UInt64) {
        precondition(role == .continues || role == .ends)
        prepare(role: role, file: file, position: position)
        cutChunk(isLast: false)
        emit(Batch(chunk: role == .ends ? .end : .middle, file: file, position: position, payload: .spool(spool)))
        if role == .ends { isInRun = false }
        self.position = position + UInt64(spool.byteCount)
    }

    /// Makes the next events begin a segment with another format: a FORMAT_DESCRIPTION that stands outside any transaction.
    mutating func append(newFormat event: RawSpan, file: [UInt8], position: UInt64) {
        cutWhole(upTo: bytes.count)
        let copy = event.array
        emit(Batch(chunk: .whole, file: file, position: position, payload: .bytes(copy), newFormat: copy))
        self.file = file
        self.position = position + UInt64(copy.count)
    }

    /// Forgets the incomplete transaction whose chunks nobody has taken, and everything that was not taken.
    ///
    /// - Returns: whether chunks of it were taken, so that an abort must follow.
    mutating func reset() -> Bool {
        let wasInRun = isInRun
        self = BatchBuilder()
        return wasInRun
    }

    /// The next batch, or nil.
    ///
    /// - Parameter eager: also what has not reached the target size, as long as it is complete.
    mutating func next(eager: Bool) -> Batch? {
        if readyHead == ready.count {
            ready.removeAll(keepingCapacity: true)
            readyHead = 0
            if eager { cutWhole(upTo: openAt ?? (isInRun ? 0 : bytes.count)) }
        }
        guard readyHead < ready.count else { return nil }
        let batch = ready[readyHead]
        ready[readyHead].payload = .none
        readyHead += 1
        readyBytes -= batch.byteCount
        return batch
    }

    private mutating func prepare(role: Role, file: [UInt8], position: UInt64) {
        if file != self.file || position != self.position + UInt64(bytes.count) {
            precondition(!isInTransaction || role == .begins, "a transaction's events stand one behind the other")
            cutWhole(upTo: bytes.count)
            self.file = file
            self.position = position
        }
        if role == .begins { openAt = bytes.count }
    }

    private mutating func finish(role: Role) {
        if role == .ends {
            openAt = nil
            if isInRun {
                cutChunk(isLast: true)
                return
            }
        }
        guard bytes.count >= Self.targetBytes else { return }
        if isInRun {
            cutChunk(isLast: false)
        } else if let start = openAt {
            if start > 0 { cutWhole(upTo: start) }
            if bytes.count >= Self.targetBytes { cutChunk(isLast: false) }
        } else {
            cutWhole(upTo: bytes.count)
        }
    }

    /// Moves the first `count` bytes, which hold whole transactions, into a batch.
    private mutating func cutWhole(upTo count: Int) {
        guard count > 0 else { return }
        precondition(!isInRun)
        if count == bytes.count {
            emit(Batch(chunk: .whole, file: file, position: position, payload: .bytes(bytes)))
            bytes = []
        } else {
            emit(Batch(chunk: .whole, file: file, position: position, payload: .bytes(Array(bytes[..<count]))))
            bytes.removeSubrange(..<count)
        }
        position += UInt64(count)
        if let start = openAt { openAt = start - count }
    }

    /// Moves all bytes, which belong to one transaction, into a chunk.
    private mutating func cutChunk(isLast: Bool) {
        if !isInRun, let start = openAt, start > 0 { cutWhole(upTo: start) }
        guard !bytes.isEmpty else { return }
        let chunk: Chunk = isInRun ? (isLast ? .end : .middle) : .begin
        emit(Batch(chunk: chunk, file: file, position: position, payload: .bytes(bytes)))
        position += UInt64(bytes.count)
        bytes = []
        isInRun = !isLast
        openAt = nil
    }

    private mutating func emit(_ batch: Batch) {
        precondition(batch.byteCount > 0)
        ready.append(batch)
        readyBytes += batch.byteCount
    }
}
