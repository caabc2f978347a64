/// A number from a body that must be an integer from 0 to 2^64 - 1.
///
/// Foundation calls a body with any other number invalid JSON and does not say where; this one names the key.
struct WholeNumber: Decodable {
    let value: UInt64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            value = try container.decode(UInt64.self)
        } catch {
            throw DecodingError.typeMismatch(
                UInt64.self, .init(codingPath: decoder.codingPath, debugDescription: "no integer from 0 to 2^64 - 1"))
        }
    }
}
