import ArgumentParser
import Common

@main
struct KingbusCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kingbus-ctl",
        abstract: "Administers a Kingbus cluster over its HTTP API.",
        version: kingbusVersion
    )
}
