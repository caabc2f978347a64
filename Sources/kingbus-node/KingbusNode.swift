import ArgumentParser
import Common

@main
struct KingbusNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kingbus-node",
        abstract: "A highly available MySQL binlog server: a replica to the primary, a primary to every replica.",
        version: kingbusVersion
    )
}
