import Common
import HTTPTypes
import NIOCore

/// A change on its way from the node that took it to the leader.
///
/// As bytes: `change METHOD PATH`, a newline, and the body.
struct ForwardedChange: Hashable, Sendable {
    private static let verb = "change"
    /// The longest first line that is taken.
    static let maxLineBytes = 8 << 10

    var method: HTTPRequest.Method
    /// As it stood in the request, percent signs and all.
    var path: String
    var body: ByteBuffer

    init(method: HTTPRequest.Method, path: String, body: ByteBuffer) {
        self.method = method
        self.path = path
        self.body = body
    }

    /// - Throws: where the bytes are no change.
    init(decoding bytes: [UInt8]) throws(CodecError) {
        let (line, body) = try FramedText.split(bytes, maxLineBytes: Self.maxLineBytes)
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == Self.verb, let method = HTTPRequest.Method(String(words[1])), words[2].first == "/" else {
            throw CodecError(.invalid, at: 0, "no change")
        }
        self.init(method: method, path: String(words[2]), body: body)
    }

    func encoded() -> [UInt8] { FramedText.joined("\(Self.verb) \(method.rawValue) \(path)", body) }
}

/// What the leader answered to a change, on its way back. As bytes: the status code, a newline, and the body.
enum ForwardedAnswer {
    private static let maxLineBytes = 16

    static func encode(_ answer: AdminAnswer) -> [UInt8] { FramedText.joined("\(answer.status.code)", answer.body) }

    /// - Throws: where the bytes are no answer.
    static func decode(_ bytes: [UInt8]) throws(CodecError) -> AdminAnswer {
        let (line, body) = try FramedText.split(bytes, maxLineBytes: maxLineBytes)
        guard let code = Int(line), (200...599).contains(code) else { throw CodecError(.invalid, at: 0, "no status") }
        return AdminAnswer(status: HTTPResponse.Status(code: code), contentType: AdminAnswer.jsonType, body: body)
    }
}

/// A line of text and, behind it, any bytes.
enum FramedText {
    static func joined(_ line: String, _ body: ByteBuffer) -> [UInt8] {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        bytes += body.readableBytesView
        return bytes
    }

    static func split(_ bytes: [UInt8], maxLineBytes: Int) throws(CodecError) -> (line: String, body: ByteBuffer) {
        guard let end = bytes.prefix(maxLineBytes).firstIndex(of: UInt8(ascii: "\n")),
            let line = String(validating: bytes[..<end], as: UTF8.self)
        else { throw CodecError(.invalid, at: 0, "no line of text") }
        return (line, ByteBuffer(bytes: bytes[(end + 1)...]))
    }
}
