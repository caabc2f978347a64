import Common
import Testing

/// Expected values come from Python's hashlib, for the nonce 01 02 … 14.
@Suite struct ScrambleTests {
    static let vectors: [(password: String, native: String, cachingSHA2: String, verifier: String)] = [
        (
            "secret", "b32bb3a583e1340c0a1108d58b1be49781ad8c2f", "746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9",
            "14e65567abdb5135d0cfd9a70b3032c179a49ee7" + "3881219d087dd9c634373fd33dfa33a2cb6bfc6c520b64b8bb60ef2ceb534ae7"
        ),
        (
            "pässwörd", "9891a8536587af22d12e126cf5f7a8ea86d63b0e", "8526563d365f5cb2cf44b162e5251a5cc348e1a1afeec271669611d0fdac23f7",
            "0225ec5004abb0b8cb557541fe53de1a5d8cc825" + "e2cd1a228188f0703ba30ffe5e1bc013f0ae431d6213e97a9d2b42f78079ceab"
        ),
        (
            String(repeating: "a", count: 100), "f6f8ed2b172cd6f5f65299da0d51f265045791e4",
            "e1e61af85784125d2fa25f03f97fa40ee429b86b2bdf91304610ad46ed9443c5",
            "54360e71ff5356f5d9edfbd3e3b5d64aa02ca1ec" + "bc105b15257a2dec8889519c3105c2e972826c75375cbaaa608ae3e51869dc3c"
        ),
    ]

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("scrambles and verifiers are MySQL's", arguments: vectors)
    func known(password: String, native: String, cachingSHA2: String, verifier: String) {
        let secret = SecretBytes(Array(password.utf8))
        #expect(hex(AuthPlugin.nativePassword.scramble(secret, nonce: Fixture.nonce)) == native)
        #expect(hex(AuthPlugin.cachingSHA2.scramble(secret, nonce: Fixture.nonce)) == cachingSHA2)
        #expect(hex(PasswordVerifier(secret).encoded().withBytes { Array($0) }) == verifier)
    }

    @Test("a verifier accepts its password's scramble and no other", arguments: AuthPlugin.allCases)
    func verification(plugin: AuthPlugin) throws {
        let scramble = plugin.scramble(Fixture.password, nonce: Fixture.nonce)
        func accepts(_ scramble: [UInt8], _ nonce: Nonce = Fixture.nonce, _ verifier: PasswordVerifier = Fixture.verifier) -> Bool {
            verifier.accepts(scramble: scramble.span.bytes, plugin: plugin, nonce: nonce)
        }
        #expect(accepts(scramble))
        #expect(!accepts(scramble, Fixture.nonce(from: 2)))
        #expect(!accepts(scramble, Fixture.nonce, PasswordVerifier(SecretBytes(Array("Secret".utf8)))))
        #expect(!accepts(scramble, Fixture.nonce, Fixture.emptyVerifier))
        for count in 0..<scramble.count { #expect(!accepts(Array(scramble.prefix(count)))) }
        #expect(!accepts(scramble + [0]))
        for index in scramble.indices {
            var changed = scramble
            changed[index] ^= 0x80
            #expect(!accepts(changed))
        }
    }

    @Test("an empty password has an empty scramble, or one zero byte with caching_sha2_password")
    func emptyPassword() {
        #expect(AuthPlugin.nativePassword.scramble(SecretBytes([]), nonce: Fixture.nonce) == [])
        #expect(AuthPlugin.cachingSHA2.scramble(SecretBytes([]), nonce: Fixture.nonce) == [0])
        #expect(Fixture.emptyVerifier.isEmptyPassword)
        #expect(!Fixture.verifier.isEmptyPassword)
        #expect(Fixture.emptyVerifier.accepts(password: SecretBytes([])))
        #expect(!Fixture.verifier.accepts(password: SecretBytes([])))
    }

    @Test("a verifier survives encoding, and other lengths are refused")
    func verifierCodec() throws {
        let bytes = Fixture.verifier.encoded().withBytes { Array($0) }
        #expect(try PasswordVerifier(decoding: bytes.span.bytes) == Fixture.verifier)
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self) { try PasswordVerifier(decoding: bytes.span.bytes.extracting(0..<count)) }
        }
        let long = bytes + [0]
        #expect(throws: CodecError.self) { try PasswordVerifier(decoding: long.span.bytes) }
    }

    @Test("a new nonce has 20 bytes of ASCII, none zero, and is another one each time")
    func randomNonce() throws {
        let nonces = try (0..<200).map { _ in try Nonce.random() }
        #expect(Set(nonces).count == nonces.count)
        #expect(nonces.allSatisfy { $0.bytes.count == Nonce.byteCount && $0.bytes.allSatisfy { $0 > 0 && $0 < 128 } })
    }

    @Test("what the public key encrypts, the key pair decrypts, with the same nonce only", arguments: ["", "secret", "pässwörd"])
    func rsa(password: String) throws {
        let secret = SecretBytes(Array(password.utf8))
        let key = try RSAPublicKey(pem: Fixture.keyPair.publicKeyPEM)
        let encrypted = try key.encrypt(secret, nonce: Fixture.nonce)
        #expect(encrypted.count == Fixture.keyPair.ciphertextByteCount)
        #expect(Fixture.keyPair.decrypt(encrypted.span.bytes, nonce: Fixture.nonce) == secret)
        #expect(Fixture.keyPair.decrypt(encrypted.span.bytes, nonce: Fixture.nonce(from: 2)) == nil)
        var changed = encrypted
        changed[100] ^= 1
        #expect(Fixture.keyPair.decrypt(changed.span.bytes, nonce: Fixture.nonce) == nil)
        #expect(Fixture.keyPair.decrypt(encrypted.span.bytes.extracting(0..<255), nonce: Fixture.nonce) == nil)
    }

    @Test("a password that the key has no room for is refused at the client, by name of the operation")
    func longPassword() throws {
        let key = try RSAPublicKey(pem: Fixture.keyPair.publicKeyPEM)
        #expect(try key.encrypt(SecretBytes([UInt8](repeating: 65, count: 213)), nonce: Fixture.nonce).count == 256)
        do {
            _ = try key.encrypt(SecretBytes([UInt8](repeating: 65, count: 214)), nonce: Fixture.nonce)
            Issue.record("214 bytes were encrypted")
        } catch {
            #expect(error.operation == "encrypt the password")
            #expect(!error.reason.isEmpty)
        }
    }

    @Test("a key that is none is refused", arguments: ["", "hello", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
    func badKey(pem: String) {
        #expect(throws: CryptoError.self) { try RSAPublicKey(pem: Array(pem.utf8)) }
    }

    @Test("a key for signatures is no key for passwords")
    func edKey() {
        let pem = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PUBLIC KEY-----

            """
        #expect(throws: CryptoError(operation: "read the server's public key", reason: "it is no RSA key")) {
            try RSAPublicKey(pem: Array(pem.utf8))
        }
    }

    @Test("a secret shows nothing when it is printed")
    func printing() {
        var dumped = ""
        dump(Fixture.password, to: &dumped)
        #expect("\(Fixture.password)" == "<secret>")
        #expect(dumped.hasPrefix("- <secret>") && !dumped.contains("115"))
        #expect("\(ClientHandshake.Action.sendSecret(Fixture.password))" == "sendSecret(<secret>)")
    }
}
