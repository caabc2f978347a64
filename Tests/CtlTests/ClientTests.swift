import ClusterAPI
import NIOHTTP1
import Testing

@testable import kingbus_ctl

@Suite struct ClientTests {
    @Test("admin addresses stand between commas, with or without a slash at the end")
    func endpoints() throws {
        #expect(try AdminClient.endpoints(parsing: "http://n1:8707/, https://n2:8707") == ["http://n1:8707", "https://n2:8707"])
    }

    @Test(
        "what is no admin address is refused",
        arguments: ["", ",", "n1:8707", "ftp://n1", "http://", "http://n1/v1", "http://n1?x", "http://u:secret@n1"])
    func badEndpoints(text: String) {
        let error = #expect(throws: CtlError.self) { try AdminClient.endpoints(parsing: text) }
        #expect(error.map { "\($0)".contains("secret") } == false)
    }

    @Test("who is to lead is named, or nobody is")
    func transfer() throws {
        #expect(try JSON.encode(LeaderTransfer(to: "n2")) == Array(#"{"to":"n2"}"#.utf8))
        #expect(try JSON.encode(LeaderTransfer()) == Array("{}".utf8))
    }

    @Test("an error of the API is told in its own words")
    func apiErrors() {
        let body = Array(#"{"error":{"code":"conflict","message":"version 3 is not the current one","hint":"read it again"}}"#.utf8)
        let error = AdminClient.failure(.conflict, body, "http://n1")
        #expect(error.code == .failure)
        #expect(error.description == "http://n1: version 3 is not the current one; read it again")
    }

    @Test(
        "an answer without the API's words still gets a code",
        arguments: [(401, CtlError.Code.notPermitted), (403, .notPermitted), (500, .failure)])
    func otherErrors(status: Int, code: CtlError.Code) {
        #expect(AdminClient.failure(HTTPResponseStatus(statusCode: status), Array("<html>".utf8), "http://n1").code == code)
    }

    @Test("columns are as wide as their widest cell, and lines end with their text")
    func table() {
        var table = Table(["A", "BBB", "C"])
        table.add(["1234", "", "x"])
        table.add(["é", "2", ""])
        #expect(table.text == "A     BBB  C\n1234       x\né     2\n")
    }
}

@Suite struct UpstreamTests {
    @Test("a password in a URL is taken out of it")
    func password() throws {
        let urls = try UpstreamURLs(parsing: ["mysql://repl:s%40cret@db1:3306?ssl-mode=required", "mysql://repl@db2"])
        #expect(urls.password == "s@cret")
        #expect(urls.urls == ["mysql://repl@db1:3306?ssl-mode=required", "mysql://repl@db2:3306"])
    }

    @Test("URLs that cannot be an upstream are refused, and the error repeats no password")
    func refused() {
        let lists = [
            ["mysql://repl:topsecret@"], ["mysql://db1"], ["http://db1"], ["mysql://a:topsecret@db1", "mysql://a:other@db2"],
            ["mysql://a:1/topsecret@db1"], ["mysql://a:1?topsecret@db1"],
        ]
        for list in lists {
            do throws(CtlError) {
                _ = try UpstreamURLs(parsing: list)
                Issue.record("\(list) is accepted")
            } catch {
                #expect(error.code == .usage)
                #expect(!error.description.contains("topsecret"))
            }
        }
    }

    @Test("a change names the version that it expects, and no password where there is none")
    func body() throws {
        let change = UpstreamChange(urls: ["mysql://repl@db1:3306"], password: nil, version: 3)
        #expect(String(decoding: try JSON.encode(change), as: UTF8.self) == #"{"urls":["mysql:\/\/repl@db1:3306"],"version":3}"#)
    }

    @Test("an answer is shown as rows, whatever it holds")
    func rows() throws {
        let body = Array(#"{"version":3,"urls":["a","b"],"reason":null,"started":true,"lag":0.5,"more":{"x":1},"none":""}"#.utf8)
        #expect(
            try JSONRows.text(body) == "lag      0.5\nmore     x=1\nnone     -\nreason   -\nstarted  yes\nurls     a, b\nversion  3\n")
    }
}
