import Common
import Glibc
import MySQLClient

/// Ends the waiting for more when a person asks for it (SIGINT, SIGTERM) or nobody reads the output any more.
///
/// To be made before any other thread, which all take over that these signals do not interrupt them.
struct FollowWatch {
    private static let pollNanoseconds = 200_000_000

    init(_ stopper: Stopper) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        _ = WorkerThread { Self.run(stopper) }
    }

    private static func run(_ stopper: Stopper) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        while true {
            var interval = timespec(tv_sec: 0, tv_nsec: pollNanoseconds)
            let signal = sigtimedwait(&signals, nil, &interval)
            if signal > 0 {
                // Asked twice: at once.
                if stopper.isStopped {
                    PasswordInput.restoreTerminal()
                    _exit(128 + signal)
                }
                stopper.stop()
            }
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            if poll(&output, 1, 0) > 0, output.revents & Int16(POLLERR | POLLHUP) != 0 { stopper.stop() }
        }
    }
}
