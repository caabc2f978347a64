/// Decodes a body and refuses keys that it does not have.
struct StrictBody<Body: AdminRequestBody>: Decodable {
    let body: Body

    init(from decoder: any Decoder) throws {
        let found = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let unknown = found.filter({ !Body.keys.contains($0) }).min() {
            throw UnknownKey(name: unknown, known: Body.keys)
        }
        body = try Body(from: decoder)
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// A key that a body may not have.
struct UnknownKey: Error {
    let name: String
    let known: [String]
}
