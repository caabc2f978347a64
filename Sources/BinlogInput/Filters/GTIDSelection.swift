import Common

/// The transactions that `--gtid` or `--exclude-gtid` names, of MySQL and of MariaDB.
///
///     try GTIDSelection(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5")
///     try GTIDSelection(parsing: "0-1-42,0-1-50:60")
package struct GTIDSelection: Hashable, Sendable {
    package let mysql: GTIDSet
    package let mariaDB: MariaDBGTIDSet

    /// Reads both kinds with commas between them.
    package init(parsing text: String) throws(CodecError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        mysql = try GTIDSet(parsing: parts.filter { !Self.isMariaDB($0) }.joined(separator: ","))
        mariaDB = try MariaDBGTIDSet(parsing: parts.filter(Self.isMariaDB).joined(separator: ","))
    }

    /// Whether it reads like `domain-server-sequence`, where a UUID has four dashes.
    private static func isMariaDB(_ part: Substring) -> Bool {
        let name = part.prefix { $0 != ":" }.filter { !$0.isWhitespace }
        return name.count { $0 == "-" } == 2 && name.allSatisfy { $0 == "-" || $0.isASCII && $0.isNumber }
    }
}
