import Common
import MySQLClient

extension ToolError {
    /// What went wrong at a server.
    package init(_ error: ClientError) {
        let code: Code =
            switch error.code {
            case .unreachable, .closed: .unreachable
            case .silent: .timedOut
            case .refused(.accessDenied), .server(.accessDenied), .server(.databaseAccessDenied), .server(.tableAccessDenied),
                .server(.columnAccessDenied), .server(.specificAccessDenied):
                .notPermitted
            case .server(.lockWaitTimeout), .server(.deadlock): .timedOut
            case .interrupted: .interrupted
            case .refused, .tls, .server, .malformed, .unsupported: .failure
            }
        self.init(code, file: error.endpoint, error.reason, hint: error.hint)
    }
}
