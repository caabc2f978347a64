import Glibc

/// The end of a node that must not go on: its disk failed, or its log contradicts itself.
///
/// The process ends at once, as in a crash: what was acknowledged is durable, and what was not must not be acknowledged any more.
struct NodeFailure: Sendable {
    func end(_ reason: String) {
        StandardError.write("kingbus-node: \(reason); the process ends, and its next start reads the disk anew")
        _exit(1)
    }
}
