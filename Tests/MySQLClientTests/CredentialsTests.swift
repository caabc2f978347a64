import Common
import Foundation
import Testing

@testable import MySQLClient

@Suite struct CredentialsTests {
    private static func secret(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8)) }

    private static let optionFile = OptionFile(
        parsing: Array(
            """
            # passwords of the office
            [mysqld]
            user = mysql
            password = wrong
            [client]
            ; nobody reads this
              user=alice
            password = "a #\\"\\\\ b"   
            host=elsewhere

            [mysql]
            password=wrong
            """.utf8)[...])

    private static func credentials(
        _ url: String, passwordFile: String? = nil, variable: String? = nil, optionFile: OptionFile? = nil, typed: String? = nil
    ) throws -> Credentials {
        try Credentials(
            for: MySQLURL(parsing: url), passwordFile: passwordFile, variable: variable.map(secret), optionFile: optionFile,
            ask: { _ in typed.map(secret) })
    }

    @Test func `an option file is read as MySQL's clients read it`() {
        #expect(Self.optionFile.user == "alice")
        #expect(Self.optionFile.password == Self.secret(#"a #"\ b"#))
    }

    @Test func `a value without quotes ends at a comment`() {
        let file = OptionFile(parsing: Array("[client]\npassword=abc\\sdef # mine\nuser = 'bob'".utf8)[...])
        #expect(file.password == Self.secret("abc def"))
        #expect(file.user == "bob")
    }

    @Test func `the first place that has a password counts`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kingbus-credentials-\(getpid())")
        try "from-file\nnotes\n".write(to: folder, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: folder) }

        let url = "mysql://alice:from-url@db1"
        let all = try Self.credentials(
            url, passwordFile: folder.path, variable: "from-variable", optionFile: Self.optionFile, typed: "typed")
        #expect(all.password == Self.secret("from-file") && all.warning == nil && all.url.password == nil)
        let inURL = try Self.credentials(url, variable: "from-variable", optionFile: Self.optionFile, typed: "typed")
        #expect(inURL.password == Self.secret("from-url"))
        #expect(inURL.warning?.contains("--password-file") == true && inURL.warning?.contains("from-url") == false)
        let bare = "mysql://alice@db1"
        #expect(try Self.credentials(bare, variable: "v", optionFile: Self.optionFile, typed: "typed").password == Self.secret("v"))
        #expect(try Self.credentials(bare, optionFile: Self.optionFile, typed: "typed").password == Self.optionFile.password)
        #expect(try Self.credentials(bare, typed: "typed").password == Self.secret("typed"))
        #expect(try Self.credentials(bare).password == nil)
    }

    @Test func `a password in the option file is for the user that it names`() throws {
        #expect(try Self.credentials("mysql://bob@db1", optionFile: Self.optionFile).password == nil)
        let any = OptionFile(parsing: Array("[client]\npassword=p".utf8)[...])
        #expect(try Self.credentials("mysql://bob@db1", optionFile: any).password == Self.secret("p"))
    }

    @Test func `without a user in the URL it is the option file's, and without that one nobody`() throws {
        #expect(try Self.credentials("mysql://db1", optionFile: Self.optionFile).url.user == "alice")
        let error = #expect(throws: ClientError.self) { try Self.credentials("mysql://db1") }
        #expect(error?.hint?.contains("mysql://user@host:port") == true)
    }

    @Test func `a password file that is not there is told`() throws {
        let error = #expect(throws: ClientError.self) { try Self.credentials("mysql://a@db1", passwordFile: "/no/such/file") }
        #expect(error?.reason.contains("/no/such/file") == true)
    }
}
