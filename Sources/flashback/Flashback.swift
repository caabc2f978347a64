import ArgumentParser
import Common

@main
struct Flashback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flashback",
        abstract: "Undoes row changes from full-image ROW binlogs.",
        version: kingbusVersion
    )
}
