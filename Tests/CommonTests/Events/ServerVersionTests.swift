import Common
import Testing

@Suite struct ServerVersionTests {
    @Test(
        "a version is three numbers, whatever follows",
        arguments: [
            ("9.7.4", ServerVersion(9, 7, 4)), ("8.0.36-28-log", ServerVersion(8, 0, 36)), ("5.7.21-log", ServerVersion(5, 7, 21)),
            ("8.4-rc", ServerVersion(8, 4, 0)), ("10.11.6-MariaDB-1", ServerVersion(10, 11, 6, isMariaDB: true)),
            ("", ServerVersion(0, 0, 0)), ("8", ServerVersion(0, 0, 0)), ("999.1.1", ServerVersion(0, 0, 0)),
            ("8.0.99999999999999999999", ServerVersion(0, 0, 0)),
        ])
    func parsing(text: String, version: ServerVersion) {
        #expect(ServerVersion(parsing: text) == version)
    }

    @Test("the checksum algorithm is written from 5.6.1 on, by MariaDB from 5.3 on")
    func checksumField() {
        #expect(!ServerVersion(5, 6, 0).writesChecksumAlgorithm)
        #expect(ServerVersion(5, 6, 1).writesChecksumAlgorithm)
        #expect(!ServerVersion(parsing: "5.2.14-MariaDB").writesChecksumAlgorithm)
        #expect(ServerVersion(parsing: "5.5.68-MariaDB").writesChecksumAlgorithm)
    }
}
