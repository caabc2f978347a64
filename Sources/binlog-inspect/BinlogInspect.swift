import ArgumentParser
import Common

@main
struct BinlogInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binlog-inspect",
        abstract: "Decodes MySQL binlog events by GTID, for auditing.",
        version: kingbusVersion
    )
}
