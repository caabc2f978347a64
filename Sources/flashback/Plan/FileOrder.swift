import BinlogInput
import Common

/// Whether files without GTIDs stand in the order in which they were written, as far as their names and times tell.
struct FileOrder {
    /// What is known of the file before.
    private var last: (path: String, name: NumberedName?, time: UInt32, hasGTIDs: Bool)?

    /// Takes the next file.
    ///
    /// - Parameters:
    ///   - time: When it was begun, in seconds since 1970.
    ///   - hasGTIDs: Whether GTIDs tell its place.
    /// - Returns: What is to be warned of.
    /// - Throws: `unsupported` where it was written before the one that was taken before.
    mutating func take(_ path: String, time: UInt32, hasGTIDs: Bool) throws(CodecError) -> String? {
        let name = NumberedName(path)
        defer { last = (path, name, time, hasGTIDs) }
        guard let last, !hasGTIDs || !last.hasGTIDs else { return nil }
        if let name, let before = last.name, name.stem == before.stem {
            guard name.number > before.number else {
                throw CodecError(
                    .unsupported, at: 0, "it was written before \(last.path): name the inputs in the order in which they were written")
            }
            if name.number > before.number + 1 {
                return "between \(last.path) and \(path), files are missing: what they hold is not taken into account"
            }
        }
        guard time < last.time else { return nil }
        return "\(path) says that it was begun before \(last.path), and would then stand before it"
    }
}
