import Foundation
import Testing

@testable import kingbus_node

@Suite struct SealerTests {
    private let key = [UInt8](repeating: 7, count: Sealer.keyBytes)

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kingbus-sealer-\(UInt32.random(in: .min ... .max))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 4000]) func `what is sealed opens`(count: Int) throws {
        let sealer = Sealer(key: key)
        let plain = [UInt8](repeating: 0x61, count: count)
        let sealed = try sealer.seal(plain, label: "a")
        #expect(sealed.count == count + 28)
        #expect(try sealer.open(sealed, label: "a") == plain)
        #expect(try sealer.seal(plain, label: "a") != sealed)
    }

    @Test func `another key, another label or other bytes do not open it`() throws {
        let sealed = try Sealer(key: key).seal(Array("secret".utf8), label: "user:a")
        #expect(throws: SetupError.self) { try Sealer(key: [UInt8](repeating: 8, count: Sealer.keyBytes)).open(sealed, label: "user:a") }
        #expect(throws: SetupError.self) { try Sealer(key: self.key).open(sealed, label: "user:b") }
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(throws: SetupError.self) { try Sealer(key: self.key).open(damaged, label: "user:a") }
        }
        for count in 0..<sealed.count {
            #expect(throws: SetupError.self) { try Sealer(key: self.key).open(Array(sealed.prefix(count)), label: "user:a") }
        }
    }

    @Test func `a key check tells the cluster's key from another`() throws {
        let check = try Sealer(key: key).makeKeyCheck()
        try Sealer(key: key).verifyKeyCheck(check)
        #expect(throws: SetupError.self) { try Sealer(key: [UInt8](repeating: 8, count: Sealer.keyBytes)).verifyKeyCheck(check) }
    }

    @Test func `a key file is made once, for its owner only, and read again`() throws {
        try withFolder { folder in
            let path = folder + "/secret"
            let sealed = try Sealer(file: path).seal([1, 2, 3], label: "a")
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try Sealer(file: path).open(sealed, label: "a") == [1, 2, 3])
        }
    }

    @Test func `a key file that is lost is not replaced by another key`() throws {
        try withFolder { folder in
            let path = folder + "/secret"
            let error = #expect(throws: SetupError.self) { try Sealer(file: path, makesKey: false) }
            #expect(error?.description.contains("is missing") == true)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files == [])
        }
    }

    @Test func `a key file that others may read, or that is no key, is refused`() throws {
        try withFolder { folder in
            let path = folder + "/secret"
            func write(_ text: String, mode: Int) throws {
                try text.write(toFile: path, atomically: false, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            }
            let digits = String(repeating: "0a", count: Sealer.keyBytes)
            for mode in [0o644, 0o640, 0o604, 0o660] {
                try write(digits, mode: mode)
                #expect(throws: SetupError.self) { try Sealer(file: path) }
            }
            for text in ["", "0a", digits + "0", digits + "0a", String(repeating: "zz", count: Sealer.keyBytes), digits + "\n\n0a"] {
                try write(text, mode: 0o600)
                #expect(throws: SetupError.self, "\(text)") { try Sealer(file: path) }
            }
            try write(digits + "\n", mode: 0o600)
            #expect(throws: Never.self) { try Sealer(file: path) }
        }
    }
}
