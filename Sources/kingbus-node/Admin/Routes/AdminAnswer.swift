import FoundationEssentials
import Hummingbird
import NIOCore

/// What a request is answered with, wherever it is carried out: on the node that took it, or on the leader.
struct AdminAnswer: Hashable, Sendable {
    var status: HTTPResponse.Status
    var contentType: String
    var body: ByteBuffer
    var headers: HTTPFields = [:]

    /// Keys are sorted, so that equal answers are equal bytes; a newline ends it, for terminals.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws(AdminError)
        -> AdminAnswer
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var body: ByteBuffer
        do {
            body = ByteBuffer(bytes: try encoder.encode(value))
        } catch {
            throw AdminError(
                .internalServerError, code: "internal", message: "the answer cannot be written as JSON: \(error)", hint: "report this")
        }
        body.writeStaticString("\n")
        return AdminAnswer(status: status, contentType: jsonType, body: body, headers: headers)
    }

    static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> AdminAnswer {
        AdminAnswer(status: .ok, contentType: contentType, body: ByteBuffer(string: text))
    }

    static func error(_ error: AdminError) -> AdminAnswer {
        do {
            return try .json(ErrorAnswer(error), status: error.status, headers: error.headers)
        } catch {
            return AdminAnswer(status: .internalServerError, contentType: jsonType, body: ByteBuffer())
        }
    }

    static let jsonType = "application/json"
}

extension Response {
    /// Answers tell of this moment only, so no cache may keep them.
    init(_ answer: AdminAnswer) {
        var headers = answer.headers
        headers[.contentType] = answer.contentType
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        self.init(status: answer.status, headers: headers, body: ResponseBody(byteBuffer: answer.body))
    }
}
