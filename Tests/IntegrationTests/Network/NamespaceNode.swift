import Foundation
import Synchronization

/// A kingbus-node on a machine of a `NamespaceNetwork`. The other members reach it there; its MySQL and admin ports are on the machine's
/// own 127.0.0.1, which no fault of the network touches.
final class NamespaceNode: Sendable {
    static let peerPort: UInt16 = 7707
    private static let adminPort: UInt16 = 8707

    let name: String
    let machine: NamespaceNetwork.Machine
    private let folder: TemporaryFolder
    private let flags: [String]
    private let process = Mutex<ChildProcess?>(nil)

    /// - Parameter flags: those that all members share.
    init(_ name: String, on machine: NamespaceNetwork.Machine, flags: [String]) throws {
        self.name = name
        self.machine = machine
        folder = try TemporaryFolder(name)
        self.flags =
            [
                "--name", name, "--data-dir", folder.file("data"), "--peer-listen", "\(machine.address):\(Self.peerPort)",
                "--mysql-listen", "127.0.0.1:3307", "--admin-listen", "127.0.0.1:\(Self.adminPort)", "--insecure",
            ] + flags
    }

    deinit {
        // Before its folder goes.
        process.withLock { $0 = nil }
    }

    /// Starts it and does not wait.
    func launch() throws {
        let (executable, arguments) = NetworkNamespace.command(try Repository.program("kingbus-node"), flags, in: machine.space)
        let child = try ChildProcess(
            executable, arguments, standardOutput: folder.file("output"), standardError: folder.file("errors"))
        process.withLock { $0 = child }
    }

    /// Ends it with SIGKILL.
    func kill() async {
        await process.withLock { $0.take() }?.kill()
    }

    /// A client of its admin port, for one thread.
    func client() -> NamespaceClient { NamespaceClient(in: machine.space, port: Self.adminPort) }

    func report() throws -> Report { try Report(client().get("/v1/status").body) }

    func isReady() throws -> Bool { try client().get("/readyz").status == 200 }

    /// How it ended, if it has; it was not told to.
    var exitStatus: ExitStatus? { process.withLock { $0?.exitStatus } }

    /// What it wrote to standard error in all its runs.
    var errors: String { (try? String(contentsOfFile: folder.file("errors"), encoding: .utf8)) ?? "" }

    /// What `GET /v1/status` says, as far as these tests ask.
    struct Report: Decodable {
        var leader: String?
        var term: UInt64
        private var executedGTIDSet: String

        init(_ json: Data) throws { self = try JSONDecoder().decode(Self.self, from: json) }

        /// How many transactions are executed, where all are of one server and none is missing: `UUID:1-N` or `UUID:1`.
        var transactions: UInt64 { executedGTIDSet.split { $0 == ":" || $0 == "-" }.last.flatMap { UInt64($0) } ?? 0 }

        enum CodingKeys: String, CodingKey {
            case leader, term
            case executedGTIDSet = "executed_gtid_set"
        }
    }
}
