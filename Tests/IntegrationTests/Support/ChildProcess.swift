import Dispatch
import Foundation
import Glibc
import Synchronization

/// How a process ended.
enum ExitStatus: Equatable, Sendable {
    case code(Int32)
    case signal(Int32)
}

/// A process that a test started. It is killed, by its id, when the last reference to it goes.
///
/// Standard output and error go to files, so nobody has to drain a pipe.
final class ChildProcess: Sendable {
    let pid: pid_t
    private let name: Substring
    private let life: Life

    /// - Parameter environment: what is set in, or with `nil` removed from, the environment of the tests.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String?] = [:], standardInput: String = "/dev/null",
        standardOutput: String = "/dev/null", standardError: String = "/dev/null"
    ) throws {
        pid = try spawn(
            executable, arguments, environment: environment, standardInput: .file(standardInput),
            standardOutput: .file(standardOutput), standardError: .file(standardError))
        Caretaker.shared.started(pid)
        name = executable.split(separator: "/").last ?? ""
        life = Life(pid)
    }

    deinit {
        life.signal(SIGKILL)
        life.end.wait()
    }

    /// How it ended; nil while it runs.
    var exitStatus: ExitStatus? { life.status.withLock { $0 } }
    var isRunning: Bool { exitStatus == nil }

    /// Sends a signal, unless the process has ended.
    func signal(_ number: Int32) { life.signal(number) }

    /// Waits for the end.
    ///
    /// - Throws: `TimedOut` after `deadline`; the process is killed then.
    @discardableResult
    func exit(within deadline: Duration) async throws -> ExitStatus {
        let timer = DispatchSource.makeTimerSource(queue: .global())
        let late = Atomic(false)
        timer.schedule(deadline: .now() + deadline.dispatchInterval)
        timer.setEventHandler { [life] in
            late.store(true, ordering: .relaxed)
            life.signal(SIGKILL)
        }
        timer.activate()
        defer { timer.cancel() }
        let status = await life.ended()
        if late.load(ordering: .relaxed) { throw TimedOut("\(name) (process \(pid)) to end", deadline) }
        return status
    }

    /// Asks it to end with SIGTERM and waits.
    @discardableResult
    func terminate(within deadline: Duration = .seconds(30)) async throws -> ExitStatus {
        signal(SIGTERM)
        return try await exit(within: deadline)
    }

    /// Ends it with SIGKILL and waits until it is gone.
    func kill() async {
        signal(SIGKILL)
        _ = await life.ended()
    }
}

/// What outlives the reference to a process: the thread that waits for its end.
private final class Life: Sendable {
    let status = Mutex<ExitStatus?>(nil)
    let end = DispatchGroup()
    private let pid: pid_t

    init(_ pid: pid_t) {
        self.pid = pid
        end.enter()
        Thread.detachNewThread { [self] in watch() }
    }

    func ended() async -> ExitStatus {
        await withCheckedContinuation { continuation in end.notify(queue: .global()) { continuation.resume() } }
        guard let status = status.withLock({ $0 }) else { fatalError("process \(pid) ended without a status") }
        return status
    }

    /// Under the lock that reaping takes, so that the id can not have gone to another process.
    func signal(_ number: Int32) {
        status.withLock { status in
            if status == nil { _ = Glibc.kill(pid, number) }
        }
    }

    private func watch() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == -1 && errno == EINTR {}
        status.withLock { status in
            Caretaker.shared.ended(pid)
            var word: Int32 = 0
            waitpid(pid, &word, 0)
            let signal = word & 0x7f
            status = signal == 0 ? .code((word >> 8) & 0xff) : .signal(signal)
        }
        end.leave()
    }
}

extension Duration {
    fileprivate var dispatchInterval: DispatchTimeInterval {
        .milliseconds(Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
