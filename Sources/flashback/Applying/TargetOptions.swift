import ArgumentParser
import Common

/// The options that name a server where changes are undone, or compared.
struct TargetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Undo the changes on this server, mysql://user@host:port: a transaction for each one; where it is ended, the same command goes on.",
            valueName: "URL"))
    var apply: String?

    @Option(
        help: ArgumentHelp(
            "Compare the rows of this server with what the last change of each left, and print those that differ.", valueName: "URL"))
    var verify: String?

    @Flag(help: "With --apply: do it all in one transaction, and roll that back.")
    var dryRun = false

    /// The server's URL.
    var url: String? { apply ?? verify }

    func validate() throws {
        guard !dryRun || apply != nil else { throw ValidationError("--dry-run is for --apply") }
        guard apply == nil || verify == nil else { throw ValidationError("--apply and --verify are two commands") }
        guard let url else { return }
        do { _ = try MySQLURL(parsing: url) } catch { throw ValidationError(error.reason) }
    }
}
