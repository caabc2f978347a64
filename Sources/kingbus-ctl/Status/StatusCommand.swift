import ArgumentParser
import ClusterAPI

struct StatusCommand: CtlCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the cluster as the first node that answers sees it.",
        discussion: """
            EXAMPLES
              kingbus-ctl status
              kingbus-ctl status --admin http://n1:8707,http://n2:8707 --output json

            EXIT CODES
              0 healthy, 2 degraded (it says by what), 69 no node answers, 77 not permitted
            """
    )

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
        let answer = try await client.get("/v1/status")
        let status = try answer.decoded(ClusterStatus.self)
        try print(answer) { StatusText(status: status, palette: Palette(isOn: Terminal.showsColour)).text }
        return status.complaints.isEmpty ? .success : .degraded
    }
}
