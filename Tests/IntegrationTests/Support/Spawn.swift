import Glibc

/// Where a started process reads from or writes to.
enum Stream {
    case file(String)
    case descriptor(Int32)
}

struct SpawnError: Error, CustomStringConvertible {
    let executable: String
    let code: Int32

    var description: String { "\(executable) could not be started: \(String(cString: strerror(code)))" }
}

/// Starts a process with no signal blocked or ignored.
///
/// The threads of Swift's pool block signals, which a child would inherit and then not heed a SIGTERM.
///
/// - Parameter environment: what is set in, or with `nil` removed from, this process's own environment.
func spawn(
    _ executable: String, _ arguments: [String], environment: [String: String?],
    standardInput: Stream, standardOutput: Stream, standardError: Stream
) throws(SpawnError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let streams = [(standardInput, O_RDONLY), (standardOutput, O_WRONLY), (standardError, O_WRONLY)]
    for (descriptor, (stream, mode)) in zip(Int32(0)..., streams) {
        switch stream {
        case .descriptor(let source): posix_spawn_file_actions_adddup2(&actions, source, descriptor)
        case .file(let path):
            let flags = mode == O_RDONLY ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND
            posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o600)
        }
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let words = ([executable] + arguments).map { strdup($0) } + [nil]
    let settings = merged(environment).map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (words + settings).forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, executable, &actions, &attributes, words, settings)
    guard code == 0 else { throw SpawnError(executable: executable, code: code) }
    return pid
}

private func merged(_ changes: [String: String?]) -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        entry += 1
    }
    for (name, value) in changes { result[name] = value }
    return result
}
