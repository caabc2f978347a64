import Foundation

/// Certificates for three nodes and the authority that signed them, made by the commands that README.md gives; gone with the last reference.
final class CertificateFolder: Sendable {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder("certificates")
        try await make()
    }

    /// Makes all of them again, by another authority.
    func make() async throws {
        let readme = try String(contentsOfFile: Repository.root + "/README.md", encoding: .utf8)
        let section = readme.components(separatedBy: "\n\n").filter { $0.contains("openssl req") }
        guard section.count == 1 else {
            throw CommandFailed(description: "README.md makes certificates in \(section.count) places, not one")
        }
        let script = "cd '\(folder.path)'\n" + section[0]
        try await Command.succeed("/bin/sh", ["-ec", script])
    }

    /// The flags of a node.
    func flags(_ name: String) -> [String] {
        [
            "--peer-tls-cert", folder.file("\(name).pem"), "--peer-tls-key", folder.file("\(name).key"),
            "--peer-tls-ca", folder.file("ca.pem"),
        ]
    }

    /// Puts a node's certificate and key, and nothing else, in the place of another folder's.
    func replace(_ name: String, in other: CertificateFolder) throws {
        for file in ["\(name).pem", "\(name).key"] {
            _ = try other.folder.write(String(contentsOfFile: folder.file(file), encoding: .utf8), to: file)
        }
    }
}
