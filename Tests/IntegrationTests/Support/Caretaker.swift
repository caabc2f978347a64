import Glibc
import Synchronization

/// Ends what the tests started and removes what they wrote, should this process die before it has done so itself.
///
/// It is a small shell that reads the ids of started and ended processes from a pipe. The pipe closes with this process, however that
/// ends; the shell then kills by id what is still running and removes the folder in which all tests work.
final class Caretaker: Sendable {
    static let shared = Caretaker()

    /// The folder that holds every test's folder.
    let folder: String
    private let pipe: Int32
    private let writing = Mutex(())

    private static let script = """
        trap '' HUP INT TERM
        pids=
        while read -r verb pid; do
            case $verb in
            started) pids="$pids $pid" ;;
            ended) left=; for other in $pids; do [ "$other" = "$pid" ] || left="$left $other"; done; pids=$left ;;
            esac
        done
        for pid in $pids; do kill -KILL "$pid"; done
        rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
        """

    private init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/kingbus-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no folder can be made in \(base): \(String(cString: strerror(errno)))") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)

        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            fatalError("no pipe: \(String(cString: strerror(errno)))")
        }
        pipe = ends[1]
        do {
            _ = try spawn(
                "/bin/sh", ["-c", Self.script, "caretaker", folder], environment: [:],
                standardInput: .descriptor(ends[0]), standardOutput: .file("/dev/null"), standardError: .file("/dev/null"))
        } catch {
            fatalError("the caretaker did not start: \(error)")
        }
        close(ends[0])
    }

    func started(_ pid: pid_t) { tell("started \(pid)\n") }
    func ended(_ pid: pid_t) { tell("ended \(pid)\n") }

    private func tell(_ line: String) {
        writing.withLock { _ in
            var line = line
            line.withUTF8 { _ = write(pipe, $0.baseAddress, $0.count) }
        }
    }
}
