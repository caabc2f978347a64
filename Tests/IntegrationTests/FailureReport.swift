import Foundation
import FoundationNetworking

/// What `GET /v1/status` says of a node's health, and of its cluster's.
struct NodeReport: Decodable {
    struct Alert: Decodable {
        var code: String
        var message: String
        var hint: String
    }

    struct Upstream: Decodable {
        var state: String
        var reason: String?
        var missingGTIDSet: String

        enum CodingKeys: String, CodingKey {
            case state, reason
            case missingGTIDSet = "missing_gtid_set"
        }
    }

    struct Member: Decodable {
        var name: String
        var role: String
        var reachable: Bool
    }

    var leader: String?
    var term: UInt64
    var commitIndex: UInt64
    var appliedIndex: UInt64
    var serverID: UInt32?
    var members: [Member]
    var executedGTIDSet: String
    var purgedGTIDSet: String
    var alerts: [Alert]
    var upstream: Upstream

    enum CodingKeys: String, CodingKey {
        case leader, term, members
        case commitIndex = "commit_index"
        case appliedIndex = "applied_index"
        case serverID = "server_id"
        case executedGTIDSet = "executed_gtid_set"
        case purgedGTIDSet = "purged_gtid_set"
        case alerts, upstream
    }
}

extension NodeProcess {
    func report(withinSeconds seconds: TimeInterval = 5) async throws -> NodeReport {
        try JSONDecoder().decode(NodeReport.self, from: try await get("/v1/status", withinSeconds: seconds).body)
    }

    /// Waits until the node reports something, and returns the report.
    @discardableResult
    func waitToReport(
        _ what: String, within deadline: Duration = .seconds(30), _ condition: (NodeReport) -> Bool
    ) async throws -> NodeReport {
        var last: NodeReport?
        do {
            try await eventually("\(name) to report \(what)", within: deadline) {
                last = nil
                let report = try await report()
                last = report
                return condition(report)
            }
        } catch {
            throw CommandFailed(description: "\(error); its report: \(String(describing: last)); its log:\n\(errors.suffix(4000))")
        }
        guard let last else { throw CommandFailed(description: "\(name) gave no report") }
        return last
    }

    /// Waits until the pull is in a state, for a reason with an alert of this code.
    func waitForUpstream(_ state: String, alert code: String) async throws -> NodeReport {
        try await waitToReport("the upstream \(state) with \(code)") { report in
            report.upstream.state == state && report.alerts.contains { $0.code == code }
        }
    }

    /// Waits until the pull runs without an alert and everything that a server has executed is held.
    @discardableResult
    func waitToHold(_ executed: String, within deadline: Duration = .seconds(30)) async throws -> NodeReport {
        try await waitToReport("\(executed) and no alert", within: deadline) { report in
            report.upstream.state == "running" && report.alerts.isEmpty && report.executedGTIDSet == executed
        }
    }

    /// Asks the node to change something, and expects it to.
    ///
    /// - Parameter body: JSON; nil for a request without a body.
    func change(_ method: String, _ path: String, _ body: String? = "{}") async throws {
        guard let url = URL(string: adminURL + path) else { throw CommandFailed(description: "\(path) is no path") }
        var request = URLRequest(url: url, timeoutInterval: 5)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (body, response) = try await URLSession.shared.data(for: request)
        guard let status = (response as? HTTPURLResponse)?.statusCode, 200..<300 ~= status else {
            throw CommandFailed(description: "\(method) \(path): \(String(decoding: body, as: UTF8.self))")
        }
    }

    /// Lines of standard error that hold a text.
    func errorLines(with text: String) -> [Substring] { errors.split(separator: "\n").filter { $0.contains(text) } }

    /// Starts it, and returns how it ended by itself and the lines that it wrote.
    func startInVain() async throws -> (status: ExitStatus, lines: [Substring]) {
        let before = errors.utf8.count
        let status = try await launch().exit(within: .seconds(30))
        return (status, String(decoding: Array(errors.utf8.dropFirst(before)), as: UTF8.self).split(separator: "\n"))
    }

    /// Its segment files, oldest first.
    var segmentFiles: [String] {
        get throws {
            let folder = "\(dataDirectory)/segments"
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".binlog") }.sorted()
                .map { "\(folder)/\($0)" }
        }
    }

    /// Bytes of all its segment files.
    var segmentBytes: UInt64 {
        get throws {
            try segmentFiles.reduce(0) { sum, path in
                sum + ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64) ?? 0)
            }
        }
    }
}
