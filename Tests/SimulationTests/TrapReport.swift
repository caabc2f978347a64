import Glibc
import Synchronization

/// Says which seed a run had that trapped: a precondition of the product ends the process, and no test is left to tell.
enum TrapReport {
    private static let seed = Atomic<UInt64>(0)

    static func begin(_ current: UInt64) {
        if seed.exchange(current, ordering: .relaxed) != 0 { return }
        for number in [SIGILL, SIGTRAP] {
            signal(number) { number in
                TrapReport.write()
                // Back to where it trapped, and then to its end.
                signal(number, SIG_DFL)
            }
        }
    }

    /// Without memory of its own: it runs in a signal handler.
    private static func write() {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { line in
            var end = 0
            for byte in StaticString("\na simulation trapped: KINGBUS_SEED=").withUTF8Buffer({ $0 }) {
                line[end] = byte
                end += 1
            }
            var divisor: UInt64 = 1
            let value = seed.load(ordering: .relaxed)
            while value / divisor >= 10 { divisor *= 10 }
            while divisor > 0 {
                line[end] = UInt8(ascii: "0") + UInt8(value / divisor % 10)
                end += 1
                divisor /= 10
            }
            line[end] = UInt8(ascii: "\n")
            _ = Glibc.write(STDERR_FILENO, line.baseAddress, end + 1)
        }
    }
}
