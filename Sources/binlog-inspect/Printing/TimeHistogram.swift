/// How many transactions were committed when, in steps that grow with the span of time.
struct TimeHistogram {
    private static let maxSteps = 1024

    /// Seconds of a step.
    private var width: UInt64 = 1
    /// By the number of the step since 1970.
    private var counts: [UInt64: UInt64] = [:]

    /// - Parameter time: in microseconds since 1970.
    mutating func add(_ time: UInt64) {
        counts[time / 1_000_000 / width, default: 0] += 1
        while counts.count > Self.maxSteps { widen() }
    }

    private mutating func widen() {
        width *= 2
        var wider: [UInt64: UInt64] = [:]
        for (step, count) in counts { wider[step / 2, default: 0] += count }
        counts = wider
    }

    /// The whole span in at most `count` steps of the same length, each with its beginning in seconds since 1970.
    func steps(atMost count: Int) -> [(time: UInt64, count: UInt64)] {
        var histogram = self
        guard var first = counts.keys.min(), var last = counts.keys.max() else { return [] }
        while last - first >= UInt64(max(1, count)) {
            histogram.widen()
            first /= 2
            last /= 2
        }
        return (first...last).map { ($0 * histogram.width, histogram.counts[$0] ?? 0) }
    }
}
