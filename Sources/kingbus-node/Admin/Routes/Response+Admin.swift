import FoundationEssentials
import Hummingbird

extension Response {
    /// Keys are sorted, so that equal answers are equal bytes; a newline ends it, for terminals.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws(AdminError) -> Response {
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
        return Response(body, status: status, contentType: "application/json", headers: headers)
    }

    static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
        Response(ByteBuffer(string: text), status: .ok, contentType: contentType, headers: [:])
    }

    static func error(_ error: AdminError) -> Response {
        do {
            return try .json(ErrorAnswer(error), status: error.status, headers: error.headers)
        } catch {
            return Response(status: .internalServerError)
        }
    }

    /// Answers tell of this moment only, so no cache may keep them.
    private init(_ body: ByteBuffer, status: HTTPResponse.Status, contentType: String, headers: HTTPFields) {
        var headers = headers
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
