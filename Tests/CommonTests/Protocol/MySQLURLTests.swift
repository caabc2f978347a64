import Common
import Testing

@Suite struct MySQLURLTests {
    @Test("an option without a name is refused", arguments: ["=", "&=", "=&====", "ssl-ca=x&=="])
    func namelessOption(query: String) {
        #expect(throws: CodecError.self) { try MySQLURL(parsing: "mysql://repl@db1?\(query)") }
    }

    @Test("an authority without a mode asks for the certificate to be checked")
    func authority() throws {
        let url = try MySQLURL(parsing: "mysql://repl@db1?ssl-ca=/ca.pem")
        #expect(url.sslMode == .verifyCA)
        let preferred = try MySQLURL(parsing: "mysql://repl@db1?ssl-ca=/ca.pem&ssl-mode=preferred")
        #expect(preferred.sslMode == .preferred)
        for url in [url, preferred] { #expect(try MySQLURL(parsing: url.withoutPassword) == url) }
    }

    @Test("no part of a password is repeated, whatever it has in it", arguments: ["my?quux", "my?ssl-mode=quux"])
    func passwordWithQuestionMark(password: String) {
        let error = #expect(throws: CodecError.self) { try MySQLURL(parsing: "mysql://repl:\(password)@db1") }
        #expect(error?.description.contains("quux") == false)
        let other = #expect(throws: CodecError.self) { try MySQLURL(parsing: "mysql://repl:my@pa?\(password)@db1") }
        #expect(other?.description.contains("quux") == false)
    }

    @Test("options may be empty, and one without a value has none")
    func emptyOptions() throws {
        #expect(try MySQLURL(parsing: "mysql://repl@db1?").sslCA == nil)
        #expect(try MySQLURL(parsing: "mysql://repl@db1?&&ssl-ca=%2fa%3Db&").sslCA == "/a=b")
        #expect(try MySQLURL(parsing: "mysql://repl@db1?ssl-ca=").sslCA == "")
    }
}
