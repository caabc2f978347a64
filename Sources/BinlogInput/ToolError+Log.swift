import Common
import Log

extension ToolError {
    /// What went wrong with a data directory.
    package init(_ error: LogError) {
        self.init(error.code == .corruption ? .damaged : .failure, file: error.file, offset: error.offset, error.reason, hint: error.hint)
    }
}
