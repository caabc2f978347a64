import Foundation
import Glibc
import Testing

/// What becomes of the terminal when the question for a password is not answered.
@Suite struct PasswordPromptTests {
    /// A terminal of its own, held open so that it keeps its settings.
    private final class Terminal {
        /// TIOCSPTLCK and TIOCGPTN of Linux's `ioctls.h`.
        private static let setLock: UInt = 0x4004_5431
        private static let getNumber: UInt = 0x8004_5430

        private let master: Int32
        private let slave: Int32
        let path: String

        init() throws {
            master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var isLocked: Int32 = 0
            var number: UInt32 = 0
            try #require(master >= 0 && ioctl(master, Self.setLock, &isLocked) == 0 && ioctl(master, Self.getNumber, &number) == 0)
            path = "/dev/pts/\(number)"
            slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
            try #require(slave >= 0)
        }

        deinit {
            close(slave)
            close(master)
        }

        var echoes: Bool {
            var settings = termios()
            return tcgetattr(slave, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
        }

        func type(_ text: String) {
            _ = Array(text.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
        }
    }

    private static func asking(on terminal: Terminal, _ options: [String] = []) async throws
        -> ChildProcess
    {
        // Nobody listens there, and nobody is asked before the password is known.
        let process = try ChildProcess(
            try Repository.program("binlog-inspect"), options + ["mysql://root@127.0.0.1:1"],
            environment: ["MYSQL_PWD": nil, "HOME": "/nonexistent"], standardInput: terminal.path)
        try await eventually("the question for the password") { !terminal.echoes }
        return process
    }

    @Test("^C ends the question at once, and the terminal shows again what is typed")
    func interrupted() async throws {
        let terminal = try Terminal()
        let process = try await Self.asking(on: terminal)
        terminal.type("secr\u{03}")
        #expect(try await process.exit(within: .seconds(20)) == .signal(SIGINT))
        #expect(terminal.echoes)
    }

    @Test("a signal from elsewhere ends the question, and the terminal shows again what is typed", arguments: [SIGTERM, SIGHUP])
    func signaled(number: Int32) async throws {
        let terminal = try Terminal()
        let process = try await Self.asking(on: terminal)
        process.signal(number)
        #expect(try await process.exit(within: .seconds(20)) == .signal(number))
        #expect(terminal.echoes)
    }

    @Test("a process that is ended by its second SIGINT leaves the terminal as it was")
    func endedFromElsewhere() async throws {
        let terminal = try Terminal()
        let process = try await Self.asking(on: terminal, ["--follow"])
        try await eventually("the process to heed SIGINT") {
            process.signal(SIGINT)
            return !process.isRunning
        }
        #expect(try await process.exit(within: .seconds(1)) == .code(128 + SIGINT))
        #expect(terminal.echoes)
    }

    @Test("an answer is taken, with its corrections, and the terminal is as it was")
    func answered() async throws {
        let terminal = try Terminal()
        let process = try await Self.asking(on: terminal)
        terminal.type("x\u{7f}secret\n")
        #expect(try await process.exit(within: .seconds(20)) == .code(69))
        #expect(terminal.echoes)
    }
}
