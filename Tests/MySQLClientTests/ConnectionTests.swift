import Common
import Foundation
import Testing

@testable import MySQLClient

/// Logins and questions, against a server that does what a script says.
@Suite struct ConnectionTests {
    private static let secret = "hunter2-is-secret"

    private static var hasty: MySQLConnection.Options {
        var options = MySQLConnection.Options()
        options.connectTimeoutMilliseconds = 300
        options.answerTimeoutMilliseconds = 300
        return options
    }

    private static func connect(to server: FakeServer, _ query: String = "?ssl-mode=disabled", options: MySQLConnection.Options? = nil)
        throws
        -> MySQLConnection
    {
        try MySQLConnection(
            to: try server.url(query), password: SecretBytes(Array(secret.utf8)), options: options ?? MySQLConnection.Options())
    }

    private static func failure(_ body: () throws -> Void) -> ClientError? {
        do { try body() } catch let error as ClientError {
            #expect(!"\(error)".contains(secret))
            return error
        } catch {}
        return nil
    }

    private static let result = ResultSet(
        columns: [.text("name"), .integer("value")], rows: [[Array("a".utf8), Array("1".utf8)], [nil, Array("2".utf8)]])

    @Test func `a question is answered after the login`() throws {
        let server = FakeServer { session in
            try session.logIn()
            for _ in 0..<2 {
                _ = try session.receive()
                try session.answer(Self.result)
            }
        }
        let connection = try Self.connect(to: server)
        #expect(connection.serverVersion == "9.7.4")
        #expect(!connection.isMariaDB && !connection.isEncrypted)
        for _ in 0..<2 { #expect(try connection.query("SELECT 1").rows == Self.result.rows) }
    }

    @Test func `a refused login names the server and the user, and what to do`() throws {
        let server = FakeServer { session in
            try session.greet()
            _ = try session.receive()
            try session.error(.accessDenied, "Access denied for user 'tester'@'localhost' (using password: YES)", from: 2)
        }
        let error = try #require(Self.failure { _ = try Self.connect(to: server) })
        #expect(error.code == .refused(.accessDenied))
        for part in ["127.0.0.1:\(server.port)", "'tester'", "1045", "--password-file"] { #expect("\(error)".contains(part)) }
    }

    @Test func `a port where nobody listens is told at once`() throws {
        // Nobody listens there any more.
        let url = try FakeServer { _ in }.url()
        let error = try #require(Self.failure { _ = try MySQLConnection(to: url, password: nil) })
        #expect(error.code == .unreachable)
        #expect(error.reason.contains("connection refused"))
        #expect(error.isTransient)
    }

    @Test func `a name that nobody knows is told`() throws {
        let url = try MySQLURL(parsing: "mysql://tester@no-such-host.invalid:3306")
        let error = try #require(Self.failure { _ = try MySQLConnection(to: url, password: nil) })
        #expect(error.code == .unreachable)
        #expect(error.endpoint == "no-such-host.invalid:3306")
    }

    @Test func `a server that says nothing is given up in time`() throws {
        let server = FakeServer { $0.waitForEnd() }
        let error = try #require(Self.failure { _ = try Self.connect(to: server, options: Self.hasty) })
        #expect(error.code == .silent)
    }

    @Test func `what is no MySQL server is told from one`() throws {
        let greetings: [[UInt8]] = [Array("SSH-2.0-OpenSSH_9.6\r\n".utf8), Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)]
        for greeting in greetings {
            let server = FakeServer { session in
                try session.write(greeting)
                session.waitForEnd()
            }
            let error = try #require(Self.failure { _ = try Self.connect(to: server, options: Self.hasty) })
            #expect(error.code == .malformed, "\(error)")
        }
    }

    @Test func `a login that breaks off is told`() throws {
        for count in [0, 3, 4, 20] {
            let server = FakeServer { session in
                let greeting = HandshakeV10(
                    serverVersion: "9.7.4", connectionID: 1, nonce: try Nonce(Array(repeating: 7, count: 20)), capabilities: .supported,
                    plugin: "caching_sha2_password")
                var writer = PacketWriter(sequence: 0)
                writer.append(greeting.encoded())
                try session.write(Array(writer.bytes.prefix(count)))
            }
            let error = try #require(Self.failure { _ = try Self.connect(to: server) })
            #expect(error.code == .closed)
            #expect(error.reason.contains("greeting"))
        }
    }

    @Test func `TLS that is required and not offered ends the login before the password`() throws {
        let server = FakeServer { session in
            try session.greet()
            session.waitForEnd()
        }
        #expect(Self.failure { _ = try Self.connect(to: server, "?ssl-mode=required") }?.code == .tls)
    }

    @Test func `what stands behind the greeting in the clear is not taken for TLS`() throws {
        let server = FakeServer { session in
            let greeting = HandshakeV10(
                serverVersion: "9.7.4", connectionID: 1, nonce: try Nonce(Array(repeating: 7, count: 20)),
                capabilities: CapabilityFlags.supported.union(.ssl), plugin: "caching_sha2_password")
            var writer = PacketWriter(sequence: 0)
            writer.append(greeting.encoded())
            writer.append(OKPacket().encoded(for: .supported))
            try session.write(writer.bytes)
            session.waitForEnd()
        }
        #expect(Self.failure { _ = try Self.connect(to: server, "") }?.code == .malformed)
    }

    @Test func `a server that breaks off TLS is told`() throws {
        let server = FakeServer { session in
            try session.greet(capabilities: CapabilityFlags.supported.union(.ssl))
            _ = try session.receive()
        }
        #expect(Self.failure { _ = try Self.connect(to: server, "?ssl-mode=required") }?.code == .tls)
    }

    @Test func `a refused statement leaves the connection good`() throws {
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.receive()
            try session.error(.syntax, "You have an error in your SQL syntax")
            _ = try session.receive()
            try session.answer(Self.result)
        }
        let connection = try Self.connect(to: server)
        #expect(Self.failure { _ = try connection.query("SELEC") }?.code == .server(.syntax))
        #expect(try connection.query("SELECT 1").rows.count == 2)
    }

    @Test func `an answer that does not come is given up in time`() throws {
        let server = FakeServer { session in
            try session.logIn()
            session.waitForEnd()
        }
        let connection = try Self.connect(to: server, options: Self.hasty)
        #expect(Self.failure { _ = try connection.query("SELECT SLEEP(10)") }?.code == .silent)
    }

    @Test func `an answer larger than the limit is refused`() throws {
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.receive()
            let row = [[UInt8](repeating: 0x41, count: 1000), Array("1".utf8)]
            try session.answer(ResultSet(columns: Self.result.columns, rows: Array(repeating: row, count: 200)))
            session.waitForEnd()
        }
        var options = MySQLConnection.Options()
        options.maxResultBytes = 100_000
        let connection = try Self.connect(to: server, options: options)
        #expect(Self.failure { _ = try connection.query("SELECT * FROM t") }?.code == .malformed)
    }

    @Test func `a connection that is lost in the middle of an answer is told`() throws {
        let server = FakeServer { session in
            try session.logIn()
            _ = try session.receive()
            var writer = PacketWriter(sequence: 1)
            writer.append(Self.result, capabilities: .supported)
            try session.write(Array(writer.bytes.dropLast(5)))
        }
        let connection = try Self.connect(to: server)
        #expect(Self.failure { _ = try connection.query("SELECT 1") }?.code == .closed)
    }

    @Test func `another thread ends the waiting`() throws {
        let server = FakeServer { session in
            try session.logIn()
            session.waitForEnd()
        }
        let connection = try Self.connect(to: server)
        let interrupter = connection.interrupter
        Thread.detachNewThread {
            usleep(50_000)
            interrupter.interrupt()
        }
        #expect(Self.failure { _ = try connection.query("SELECT SLEEP(10)") }?.code == .interrupted)
        #expect(Self.failure { _ = try connection.query("SELECT 1") }?.code == .interrupted)
    }
}
