import Common
import NIOCore

/// A dump that reads like the server's files: their bytes from the magic number on, one file after the other.
///
///     let stream = try DumpStream(DumpRequest(.file("", position: 4), follows: false), on: connection)
///     while let file = try stream.nextFile() {
///         while case let count = try stream.read(into: buffer), count > 0 { … }
///     }
///
/// Heartbeats and the ROTATE events that a server makes up for the connection are left out. Where a dump begins inside a file, or leaves
/// transactions out, the events say by themselves where they stand. What is not read waits at the server: memory is bounded, however
/// large an event is.
public final class DumpStream {
    /// For how long the server lets a dump wait whose reader does not read.
    private static let writeTimeoutSeconds = 86_400

    private enum Pending {
        case none
        case magic(from: Int)
        case chunk(Range<Int>)
        case held(from: Int)
    }

    private let connection: MySQLConnection
    private let request: DumpRequest
    private var decoder = DumpDecoder()
    private var chunk: ByteBuffer
    private var scanned = 0
    /// What ends the dump behind the bytes that were handed over last.
    private var failure: ClientError?
    private var pending = Pending.none
    private var next: BinlogPosition?
    private var isInFile = false
    private var hasEnded = false
    /// How far the dump has been read.
    private(set) var progress: DumpProgress
    /// In a dump that goes on behind what another one gave: where it is, until it is there.
    private var approach: Approach?
    /// Bytes of the current event that were read in another dump.
    private var skipped = 0

    private struct Approach {
        var isInFile = false
        var offset: UInt64 = 0
        var length: UInt64 = 0
    }

    /// Asks for the dump. The connection is the stream's from now on.
    ///
    /// - Parameter earlier: an earlier dump of the same server, which this one goes on behind: what it gave is left out.
    /// - Throws: ``ClientError`` where the server refuses what leads to a dump; a refusal of the dump itself comes with the first read.
    public convenience init(_ request: DumpRequest, on connection: MySQLConnection) throws(ClientError) {
        try self.init(request, on: connection, after: nil)
    }

    init(_ request: DumpRequest, on connection: MySQLConnection, after earlier: DumpStream?) throws(ClientError) {
        self.connection = connection
        self.request = request
        if let earlier, earlier.progress.file != nil {
            progress = earlier.progress
            approach = Approach()
            isInFile = earlier.isInFile
            file = earlier.file
        } else if case .gtids(let set) = request.start {
            progress = DumpProgress(base: set)
        } else {
            progress = DumpProgress(base: nil)
        }
        let command: ClientCommand
        do { command = try request.command } catch { throw ClientError(.unsupported, at: connection.endpoint, error.reason) }
        try Self.prepare(request, on: connection)
        connection.send(command)
        chunk = ByteBuffer(bytes: connection.takeUnread())
    }

    private static func prepare(_ request: DumpRequest, on connection: MySQLConnection) throws(ClientError) {
        let heartbeat = request.heartbeatMilliseconds * 1_000_000
        try connection.query("SET @master_heartbeat_period = \(heartbeat), @source_heartbeat_period = \(heartbeat)")
        // Servers of before 5.6 have neither variable nor checksums.
        try allowing(.unknownSystemVariable) { () throws(ClientError) in
            try connection.query(
                "SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum")
        }
        try allowing(.unknownSystemVariable) { () throws(ClientError) in
            try connection.query("SET SESSION net_write_timeout = \(writeTimeoutSeconds)")
        }
        guard connection.isMariaDB else { return }
        try connection.query("SET @mariadb_slave_capability = 4")
        guard case .mariaDB(let position) = request.start else { return }
        try connection.query("SET @slave_connect_state = '\(position)'")
        try connection.query("SET @slave_gtid_strict_mode = 0")
        try connection.query("SET @slave_gtid_ignore_duplicates = 0")
    }

    private static func allowing(_ code: ErrorCode, _ body: () throws(ClientError) -> Void) throws(ClientError) {
        do { try body() } catch { if error.code != .server(code) { throw error } }
    }

    /// Whether a read would have to wait for the server.
    public var isIdle: Bool {
        if case .none = pending {
            return failure == nil && next == nil && !hasEnded && scanned == chunk.readableBytes && connection.channel.isIdle
        }
        return false
    }

    /// Ends the waiting of this stream's thread, from another one.
    public var interrupter: MySQLConnection.Interrupter { connection.interrupter }

    /// Passes over what is left of the current file and moves to the next one; returns where in it the events begin, or nil at the end of
    /// a dump that does not follow.
    public func nextFile() throws(ClientError) -> BinlogPosition? {
        pending = .none
        while next == nil {
            if hasEnded { return nil }
            if try advance() { pending = .none } else { try receive() }
        }
        defer { next = nil }
        isInFile = true
        pending = .magic(from: 0)
        return next
    }

    /// Reads bytes of the current file, as many as are there and fit, and waits only for the first.
    ///
    /// - Returns: 0 at the end of the file.
    public func read(into target: UnsafeMutableRawBufferPointer) throws(ClientError) -> Int {
        var count = 0
        while count < target.count, isInFile {
            let copied = copyPending(into: UnsafeMutableRawBufferPointer(rebasing: target[count...]))
            count += copied
            if copied > 0 { continue }
            if next != nil || hasEnded {
                // What was read comes first.
                if count == 0 { isInFile = false }
                break
            }
            let isAdvanced: Bool
            do { isAdvanced = try advance() } catch {
                // What was read before it has been counted as handed over.
                guard count > 0 else { throw error }
                failure = error
                break
            }
            if !isAdvanced {
                if count > 0 { break }
                try receive()
            }
        }
        return count
    }

    private func copyPending(into target: UnsafeMutableRawBufferPointer) -> Int {
        switch pending {
        case .none: return 0
        case .magic(let start):
            let count = BinlogMagic.plain[start...].withUnsafeBytes { Self.copy($0, target) }
            pending = start + count < BinlogMagic.byteCount ? .magic(from: start + count) : .none
            return count
        case .held(let start):
            let count = decoder.held[start...].withUnsafeBytes { Self.copy($0, target) }
            advancePending(by: count)
            return count
        case .chunk(let range):
            let count = chunk.withUnsafeReadableBytes { Self.copy(UnsafeRawBufferPointer(rebasing: $0[range]), target) }
            advancePending(by: count)
            return count
        }
    }

    private static func copy(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(source.count, target.count)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
        return count
    }

    /// Takes the next thing from what was received; returns false where that is used up.
    private func advance() throws(ClientError) -> Bool {
        if let failure {
            self.failure = nil
            throw failure
        }
        let step = chunk.withUnsafeReadableBytes { bytes in
            Result { () throws(DumpDecoder.Failure) in try decoder.next(in: RawSpan(_unsafeBytes: bytes), from: &scanned) }
        }
        switch step {
        case .failure(let failure): throw clientError(failure)
        case .success(.file(let position)): try enter(position)
        case .success(.event(let header, let range)):
            if let range {
                pending = .chunk(range)
            } else {
                pending = .held(from: 0)
            }
            try begin(header)
        case .success(.bytes(let range)):
            pending = .chunk(range)
            try pass()
        case .success(.end):
            guard !request.follows else { throw ClientError(.closed, at: connection.endpoint, "the server ended the dump") }
            hasEnded = true
        case .success(nil): return false
        }
        return true
    }

    private var file: String?

    private func enter(_ position: BinlogPosition) throws(ClientError) {
        if position.file == file {
            if approach != nil { approach = Approach(isInFile: true, offset: position.offset) }
            return
        }
        if approach != nil {
            approach = nil
            guard !progress.isInTransaction else {
                throw ClientError(
                    .malformed, at: connection.endpoint,
                    "the connection was lost inside \(progress.openTransaction), which the server now has in another file, \(position.file)",
                    hint: "begin anew, leaving out with --exclude-gtid what was read")
            }
        }
        file = position.file
        next = position
        progress.enter(position)
    }

    /// An event begins, with what is pending.
    private func begin(_ header: EventHeader) throws(ClientError) {
        skipped = 0
        if let known = try known(header) {
            if known == Int(header.eventLength) {
                skipped = known
                return dropPending()
            }
            skipped = known
        }
        if skipped == 0 { withPending { progress.begin(header, head: $0) } }
        try pass()
    }

    /// How many bytes of the event an earlier dump gave; nil where no event is known any more.
    private func known(_ header: EventHeader) throws(ClientError) -> Int? {
        guard var approach, approach.isInFile else { return nil }
        let length = UInt64(header.eventLength)
        var start = DumpProgress.start(of: header, notBefore: approach.offset + approach.length)
        // What tells the format stands at the file's beginning, wherever a dump begins.
        if header.type == .formatDescription { start = BinlogDumpGTIDCommand.firstEventPosition }
        if start >= approach.offset { (approach.offset, approach.length) = (start, length) }
        self.approach = approach
        if start + length <= progress.delivered { return Int(length) }
        self.approach = nil
        if start >= progress.delivered, start == progress.delivered || !progress.isInTransaction { return nil }
        guard start < progress.delivered, length == progress.currentLength else {
            throw ClientError(
                .malformed, at: connection.endpoint,
                "the connection was lost inside \(progress.openTransaction), which is another one on the server now")
        }
        return Int(progress.delivered - start)
    }

    /// Counts what is pending as read, but for what was read before.
    private func pass() throws(ClientError) {
        let count = pendingCount
        let dropped = min(count, skipped)
        if dropped > 0 {
            skipped -= dropped
            advancePending(by: dropped)
        }
        withPending { progress.pass($0) }
    }

    private var pendingCount: Int {
        switch pending {
        case .none, .magic: 0
        case .held(let start): decoder.held.count - start
        case .chunk(let range): range.count
        }
    }

    private func dropPending() {
        skipped -= pendingCount
        pending = .none
    }

    private func advancePending(by count: Int) {
        switch pending {
        case .none, .magic: break
        case .held(let start): pending = start + count < decoder.held.count ? .held(from: start + count) : .none
        case .chunk(let range): pending = count < range.count ? .chunk(range.lowerBound + count..<range.upperBound) : .none
        }
    }

    private func withPending(_ body: (RawSpan) -> Void) {
        switch pending {
        case .none, .magic: break
        case .held(let start): decoder.held[start...].withUnsafeBytes { body(RawSpan(_unsafeBytes: $0)) }
        case .chunk(let range):
            chunk.withUnsafeReadableBytes { body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: $0[range]))) }
        }
    }

    private func receive() throws(ClientError) {
        let limit = request.heartbeatMilliseconds * DumpRequest.silentHeartbeats
        do {
            chunk = try connection.channel.read(until: .inMilliseconds(limit))
            scanned = 0
        } catch {
            guard error.code == .silent else { throw error }
            throw ClientError(.silent, at: error.endpoint, "the server has sent nothing, not even a heartbeat, for \(limit / 1000) s")
        }
    }

    private func clientError(_ failure: DumpDecoder.Failure) -> ClientError {
        switch failure {
        case .malformed(let reason): return ClientError(.malformed, at: connection.endpoint, "the dump cannot be read: \(reason)")
        case .refused(let packet):
            var error = ClientError(packet, at: connection.endpoint)
            error.reason = "the server ended the dump: \(packet.message) (error \(packet.code.rawValue))"
            return error
        }
    }
}
