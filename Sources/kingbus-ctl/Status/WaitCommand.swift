import ArgumentParser
import ClusterAPI
import Common

struct WaitCommand: CtlCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Waits until transactions have got somewhere.",
        discussion: """
            --for committed (any node that answers has them), applied (the node that answers first has them), or replicas (they are \
            committed, and every replica that is connected has been sent everything; waits for one to connect).

            EXAMPLES
              kingbus-ctl wait --gtid "$(mysql -NBe 'SELECT @@gtid_executed')" --timeout 30s
              kingbus-ctl wait --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23 --for replicas

            EXIT CODES
              0 they have, 69 no node answered all the time, 75 timed out (it says what is missing), 77 not permitted
            """
    )

    private static let pollInterval = Duration.milliseconds(100)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("The transactions to wait for.", valueName: "set"), transform: Self.gtidSet)
    var gtid: GTIDSet

    @Option(name: .customLong("for"), help: "Where they must have got.")
    var goal = WaitCondition.Goal.committed

    @Option(help: ArgumentHelp("How long to wait at most, as 500ms, 30s, 5m, 1h. (default: 60s)", valueName: "time"), transform: Self.time)
    var timeout: WaitTime?

    private static let defaultTimeout = Duration.seconds(60)

    private static func gtidSet(_ text: String) throws -> GTIDSet {
        do { return try GTIDSet(parsing: text) } catch {
            throw ValidationError("'\(text)' is no GTID set: \(error); it reads like 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5")
        }
    }

    private static func time(_ text: String) throws -> WaitTime {
        guard let time = WaitTime(parsing: text) else { throw ValidationError("'\(text)' is no time; it reads like 500ms, 30s, 5m, 1h") }
        return time
    }

    func run(_ client: AdminClient) async throws(CtlError) -> CtlOutcome {
        let condition = WaitCondition(goal: goal, wanted: gtid)
        let clock = ContinuousClock()
        let deadline = clock.now + (timeout?.duration ?? Self.defaultTimeout)
        var endpoints = client.endpoints
        while true {
            var obstacles: [String] = []
            var failures: [String] = []
            for endpoint in endpoints {
                let answer: AdminClient.Answer
                do throws(CtlError) { answer = try await client.get("/v1/status", from: endpoint) } catch {
                    guard error.code == .unreachable else { throw error }
                    failures.append(error.message)
                    continue
                }
                if goal == .applied { endpoints = [endpoint] }
                guard let obstacle = try obstacle(to: condition, answer) else { return .success }
                obstacles.append(obstacle)
                if goal == .applied { break }
            }
            guard clock.now + Self.pollInterval < deadline else {
                throw obstacles.isEmpty
                    ? CtlError(
                        .unreachable, "no node answers: \(failures.joined(separator: ", "))",
                        hint: "check that kingbus-node runs, and name its --admin-listen address with --admin")
                    : CtlError(.timedOut, "timed out: \(obstacles.joined(separator: "; "))", hint: "give more time with --timeout")
            }
            // Cancelled: the next round tells.
            try? await Task.sleep(for: Self.pollInterval)
        }
    }

    private func obstacle(to condition: WaitCondition, _ answer: AdminClient.Answer) throws(CtlError) -> String? {
        let status = try answer.decoded(ClusterStatus.self)
        do throws(CodecError) { return try condition.obstacle(in: status) } catch {
            throw CtlError(.failure, "\(answer.endpoint): its executed GTID set cannot be read: \(error)")
        }
    }
}

extension WaitCondition.Goal: ExpressibleByArgument {}
