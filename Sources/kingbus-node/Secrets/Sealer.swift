import CLibcrypto
import Common
import Foundation
import Glibc

/// Keeps secrets out of the log's plain bytes: AES-256-GCM under the key in the secret file.
///
/// A sealed value is a nonce of 12 bytes, the encrypted bytes, and a tag of 16; what it is for goes in as additional data, so that
/// a sealed password cannot be passed off as something else.
struct Sealer: Sendable {
    static let keyBytes = 32
    private static let nonceBytes = 12
    private static let tagBytes = 16
    /// What the segment entry's key check seals.
    private static let checkText = Array("kingbus".utf8)

    private let key: [UInt8]

    init(key: [UInt8]) {
        precondition(key.count == Self.keyBytes)
        self.key = key
    }

    /// Reads the key file, or makes one where none is.
    ///
    /// - Parameter makesKey: whether one may be made: a new key is of no use to a cluster whose secrets were sealed with another.
    /// - Throws: ``SetupError`` where the file is not exactly a key, or others may read it.
    init(file path: String, makesKey: Bool = true) throws {
        var descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT {
            guard makesKey else {
                throw SetupError(
                    "the secret file \(path) is missing, and the log's secrets are sealed with its key; copy it back, or name its place with --secret-file"
                )
            }
            try Self.makeKeyFile(path)
            descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw SetupError("the secret file \(path) cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let permissions = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        guard let permissions, permissions & 0o077 == 0 else {
            throw SetupError("the secret file \(path) may be read by others; chmod 600 \(path)")
        }
        var text = [UInt8](repeating: 0, count: 2 * Self.keyBytes + 2)
        let count = read(descriptor, &text, text.count)
        guard count >= 0, let key = Self.decodeHex(text.prefix(count)) else {
            throw SetupError(
                "the secret file \(path) is no key of 64 hexadecimal digits; make one with: (umask 077; openssl rand -hex 32 > \(path))")
        }
        self.init(key: key)
    }

    private static func makeKeyFile(_ path: String) throws {
        let key = try randomBytes(Self.keyBytes)
        var text = key.flatMap { byte in [byte >> 4, byte & 15].map { Array("0123456789abcdef".utf8)[Int($0)] } }
        text.append(UInt8(ascii: "\n"))
        let temporary = path + ".new"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SetupError("the secret file \(path) cannot be made: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        // The log relies on the key from its first entry on, so the file's name must not be lost in a crash either.
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0, rename(temporary, path) == 0,
            syncFolder(of: path)
        else { throw SetupError("the secret file \(path) cannot be written: \(String(cString: strerror(errno)))") }
    }

    private static func syncFolder(of path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private static func decodeHex(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let digits = text.last == UInt8(ascii: "\n") ? Array(text.dropLast()) : Array(text)
        guard digits.count == 2 * keyBytes else { return nil }
        var key: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else { return nil }
            key.append(byte)
        }
        return key
    }

    static func randomBytes(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw SetupError("the system has no random bytes to give") }
        return bytes
    }

    /// Seals `plain` for the purpose `label`.
    func seal(_ plain: [UInt8], label: String) throws -> [UInt8] {
        let nonce = try Self.randomBytes(Self.nonceBytes)
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: plain.count)
        var tag = [UInt8](repeating: 0, count: Self.tagBytes)
        var count: Int32 = 0
        let aad = Array(label.utf8)
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_EncryptUpdate(context, nil, &count, aad, Int32(aad.count)) == 1,
            plain.isEmpty || EVP_EncryptUpdate(context, &output, &count, plain, Int32(plain.count)) == 1,
            EVP_EncryptFinal_ex(context, nil, &count) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagBytes), &tag) == 1
        else { throw SetupError("a secret cannot be encrypted") }
        return nonce + output + tag
    }

    /// - Throws: ``SetupError`` where the key is another, the purpose differs or the bytes were changed.
    func open(_ sealed: [UInt8], label: String) throws -> [UInt8] {
        guard sealed.count >= Self.nonceBytes + Self.tagBytes else { throw SetupError("a secret in the log is too short") }
        let nonce = Array(sealed.prefix(Self.nonceBytes))
        var tag = Array(sealed.suffix(Self.tagBytes))
        let body = Array(sealed.dropFirst(Self.nonceBytes).dropLast(Self.tagBytes))
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: body.count)
        var count: Int32 = 0
        let aad = Array(label.utf8)
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, nil, &count, aad, Int32(aad.count)) == 1,
            body.isEmpty || EVP_DecryptUpdate(context, &output, &count, body, Int32(body.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagBytes), &tag) == 1,
            EVP_DecryptFinal_ex(context, nil, &count) == 1
        else { throw SetupError("a secret in the log cannot be opened: --secret-file is not the one it was sealed with") }
        return output
    }

    /// What a segment entry carries so that a node learns whether it has the cluster's key.
    func makeKeyCheck() throws -> [UInt8] { try seal(Self.checkText, label: "key-check") }

    func verifyKeyCheck(_ sealed: [UInt8]) throws { _ = try open(sealed, label: "key-check") }
}
