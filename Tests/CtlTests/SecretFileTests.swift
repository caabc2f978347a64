import ClusterAPI
import Foundation
import Testing

@Suite struct SecretFileTests {
    private func read(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "kingbus-secret-\(UUID().uuidString)").path(percentEncoded: false)
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try SecretFile.read(path)
    }

    @Test(
        "a secret is its file's first line, as it is for the other tools",
        arguments: ["s3cret", "s3cret\n", "s3cret\r\n", "s3cret\nmore\n"])
    func firstLine(text: String) throws { #expect(try read(text) == "s3cret") }

    @Test("a file without a secret is refused in words that hold none", arguments: ["", "\n", "\nsecret"])
    func empty(text: String) {
        let error = #expect(throws: ClusterError.self) { try read(text) }
        #expect(error.map { "\($0)".contains("is empty") && !"\($0)".contains("\nsecret") } == true)
        #expect(throws: ClusterError.self) { try SecretFile.read("/nonexistent/secret") }
    }
}
