import ClusterAPI
import Common
import NIOCore
import NIOPosix

/// What `--not-in` asks a cluster for.
enum HeldTransactions {
    /// All that the cluster has committed; waits for the answers.
    static func ask(_ addresses: String, tokenFile: String?, logLevel: LogLevel) throws(ToolError) -> CommittedSet {
        let result: Result<CommittedSet, ClusterError>
        do {
            result = try MultiThreadedEventLoopGroup.singleton.any().makeFutureWithTask {
                do throws(ClusterError) {
                    let endpoints = try AdminClient.endpoints(parsing: addresses)
                    let set = try await AdminClient.with(endpoints, tokenFile: tokenFile, tool: "flashback", logLevel: logLevel) {
                        client async throws(ClusterError) in try await client.committedSet()
                    }
                    return .success(set)
                } catch { return .failure(error) }
            }.wait()
        } catch { throw ToolError(.failure, file: "--not-in", "the cluster cannot be asked: \(error)") }
        do { return try result.get() } catch { throw ToolError(error) }
    }
}

extension ToolError {
    /// What went wrong at a cluster's nodes.
    fileprivate init(_ error: ClusterError) {
        let code: Code =
            switch error.code {
            case .unreachable: .unreachable
            case .timedOut: .timedOut
            case .notPermitted: .notPermitted
            case .failure, .usage: .failure
            }
        self.init(code, file: "--not-in", error.message, hint: error.hint)
    }
}
