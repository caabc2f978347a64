import BinlogInput
import Common
import Glibc
import Log
import MySQLClient

extension Preflight {
    /// Goes through an input: a file or a pipe, `-` for stdin, a node's data directory or a segment of one, or a server.
    mutating func take(_ path: String) throws(ToolError) {
        if MySQLURL.isURL(path) { return try takeServer(path) }
        if StoredLog.isDirectory(path) { return try takeLog(path) }
        guard path != "-", let identity = FileIdentity(path) else {
            // Twice it is read, and a pipe gives its bytes once.
            var input = try ByteInput(path: path)
            return try takeCopy(of: &input, named: path)
        }
        guard files.insert(identity).inserted else {
            throw ToolError(.failure, file: path, "it is there twice: an input was named twice", hint: "name each file once")
        }
        let bounds = try SegmentBounds.find(of: path)
        if bounds?.isItsOwn == true {
            verdict.warn("\(path) is a segment without its data directory: it is read to the last entry that it says is committed")
        }
        _ = try takeFile(path, SeekableFile(path: path), within: bounds?.bounds)
    }

    private mutating func takeLog(_ path: String) throws(ToolError) {
        let log: StoredLog
        do { log = try StoredLog(directory: path) } catch { throw ToolError(error) }
        let bounds = try LogBounds(of: log, showsRest: false)
        for segment in log.segments where segment.firstIndex <= bounds.visible {
            guard try takeFile(segment.path, SeekableFile(path: segment.path), within: bounds) else { return }
        }
    }

    // MARK: - What is read once

    /// Copies the server's binlog, file by file, from the one that the URL names on. Nothing is left out of it: a change that is kept
    /// counts, too.
    private mutating func takeServer(_ text: String) throws(ToolError) {
        let url: MySQLURL
        do { url = try MySQLURL(parsing: text) } catch { throw ToolError(.failure, file: "the URL", error.reason) }
        let binlog = try Self.asking { () throws(ClientError) in try open(url) }
        while let file = try Self.asking({ () throws(ClientError) in try binlog.nextFile() }) {
            let path = "mysql://\(HostPort(host: url.host, port: url.port))/\(file.file)"
            var input = ByteInput(path: path, of: binlog)
            try takeCopy(of: &input, named: path)
        }
    }

    private func open(_ url: MySQLURL) throws(ClientError) -> ServerBinlog {
        let credentials = try Credentials(for: url, passwordFile: passwordFile)
        if let warning = credentials.warning { tell(warning) }
        var connection = MySQLConnection.Options()
        connection.programName = "flashback"
        return try ServerBinlog(
            at: credentials.url, password: credentials.password, wanted: ServerBinlog.Wanted(file: url.path), follows: false,
            options: connection)
    }

    private static func asking<Answer>(_ body: () throws(ClientError) -> Answer) throws(ToolError) -> Answer {
        do { return try body() } catch { throw ToolError(error) }
    }

    /// Copies an input into a temporary file, and goes through that.
    private mutating func takeCopy(of input: inout ByteInput, named path: String) throws(ToolError) {
        let file = try SeekableFile(temporaryIn: temporaryFolder)
        while case let count = try input.fill(atLeast: 1), count > 0 {
            try file.append(input.bytes(count))
            copiedBytes += UInt64(count)
            _ = try input.skip(UInt64(count))
        }
        let copy = file.descriptorPath
        do throws(ToolError) { _ = try takeFile(path, file, reading: copy) } catch {
            var error = error
            if error.file == copy { error.file = path }
            throw error
        }
    }

    /// Tells how much was copied.
    func tellCopied() {
        guard copiedBytes > 0 else { return }
        tell("\(copiedBytes) bytes of the input were copied into \(temporaryFolder), into files without a name that go with the process")
    }
}

/// Which file a path leads to.
struct FileIdentity: Hashable {
    private let device: dev_t
    private let number: ino_t

    /// Nil for what is no regular file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = status.st_dev
        number = status.st_ino
    }
}
