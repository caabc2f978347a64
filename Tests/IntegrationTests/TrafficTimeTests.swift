import Foundation
import Testing

extension IntegrationTests.Traffic {
    @Test("--start-datetime and --stop-datetime print from the segments what they print from the primary's files")
    func timesSelectTheSame() async throws {
        let servers = try TrafficServers.current
        try await servers.settle()
        let seconds = Set(try servers.primaryEvents().filter { [33, 42].contains($0.type) }.map(\.timestamp)).sorted()
        try #require(seconds.count > 6)
        let early = seconds[1]
        let middle = seconds[seconds.count / 2]
        // Behind the bulk, whose rows would be gigabytes of text: the last round of small transactions takes more than two seconds.
        let late = seconds[seconds.count - 3]
        for (start, stop) in [(nil, early), (early, middle), (late, nil)] {
            var options = ["--base64-output=DECODE-ROWS"]
            if start == nil || stop == nil { options.append("--verbose") }
            if let start { options.append("--start-datetime=\(Self.text(start))") }
            if let stop { options.append("--stop-datetime=\(Self.text(stop))") }
            let expected = try await Self.decoded(try servers.primary.binlogFiles, options)
            #expect(expected.count { $0.contains("GTID_NEXT= '") } > 0)
            let found = try await Self.decoded(try servers.segments, options)
            #expect(found.count == expected.count)
            let difference = zip(found, expected).first { $0 != $1 }
            #expect(difference == nil, "\(options): \(String(describing: difference))")
        }
    }

    private static func decoded(_ files: [String], _ options: [String]) async throws -> [String] {
        let loaded = try TemporaryFolder("loaded")
        let result = try await Command.succeed(
            try await RealServers.program("mysqlbinlog"), options + ["--local-load=\(loaded.path)"] + files, environment: ["TZ": "UTC"],
            within: .seconds(120))
        return transactionLines(result.output, besides: loaded)
    }

    /// What mysqlbinlog printed, without what it says about files: comments on where events stand, and the ROLLBACK that it puts where a
    /// server was started.
    ///
    /// - Parameter loaded: where it has put the files of LOAD DATA.
    static func transactionLines(_ output: Data, besides loaded: TemporaryFolder) -> [String] {
        output.split(separator: UInt8(ascii: "\n"))
            .filter { $0.first != UInt8(ascii: "#") || $0.starts(with: "###".utf8) }
            .map { String(decoding: $0, as: UTF8.self).replacing(loaded.path, with: "") }
            .filter { $0 != "ROLLBACK/*!*/;" && !$0.contains("/* added by mysqlbinlog */") }
    }

    private static func text(_ seconds: UInt32) -> String {
        let style = Date.ISO8601FormatStyle(dateSeparator: .dash, dateTimeSeparator: .space, timeSeparator: .colon, timeZone: .gmt)
            .year().month().day().time(includingFractionalSeconds: false)
        return Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(style)
    }
}
