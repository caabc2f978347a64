import Testing

@testable import kingbus_ctl

@Suite struct LeadingOptionsTests {
    @Test(arguments: [
        ("--admin http://a:1 status", "status --admin http://a:1"),
        ("--admin=http://a:1 --output json members list", "members list --admin=http://a:1 --output json"),
        ("status --admin http://a:1", "status --admin http://a:1"),
        ("--token-file t members remove -- --n3", "members remove --token-file t -- --n3"),
        ("--help", "--help"), ("--admin", "--admin"), ("", ""),
    ]) func `options of every command may stand before it`(typed: String, read: String) {
        #expect(LeadingOptions.moved(typed.split(separator: " ").map(String.init)) == read.split(separator: " ").map(String.init))
    }
}
