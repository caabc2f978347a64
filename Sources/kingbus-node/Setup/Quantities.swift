/// Sizes and durations as people write them.
enum Quantities {
    /// Bytes of `64MiB`, `1GB`, `512`.
    static func bytes(_ text: String, option: String) throws -> UInt64 {
        let units: [(String, UInt64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
            ("TB", 1_000_000_000_000), ("B", 1), ("", 1),
        ]
        for (suffix, factor) in units where text.lowercased().hasSuffix(suffix.lowercased()) {
            let digits = text.dropLast(suffix.count)
            if let number = UInt64(digits), !number.multipliedReportingOverflow(by: factor).overflow { return number * factor }
        }
        throw SetupError("--\(option) is a size as 64MiB or 1GiB, not \(text)", exitCode: 64)
    }

    /// Nanoseconds of `100ms`, `5s`, `2m`, `1h`, `7d`.
    static func nanoseconds(_ text: String, option: String) throws -> Int64 {
        let units: [(String, Int64)] = [
            ("ms", 1_000_000), ("us", 1000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
            ("d", 86_400_000_000_000),
        ]
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            if let number = Int64(text.dropLast(suffix.count)), number >= 0, !number.multipliedReportingOverflow(by: factor).overflow {
                return number * factor
            }
        }
        throw SetupError("--\(option) is a duration as 100ms or 5s, not \(text)", exitCode: 64)
    }
}
