/// How much of the disk stays free: ingest pauses below it.
enum MinimumFree: Hashable, Sendable {
    case percent(UInt64)
    case bytes(UInt64)

    init(parsing text: String) throws {
        guard text.hasSuffix("%") else {
            self = .bytes(try Quantities.bytes(text, option: "min-free"))
            return
        }
        guard let number = UInt64(text.dropLast()), number < 100 else {
            throw SetupError("--min-free is a share as 5% or a size as 10GiB, not \(text)", exitCode: 64)
        }
        self = .percent(number)
    }

    func bytes(of total: UInt64) -> UInt64 {
        switch self {
        case .percent(let share): total / 100 * share
        case .bytes(let count): count
        }
    }
}
