import Common
import Foundation
import Hummingbird
import NIOSSL
import Testing

@testable import kingbus_node

@Suite struct JoiningTests {
    private func joining(_ url: String, token: String? = nil, authority: String? = nil) -> Joining {
        Joining(
            url: url, addition: MemberAddition(name: "n4", peer: "kb4:7707"), token: token.map { SecretBytes(Array($0.utf8)) },
            authority: authority)
    }

    @Test func `a node asks to be a member under its name and peer address, with the cluster's token`() async throws {
        let fixture = AdminFixture()
        let tokens = AdminTokens(full: AdminFixture.fullToken, read: AdminFixture.readToken)
        try await fixture.server(tokens: tokens).whileRunning { bound in
            try await joining("http://\(bound)", token: "full-secret").ask()
            #expect(fixture.changed == ["add n4 kb4:7707"])
            for token in [nil, "wrong", "read-secret"] {
                let error = await #expect(throws: SetupError.self) { try await self.joining("http://\(bound)", token: token).ask() }
                #expect(error?.exitCode == 77)
            }
            #expect(fixture.changed.count == 1)
        }
    }

    @Test func `what the cluster answers is told, and may be otherwise the next time`() async throws {
        let fixture = AdminFixture()
        fixture.follow { _ throws(AdminError) in
            throw AdminError(.conflict, code: "name_taken", message: "'n4' is a member already", hint: "Remove it first.")
        }
        try await fixture.server().whileRunning { bound in
            let error = await #expect(throws: SetupError.self) { try await self.joining("http://\(bound)").ask() }
            #expect(error?.description == "--join http://\(bound) refuses this node: 'n4' is a member already. Remove it first.")
            #expect(error?.exitCode == 1)
        }
    }

    @Test func `nobody there is no reason to end`() async {
        let error = await #expect(throws: SetupError.self) { try await joining("http://127.0.0.1:1").ask() }
        #expect(error?.exitCode == 1)
        #expect(error?.description.hasPrefix("--join http://127.0.0.1:1 does not answer: ") == true)
    }

    @Test func `over TLS the cluster must show a certificate of the authority that is named`() async throws {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(AdminCertificate.certificate.utf8))
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(AdminCertificate.key.utf8), format: .pem)))
        let fixture = AdminFixture()
        let server = AdminServer(
            listen: HostPort(host: "127.0.0.1", port: 0), tls: tls, backend: fixture.backend, logger: AdminFixture.logger)
        let file = FileManager.default.temporaryDirectory.appending(path: "kingbus-ca-\(UInt32.random(in: .min ... .max)).pem").path
        try AdminCertificate.certificate.write(toFile: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await server.whileRunning { bound in
            await #expect(throws: SetupError.self) { try await self.joining("https://localhost:\(bound.port)").ask() }
            #expect(fixture.changed.isEmpty)
            try await joining("https://localhost:\(bound.port)", authority: file).ask()
            #expect(fixture.changed == ["add n4 kb4:7707"])
        }
    }
}
