import Glibc

/// Takes a file away that is not whole when a signal ends the process.
///
/// What a handler may do is little, so that the path stands ready for it. There is one such file at a time.
enum UnfinishedFile {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    /// The path, with a zero behind it; empty where there is no such file. Written while the signals are blocked.
    private nonisolated(unsafe) static let path = UnsafeMutablePointer<CChar>.allocate(capacity: Int(PATH_MAX) + 1)

    /// From now on, until ``forget()``, a signal that ends the process takes the file away, whether it is there yet or not.
    static func remember(_ name: String) {
        // Ahead of the handlers, which find the path made.
        set(name)
        // What is ignored, as by nohup, stays ignored.
        for signal in signals {
            var old = sigaction()
            guard sigaction(signal, nil, &old) == 0, !isIgnored(old) else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                if UnfinishedFile.path.pointee != 0 { unlink(UnfinishedFile.path) }
                // As if nobody had handled it.
                Glibc.signal(signal, SIG_DFL)
                raise(signal)
            }
            sigemptyset(&action.sa_mask)
            sigaction(signal, &action, nil)
        }
    }

    /// The file is whole, or gone.
    static func forget() { set("") }

    private static func set(_ name: String) {
        var blocked = sigset_t()
        var old = sigset_t()
        sigemptyset(&blocked)
        for signal in signals { sigaddset(&blocked, signal) }
        pthread_sigmask(SIG_BLOCK, &blocked, &old)
        strncpy(path, name, Int(PATH_MAX))
        path[Int(PATH_MAX)] = 0
        pthread_sigmask(SIG_SETMASK, &old, nil)
    }

    /// SIG_IGN is a number in the place of a function, and functions cannot be compared.
    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
