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
    private var pending = Pending.none
    private var next: BinlogPosition?
    private var isInFile = false
    private var hasEnded = false

    /// Asks for the dump. The connection is the stream's from now on.
    ///
    /// - Throws: ``ClientError`` where the server refuses what leads to a dump; a refusal of the dump itself comes with the first read.
    public init(_ request: DumpRequest, on connection: MySQLConnection) throws(ClientError) {
        self.connection = connection
        self.request = request
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
        if case .none = pending { return next == nil && !hasEnded && scanned == chunk.readableBytes && connection.channel.isIdle }
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
            if try !advance() {
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
            pending = start + count < decoder.held.count ? .held(from: start + count) : .none
            return count
        case .chunk(let range):
            let count = chunk.withUnsafeReadableBytes { Self.copy(UnsafeRawBufferPointer(rebasing: $0[range]), target) }
            pending = count < range.count ? .chunk(range.lowerBound + count..<range.upperBound) : .none
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
        let step = chunk.withUnsafeReadableBytes { bytes in
            Result { () throws(DumpDecoder.Failure) in try decoder.next(in: RawSpan(_unsafeBytes: bytes), from: &scanned) }
        }
        switch step {
        case .failure(let failure): throw clientError(failure)
        case .success(.file(let position)): if position.file != file { begin(position) }
        case .success(.bytes(let range)): pending = .chunk(range)
        case .success(.held): pending = .held(from: 0)
        case .success(.end):
            guard !request.follows else { throw ClientError(.closed, at: connection.endpoint, "the server ended the dump") }
            hasEnded = true
        case .success(nil): return false
        }
        return true
    }

    private var file: String?

    private func begin(_ position: BinlogPosition) {
        file = position.file
        next = position
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
