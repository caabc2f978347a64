import ClusterAPI

/// What keeps a command from being carried out, with its exit code.
typealias CtlError = ClusterError
