import Testing

@testable import Common

@Suite struct ArgumentScrubbingTests {
    private func password(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            passwordRange(in: buffer).map { String(decoding: buffer[$0], as: UTF8.self) }
        }
    }

    @Test("the password of a URL is found wherever the URL stands in an argument")
    func found() {
        #expect(password("mysql://repl:s3cret@db1:3306") == "s3cret")
        #expect(password("--upstream=mysql://repl:a:b@c@db1/file?x=y:z@w") == "a:b@c")
        #expect(password("mysql://:x@h") == "x")
        #expect(password("--upstream=mysql://repl:1/2?3@db1:3306") == "1/2?3")
    }

    @Test("an argument without one stays as it is")
    func absent() {
        for text in ["", "://", "mysql://repl@db1:3306", "mysql://db1:3306", "a:b@c", "http://n1:8707/a:b@c"] {
            #expect(password(text) == nil, "\(text)")
        }
    }
}
