import Common
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOSSL
import Testing

@testable import kingbus_node

@Suite struct AdminListenTests {
    @Test func `a request by a foreign name is refused, a probe is not`() async throws {
        // At an address, not a name: that may stand for ::1 too.
        try await AdminFixture().server().whileRunning { bound in
            let port = Int(bound.port)
            let raw = TestClient(host: bound.host, port: port, configuration: .init())
            raw.connect()
            for (host, path, status) in [
                ("evil.example:\(port)", "/v1/status", 403), ("127.0.0.1:\(port)", "/v1/status", 200), ("evil.example", "/healthz", 200),
            ] {
                let response = try await raw.execute(.init(path, method: .get, authority: host))
                #expect(response.status.code == status, "\(host) \(path)")
                if status == 403 { #expect(response.body.map { String(buffer: $0).contains("foreign_host") } == true) }
            }
            try await raw.shutdown()
        }
    }

    @Test func `it serves over TLS where it has a certificate`() async throws {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(AdminCertificate.certificate.utf8))
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(AdminCertificate.key.utf8), format: .pem)))
        let server = AdminServer(
            listen: HostPort(host: "127.0.0.1", port: 0), tls: tls, backend: AdminFixture().backend, logger: AdminFixture.logger)
        try await server.whileRunning { bound in
            var trust = TLSConfiguration.makeClientConfiguration()
            trust.trustRoots = .certificates(certificates)
            let client = TestClient(
                host: bound.host, port: Int(bound.port), configuration: .init(tlsConfiguration: trust, serverName: "localhost"))
            client.connect()
            let response = try await client.execute(.init("/healthz", method: .get, authority: "localhost"))
            #expect(response.body.map { String(buffer: $0) } == "ok\n")
            try await client.shutdown()
        }
    }

    @Test func `a certificate with another's key is refused by naming the flags`() async throws {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: [], privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(AdminCertificate.key.utf8), format: .pem)))
        tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(AdminCertificate.foreignCertificate.utf8)).map { .certificate($0) }
        let server = AdminServer(
            listen: HostPort(host: "127.0.0.1", port: 0), tls: tls, backend: AdminFixture().backend, logger: AdminFixture.logger)
        let error = await #expect(throws: SetupError.self) { try await server.run() }
        #expect(error?.description.hasPrefix("the admin API cannot listen on 127.0.0.1:0: TLS: ") == true)
        #expect(error?.description.hasSuffix("; check --admin-tls-cert and --admin-tls-key") == true)
    }

    @Test func `an address that is in use is named with the flag that changes it`() async throws {
        try await AdminFixture().server().whileRunning { bound in
            #expect(bound.port != 0)
            let error = await #expect(throws: SetupError.self) { try await AdminFixture().server(listen: bound).run() }
            #expect(
                error?.description
                    == "the admin API cannot listen on \(bound): the address is in use; stop what uses it, or choose another with --admin-listen"
            )
        }
    }

    @Test func `an address of another machine and a name without an address are told apart`() async throws {
        let elsewhere = HostPort(host: "192.0.2.1", port: 0)
        let foreign = await #expect(throws: SetupError.self) { try await AdminFixture().server(listen: elsewhere).run() }
        #expect(foreign?.description.contains("192.0.2.1:0: this machine does not have the address") == true)
        let nowhere = HostPort(host: "no-such-host.invalid", port: 0)
        let unknown = await #expect(throws: SetupError.self) { try await AdminFixture().server(listen: nowhere).run() }
        #expect(unknown?.description.contains("no-such-host.invalid:0: the host name has no address") == true)
    }
}
