/// A server's version as three numbers, read from the text that the server tells.
///
///     ServerVersion(parsing: "8.0.36-28-log") >= ServerVersion(8, 0, 14)
public struct ServerVersion: Hashable, Sendable {
    public var major: Int
    public var minor: Int
    public var patch: Int
    public var isMariaDB: Bool

    public init(_ major: Int, _ minor: Int, _ patch: Int, isMariaDB: Bool = false) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.isMariaDB = isMariaDB
    }

    /// Reads up to three numbers with points between; what follows them does not matter, what is missing is 0.
    ///
    /// As MySQL does it: a number over 255, or a first one without a point behind it, makes the version 0.0.0.
    public init(parsing text: some StringProtocol) {
        var numbers = [0, 0, 0]
        var rest = Array(text.utf8)[...]
        for index in numbers.indices {
            while let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), numbers[index] <= 255 {
                numbers[index] = numbers[index] * 10 + Int(digit - UInt8(ascii: "0"))
                rest.removeFirst()
            }
            let hasPoint = rest.first == UInt8(ascii: ".")
            guard numbers[index] <= 255, hasPoint || index > 0 else {
                numbers = [0, 0, 0]
                break
            }
            if hasPoint { rest.removeFirst() }
        }
        self.init(numbers[0], numbers[1], numbers[2], isMariaDB: text.utf8.contains(subsequence: "MariaDB".utf8))
    }

    /// Whether the server's FORMAT_DESCRIPTION events say how events end: MySQL from 5.6.1, MariaDB from 5.3.0.
    public var writesChecksumAlgorithm: Bool { self >= (isMariaDB ? ServerVersion(5, 3, 0) : ServerVersion(5, 6, 1)) }
}

extension ServerVersion: Comparable {
    /// By the three numbers alone.
    public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension Collection where Element == UInt8 {
    fileprivate func contains(subsequence: some Collection<UInt8>) -> Bool {
        indices.contains { self[$0...].starts(with: subsequence) }
    }
}
