import Common

/// What is to be undone: where in which inputs it stands, the first first.
struct Plan {
    var inputs: [PlannedInput] = []
    /// What the head of SQL says to whoever reads it.
    var notes: [String] = []
    /// Whether row changes are kept that came after others that are to be undone: what they refer to must not go unnoticed.
    var keepsLaterRows = false
}

/// An input and the blocks of it that are wanted.
final class PlannedInput {
    /// As the user named it.
    let path: String
    private(set) var file: SeekableFile
    var formats: [(description: FormatDescriptionEvent, serverID: UInt32)] = []
    var list: BlockList

    init(path: String, file: consuming SeekableFile, blockBytes: Int) {
        self.path = path
        self.file = file
        list = BlockList(blockBytes: blockBytes)
    }

    /// Closes the file, of which nothing is wanted.
    func release() { file.close() }
}
