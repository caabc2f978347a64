import ArgumentParser
import Common
import Foundation
import Testing

@testable import kingbus_node

@Suite struct NodeConfigurationTests {
    private func configuration(_ arguments: [String]) throws -> NodeConfiguration {
        guard let command = try KingbusNode.parseAsRoot(arguments) as? KingbusNode else { throw SetupError("no node") }
        return try NodeConfiguration(command)
    }

    @Test func `nothing given means a one-member node on loopback`() throws {
        let configuration = try configuration([])
        #expect(!configuration.name.isEmpty)
        #expect(configuration.dataDirectory == "./kingbus-data")
        #expect(configuration.secretFile == "./kingbus-data/secret")
        #expect("\(configuration.mysqlListen)" == "127.0.0.1:3307")
        #expect("\(configuration.adminListen)" == "127.0.0.1:8707")
        #expect("\(configuration.peerAdvertise)" == "127.0.0.1:7707")
        #expect(configuration.segmentSize == 1 << 30)
        #expect(configuration.minimumFree == .percent(5))
        #expect(configuration.electionTimeoutNanoseconds == 1_000_000_000)
        #expect(configuration.upstreamURLs == [])
    }

    @Test func `a flag is over the file`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "kingbus-node-\(UInt32.random(in: .min ... .max)).yaml").path
        try "name: filed\nsegment-size: 8MiB\nmysql-listen: 127.0.0.1:4000\n".write(toFile: path, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = try configuration(["--config", path, "--name", "flagged"])
        #expect(configuration.name == "flagged")
        #expect(configuration.segmentSize == 8 << 20)
        #expect("\(configuration.mysqlListen)" == "127.0.0.1:4000")
        #expect("\(configuration.mysqlAdvertise)" == "127.0.0.1:4000")
    }

    @Test func `a node that joins a cluster makes none`() throws {
        let configuration = try configuration(["--join", "http://127.0.0.1:9000/", "--name", "n4"])
        #expect(configuration.join == "http://127.0.0.1:9000")
        #expect(!configuration.isAlone && !configuration.seeds)
        let far = try self.configuration([
            "--join", "https://kb1", "--peer-listen", "0.0.0.0:7707", "--peer-advertise", "kb4:7707", "--insecure",
        ])
        #expect(far.join == "https://kb1:8707")
        let alone = try self.configuration([])
        #expect(alone.isAlone && alone.seeds)
    }

    @Test(arguments: [
        ["--join", "kb1:8707"], ["--join", "http://"], ["--join", "http://kb1:8707"], ["--join", "ftp://127.0.0.1:8707"],
        ["--join", "http://127.0.0.1:8707", "--initial-cluster", "n1=127.0.0.1:7707", "--name", "n1"],
    ])
    func `what cannot be joined is a wrong usage`(arguments: [String]) {
        let error = #expect(throws: SetupError.self) { try self.configuration(arguments) }
        #expect(error?.exitCode == 64)
        #expect(error?.description.contains("--join") == true)
    }

    @Test(arguments: [
        ["--peer-listen", "0.0.0.0:7707"], ["--peer-listen", "[::]:7707"], ["--peer-listen", "0:7707"],
        ["--peer-listen", "[0:0:0:0:0:0:0:0]:7707"], ["--peer-listen", "kb4:7707", "--peer-advertise", "0.0.0.0:7707"],
    ])
    func `a cluster that is to be joined must be told an address that others can reach`(arguments: [String]) {
        let error = #expect(throws: SetupError.self) { try self.configuration(["--join", "https://kb1", "--insecure"] + arguments) }
        #expect(error?.exitCode == 64)
        #expect(error?.description.contains("by --peer-advertise") == true)
    }

    @Test func `a password in the URL is taken out of it`() throws {
        let configuration = try configuration(["--upstream", "mysql://repl:secret@db1:3307?ssl-mode=required"])
        #expect(configuration.upstreamURLs.count == 1)
        #expect(!configuration.upstreamURLs[0].contains("secret"))
        let url = try MySQLURL(parsing: configuration.upstreamURLs[0])
        #expect((url.user, url.host, url.port) == ("repl", "db1", 3307))
        #expect(url.sslMode == .required)
        #expect(configuration.upstreamPassword == SecretBytes(Array("secret".utf8)))
    }

    @Test(arguments: [
        ["--mysql-listen", "nowhere"], ["--segment-size", "1KiB"], ["--segment-size", "x"], ["--min-free", "100%"],
        ["--upstream", "http://x"], ["--upstream", "mysql://db1:3306"], ["--start-gtid-set", "x"], ["--server-uuid", "x"],
        ["--server-id", "0"], ["--heartbeat-interval", "600ms"], ["--heartbeat-interval", "0ms"], ["--log-level", "loud"],
        ["--mysql-tls-cert", "a.pem"], ["--admin-listen", "0.0.0.0:8707"], ["--replica-user", ""], ["--name", ""],
        ["--leader-priority", "101"],
        ["--mysql-listen", "0.0.0.0:3307", "--replica-user", "repl"],
    ])
    func `a wrong value is a wrong usage that names its flag`(arguments: [String]) {
        let error = #expect(throws: SetupError.self) { try self.configuration(arguments) }
        #expect(error?.exitCode == 64)
        let flag = arguments[0].hasPrefix("--heartbeat") ? "--heartbeat-interval" : arguments[0]
        #expect(error?.description.contains(flag) == true)
    }

    @Test func `what listens beyond this machine insists on protection or on being told`() throws {
        let configuration = try configuration(["--admin-listen", "0.0.0.0:8707", "--insecure"])
        #expect(configuration.isInsecure)
    }

    @Test(arguments: ["/nowhere", "/tmp", "/dev/null"]) func `a password file that holds none is named`(path: String) {
        let error = #expect(throws: SetupError.self) {
            try self.configuration(["--upstream", "mysql://r@db", "--upstream-password-file", path])
        }
        #expect(error?.description.contains("--upstream-password-file \(path)") == true)
    }

    @Test func `a first user is made of the flags also where there is an upstream already, which stays`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "kingbus-node-\(UInt32.random(in: .min ... .max))").path
        try "secret\n".write(toFile: path, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = try configuration(["--upstream", "mysql://r@db2", "--replica-user", "repl", "--replica-password-file", path])
        let sealer = Sealer(key: [UInt8](repeating: 7, count: Sealer.keyBytes))
        var settings = ClusterSettings(segmentSize: 1 << 30)
        settings.upstream.urls = ["mysql://r@db1:3306"]
        try Bootstrap.fill(&settings, configuration, sealer, hasUpstream: true)
        #expect(settings.upstream.urls == ["mysql://r@db1:3306"] && settings.upstream.version == 0)
        let verifier = try #require(try Node.userVerifiers(settings, sealer)["repl"])
        #expect(verifier.accepts(password: SecretBytes(Array("secret".utf8))))
        let before = settings
        try Bootstrap.fill(&settings, configuration, sealer, hasUpstream: true)
        #expect(settings == before)
    }
}
