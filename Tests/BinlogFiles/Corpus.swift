import Foundation

/// Real binlog and relay-log files, which stand with the tests of the codec.
public enum Corpus {
    public static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "CommonTests/Corpus")

    public static func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
    public static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: name))) }
}
