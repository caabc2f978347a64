import Common
import Testing

@testable import kingbus_node

@Suite struct SQLBoundsTests {
    @Test(arguments: ["(", "-", "NOT ", "!", "f(", "@a := ", "BINARY ", "1 + ", "1 = ", "1 AND ", "1 IN (", "CONCAT(1, ", "CASE WHEN "])
    func `deep or long expressions are refused, not followed`(part: String) {
        var client = SQLFixture()
        let answer = client.ask("SELECT " + String(repeating: part, count: 9000) + "1")
        #expect(answer.hasPrefix("ERROR 1436") || answer.hasPrefix("ERROR 1064"))
    }

    @Test func `statements at the limits of nesting and operators are evaluated`() {
        var client = SQLFixture()
        let levels = SQLLimits.maxNesting - 1
        #expect(
            client.ask("SELECT " + String(repeating: "(", count: levels) + "1" + String(repeating: ")", count: levels) + " x") == "#x | 1")
        #expect(client.ask("SELECT 0" + String(repeating: "+1", count: SQLLimits.maxOperators) + " x") == "#x | \(SQLLimits.maxOperators)")
    }

    @Test func `long statements and many tokens are refused`() {
        var client = SQLFixture()
        let long = "SELECT '" + String(repeating: "x", count: SQLLimits.maxStatementBytes) + "'"
        #expect(client.ask(long).hasPrefix("ERROR 1153"))
        #expect(client.ask("SELECT 1" + String(repeating: ",1", count: SQLLimits.maxTokens)).hasPrefix("ERROR 1436"))
        #expect(client.ask("SELECT 1" + String(repeating: ",1", count: 4500)) == "ERROR 1117: Too many columns")
    }

    @Test func `user variables are bounded in number, name and size`() {
        var client = SQLFixture()
        for index in 0..<SessionVariables.maxUserVariables { #expect(client.ask("SET @v\(index) = 1") == "OK") }
        #expect(client.ask("SET @one_more = 1").hasPrefix("ERROR 1436"))
        #expect(client.ask("SET @v0 = 2") == "OK")
        let name = String(repeating: "n", count: 65)
        #expect(client.ask("SET @\(name) = 1") == "ERROR 3061: User variable name '\(name)' is illegal")

        client = SQLFixture()
        #expect(client.ask("SET @a = '\(String(repeating: "x", count: 3 << 20))'") == "OK")
        #expect(client.ask("SET @b = @a").hasPrefix("ERROR 1436"))
        #expect(client.ask("SET @a = ''") == "OK")
        #expect(client.ask("SET @b = '\(String(repeating: "x", count: 3 << 20))'") == "OK")
    }

    @Test func `a small statement cannot make a huge answer`() {
        var client = SQLFixture()
        #expect(client.ask("SET @a = '\(String(repeating: "x", count: 1 << 20))'") == "OK")
        #expect(client.ask("SELECT " + Array(repeating: "@a", count: 100).joined(separator: ",")).hasPrefix("ERROR 3024"))
        #expect(
            client.ask("SELECT LENGTH(CONCAT(" + Array(repeating: "@a", count: 40).joined(separator: ",") + "))").hasPrefix("ERROR 3024"))
    }

    @Test func `calls that are not understood are passed over, but not without end`() {
        var client = SQLFixture()
        let few = Array(repeating: "CAST(1 AS CHAR)", count: SQLLimits.maxUnreadCalls).joined(separator: ", ")
        #expect(client.ask("SELECT \(few)").hasPrefix("ERROR 1235"))
        let long = "SELECT '\(String(repeating: "x", count: 3 << 20))'" + String(repeating: ", f(x y)", count: 1500)
        #expect(client.ask(long).hasPrefix("ERROR 1436"))
    }

    @Test func `a number is looked for in the beginning of a text only`() {
        var client = SQLFixture()
        #expect(client.ask("SET @a = '\(String(repeating: " ", count: 3 << 20))7'") == "OK")
        #expect(client.ask("SELECT @a" + String(repeating: "+@a", count: SQLLimits.maxOperators) + " x") == "x | 0")
        #expect(client.ask("SELECT ' \t7' + 1 x") == "x | 8")
    }

    @Test func `a replica's UUID is no longer than one is`() {
        var client = SQLFixture()
        #expect(client.ask("SET @replica_uuid = '\(String(repeating: "é", count: 1 << 20))'") == "OK")
        #expect(client.session.replicaUUID == String(repeating: "é", count: 18))
    }

    @Test func `a LIKE pattern cannot run for ever`() {
        var client = SQLFixture()
        #expect(client.ask("SET @a = '\(String(repeating: "a", count: 1 << 20))'") == "OK")
        let answer = client.ask("SELECT @a LIKE '\(String(repeating: "a%", count: 500))b%' x")
        #expect(answer == "#x | 0" || answer.hasPrefix("ERROR 1436"))
        #expect(client.ask("SELECT @a LIKE '%\(String(repeating: "a", count: 1000))b' x").hasPrefix("ERROR 1436"))
        #expect(client.ask("SELECT 'a' LIKE '\(String(repeating: "a", count: 2000))'").hasPrefix("ERROR 1436"))
    }
}
