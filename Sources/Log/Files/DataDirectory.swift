/// Names of what stands in a data directory.
struct DataDirectory: Hashable, Sendable {
    let path: String

    var lock: String { "\(path)/lock" }
    var identity: String { "\(path)/identity" }
    var hardState: String { "\(path)/hardstate" }
    var segments: String { "\(path)/segments" }
    var spool: String { "\(path)/spool" }

    static let segmentSuffix = ".binlog"
    static let sidecarSuffix = ".index"
    private static let indexDigits = 20

    /// The file that begins with segment entry `index`.
    func segment(_ index: UInt64) -> String {
        let digits = String(index)
        return "\(segments)/\(String(repeating: "0", count: Self.indexDigits - digits.count))\(digits)\(Self.segmentSuffix)"
    }

    /// The rebuildable index that may stand beside a segment file.
    static func sidecar(ofSegment path: String) -> String { String(path.dropLast(segmentSuffix.count)) + sidecarSuffix }

    /// The index in a segment file's name; nil for any other name.
    static func segmentIndex(fileName: String) -> UInt64? {
        guard fileName.hasSuffix(segmentSuffix) else { return nil }
        let digits = fileName.dropLast(segmentSuffix.count)
        guard digits.utf8.count == indexDigits, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return UInt64(digits)
    }

    /// The directory that holds the data directory.
    var parent: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
