import ClusterAPI

/// Finds the first entry in which logs differ that are known to differ at a later one.
///
/// A chain holds all the entries before it: once two logs differ, they differ in every entry from there on. So half of what is left is
/// ruled out by each look.
struct FirstDifference {
    /// What the nodes have at one entry.
    enum Look: Equatable {
        case equal, different
        /// A node has purged it.
        case unknown
    }

    /// The first entry that is known to differ.
    private(set) var index: UInt64
    /// Whether the logs are known to be equal before it; otherwise they may differ earlier, where entries are purged.
    private(set) var isExact: Bool

    /// - Parameters:
    ///   - last: an entry in which they differ.
    ///   - look: compares the nodes at an entry below it.
    init(below last: UInt64, look: (UInt64) async throws(CtlError) -> Look) async throws(CtlError) {
        index = last
        isExact = last == 1
        // Nothing at or below `known` is worth a look any more.
        var known: UInt64 = 0
        while known + 1 < index {
            let middle = known + (index - known) / 2
            switch try await look(middle) {
            case .different: index = middle
            case .equal:
                known = middle
                isExact = true
            case .unknown:
                known = middle
                isExact = false
            }
        }
        if index == 1 { isExact = true }
    }
}
