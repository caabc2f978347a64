import Glibc
import Synchronization

/// A signal that came while a question was open.
private let caughtSignal = Atomic<Int32>(0)

/// Passwords from files, and from a person at the terminal.
public enum PasswordInput {
    private static let maxBytes = 4096

    /// A file's first line.
    ///
    /// - Throws: a phrase that begins with the path.
    public static func read(file path: String) throws(PasswordFileError) -> SecretBytes {
        guard let stream = fopen(path, "re") else { throw PasswordFileError("\(path) cannot be read: \(String(cString: strerror(errno)))") }
        defer { fclose(stream) }
        var line = [UInt8](repeating: 0, count: maxBytes)
        defer { explicit_bzero(&line, line.count) }
        let count = fread(&line, 1, line.count, stream)
        guard ferror(stream) == 0 else { throw PasswordFileError("\(path) cannot be read: \(String(cString: strerror(errno)))") }
        let end = line[..<count].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? count
        guard end > 0 else { throw PasswordFileError("\(path) is empty; write the secret into its first line") }
        guard end < line.count else { throw PasswordFileError("\(path): a secret of \(line.count) bytes or more is none") }
        return SecretBytes(line[..<end])
    }

    /// Asks on the terminal without echo; nil where there is none, or where nothing is answered.
    ///
    /// ^C and ^\ end the question, and so do SIGINT, SIGTERM and SIGHUP from elsewhere, unless they are blocked: the terminal is as it was
    /// before the signal is raised.
    public static func ask(_ prompt: String) -> SecretBytes? {
        var settings = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        let terminal = ttyname(STDIN_FILENO).map { open($0, O_WRONLY | O_NOCTTY | O_CLOEXEC) } ?? -1
        defer { if terminal >= 0 { close(terminal) } }
        let output = terminal >= 0 ? terminal : STDERR_FILENO
        show(prompt, on: output)
        let handlers = catchSignals()
        silence(settings)
        let answer = readAnswer(settings)
        restoreTerminal()
        for (number, handler) in handlers { _ = withUnsafePointer(to: handler) { sigaction(number, $0, nil) } }
        show("\n", on: output)
        switch answer {
        case .text(let secret): return secret
        case .none: return nil
        case .signal(let number):
            kill(getpid(), number)
            return nil
        }
    }

    /// Gives the terminal back the settings that it had before a question that is still open: for who ends the process from elsewhere.
    public static func restoreTerminal() {
        monitor.locked {
            guard var settings = openSettings else { return }
            openSettings = nil
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        }
    }

    private static let monitor = Monitor()
    /// What the terminal was set to before the question that is open; touched inside the monitor only.
    private nonisolated(unsafe) static var openSettings: termios?

    /// Byte by byte, so that an answer can be ended at any of them.
    private static func silence(_ settings: termios) {
        monitor.locked {
            openSettings = settings
            var silent = settings
            silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
            withUnsafeMutableBytes(of: &silent.c_cc) { characters in
                characters[Int(VMIN)] = 1
                characters[Int(VTIME)] = 0
            }
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        }
    }

    private enum Answer {
        case text(SecretBytes)
        case none
        case signal(Int32)
    }

    private static func readAnswer(_ settings: termios) -> Answer {
        var line = [UInt8](repeating: 0, count: maxBytes)
        defer { explicit_bzero(&line, line.count) }
        var count = 0
        var byte: UInt8 = 0
        while true {
            if let number = waitForInput() { return .signal(number) }
            let taken = Glibc.read(STDIN_FILENO, &byte, 1)
            if taken < 0, errno == EINTR { continue }
            if taken != 1 { byte = settings.control(VEOF) }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return .text(SecretBytes(line[..<count]))
            case settings.control(VINTR): return .signal(SIGINT)
            case settings.control(VQUIT): return .signal(SIGQUIT)
            case settings.control(VEOF): return count == 0 ? .none : .text(SecretBytes(line[..<count]))
            case settings.control(VERASE), 0x08, 0x7f:
                // A character, of however many bytes.
                while count > 0 {
                    count -= 1
                    if line[count] & 0xc0 != 0x80 { break }
                }
            case settings.control(VKILL): count = 0
            default:
                guard count < maxBytes else { continue }
                line[count] = byte
                count += 1
            }
        }
    }

    private static let pollMilliseconds: Int32 = 100

    /// Has the signals remembered that would end the process; returns what they did before. Any thread may get one.
    private static func catchSignals() -> [(number: Int32, handler: sigaction)] {
        // Made here, since a handler may not.
        caughtSignal.store(0, ordering: .relaxed)
        return [SIGINT, SIGTERM, SIGHUP].map { number in
            var handler = sigaction()
            handler.__sigaction_handler.sa_handler = { caughtSignal.store($0, ordering: .relaxed) }
            var before = sigaction()
            sigaction(number, &handler, &before)
            return (number, before)
        }
    }

    /// Waits until there is something to read; returns the signal that came instead.
    private static func waitForInput() -> Int32? {
        while true {
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let isReady = poll(&input, 1, pollMilliseconds) > 0
            let number = caughtSignal.load(ordering: .relaxed)
            if number > 0 { return number }
            if isReady { return nil }
        }
    }

    private static func show(_ text: String, on descriptor: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
}

extension termios {
    /// The character that does this, as VINTR.
    fileprivate func control(_ index: Int32) -> UInt8 {
        withUnsafeBytes(of: c_cc) { $0[Int(index)] }
    }
}

/// Why a file gives no password; never what it holds.
public struct PasswordFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
