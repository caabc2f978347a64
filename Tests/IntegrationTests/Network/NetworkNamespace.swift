import Foundation
import Glibc

/// A network of its own for processes and sockets: interfaces, addresses, firewall. It has no name, so that nothing is left of it when
/// the last reference and the last process inside are gone, however the tests end.
///
///     let space = try NetworkNamespace()
///     try await space.run("ip link set lo up")
///     let descriptor = try space.inside { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
final class NetworkNamespace: Sendable {
    private let descriptor: Int32

    /// What `nsenter` and `ip` take for its name.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// - Throws: `SpawnError` where this process may not make one.
    init() throws {
        descriptor = try Self.changing {
            guard unshareNetwork(newNetwork) == 0 else { throw SpawnError(executable: "a network namespace", code: errno) }
            return Self.openCurrent()
        }
    }

    deinit { close(descriptor) }

    /// The program and arguments that start a program inside; those themselves without a namespace.
    static func command(_ executable: String, _ arguments: [String], in space: NetworkNamespace?) -> (String, [String]) {
        guard let space else { return (executable, arguments) }
        return ("/usr/bin/nsenter", ["--net=\(space.path)", executable] + arguments)
    }

    /// Runs lines of shell inside, up to the first that fails.
    func run(_ script: String) async throws {
        let (executable, arguments) = Self.command("/bin/sh", ["-ec", script], in: self)
        try await Command.succeed(executable, arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    }

    /// Does something on this thread while it is inside: a socket that is made then stays inside.
    func inside<Result>(_ body: () throws -> Result) throws -> Result {
        try Self.changing {
            guard setNamespace(descriptor, newNetwork) == 0 else { throw SpawnError(executable: "a network namespace", code: errno) }
            return try body()
        }
    }

    private static func changing<Result>(_ body: () throws -> Result) throws -> Result {
        let outside = openCurrent()
        defer {
            precondition(setNamespace(outside, newNetwork) == 0, "the thread is lost in a namespace")
            close(outside)
        }
        return try body()
    }

    private static func openCurrent() -> Int32 {
        let descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        precondition(descriptor >= 0, "a thread has no network namespace")
        return descriptor
    }
}

/// CLONE_NEWNET of sched.h, which Swift's Glibc leaves out with the functions.
private let newNetwork: Int32 = 0x4000_0000
private let unshareNetwork = unsafeBitCast(symbol("unshare"), to: (@convention(c) (Int32) -> Int32).self)
private let setNamespace = unsafeBitCast(symbol("setns"), to: (@convention(c) (Int32, Int32) -> Int32).self)

private func symbol(_ name: String) -> UnsafeMutableRawPointer {
    guard let address = dlsym(dlopen(nil, RTLD_NOW), name) else { fatalError("the C library has no \(name)") }
    return address
}
