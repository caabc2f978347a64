import FoundationEssentials
import Hummingbird
import NIOCore

/// Reads what a change carries.
enum JSONBody {
    /// The body's bytes, once it is known to be called JSON. A form in a web page cannot send that type to another origin without asking
    /// first, which is what keeps such pages from changing the cluster.
    ///
    /// - Throws: 415 where it is no JSON, 413 where it is over `AdminLimits.maxBodyBytes`, 400 where it breaks off.
    static func collect(from request: Request) async throws(AdminError) -> ByteBuffer {
        let mediaType = request.headers[.contentType]?.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard mediaType == "application/json" else {
            throw AdminError(
                .unsupportedMediaType, code: "unsupported_media_type", message: "a change must be sent as application/json",
                hint: "add the header Content-Type: application/json")
        }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > AdminLimits.maxBodyBytes { throw tooLarge }
        do {
            return try await request.body.collect(upTo: AdminLimits.maxBodyBytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            throw .badRequest("the body breaks off")
        }
    }

    /// - Throws: 400 that names what is wrong with it.
    static func decode<Body: AdminRequestBody>(_: Body.Type, from bytes: ByteBuffer) throws(AdminError) -> Body {
        guard bytes.readableBytes > 0 else {
            throw .badRequest("the body is empty", hint: "it must be a JSON object with \(list(Body.keys))")
        }
        do {
            return try JSONDecoder().decode(StrictBody<Body>.self, from: Data(bytes.readableBytesView)).body
        } catch let error as UnknownKey {
            let hint = error.known.isEmpty ? "it takes none: send {}" : "it may have \(list(error.known))"
            throw .badRequest("the body has the unknown key \"\(error.name.prefix(64))\"", hint: hint)
        } catch let error as DecodingError {
            throw .badRequest(DecodingProblem.describe(error), hint: Body.keys.isEmpty ? "" : "GET /v1/openapi.json describes the body")
        } catch {
            throw .badRequest("the body cannot be read: \(error)")
        }
    }

    /// Accepts no body and `{}`.
    ///
    /// - Throws: 400 for anything else.
    static func requireNoParameters(_ bytes: ByteBuffer) throws(AdminError) {
        if bytes.readableBytes > 0 { _ = try decode(NoParameters.self, from: bytes) }
    }

    static var tooLarge: AdminError {
        AdminError(.contentTooLarge, code: "body_too_large", message: "the body is larger than \(AdminLimits.maxBodyBytes) bytes")
    }

    private static func list(_ keys: [String]) -> String {
        keys.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
