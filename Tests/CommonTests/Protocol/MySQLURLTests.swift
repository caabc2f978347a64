import Common
import Testing

@Suite struct MySQLURLTests {
    @Test("an option without a name is refused", arguments: ["=", "&=", "=&====", "ssl-ca=x&=="])
    func namelessOption(query: String) {
        #expect(throws: CodecError.self) { try MySQLURL(parsing: "mysql://repl@db1?\(query)") }
    }

    @Test("options may be empty, and one without a value has none")
    func emptyOptions() throws {
        #expect(try MySQLURL(parsing: "mysql://repl@db1?").sslCA == nil)
        #expect(try MySQLURL(parsing: "mysql://repl@db1?&&ssl-ca=%2fa%3Db&").sslCA == "/a=b")
        #expect(try MySQLURL(parsing: "mysql://repl@db1?ssl-ca=").sslCA == "")
    }
}
