import ClusterAPI
import FoundationEssentials

/// A JSON object as rows of a name and a value, for answers that are shown as they are.
struct JSONRows: Decodable {
    let rows: [(name: String, value: String)]

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Value: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = Wording.absent
            } else if let value = try? container.decode(Bool.self) {
                text = value ? "yes" : "no"
            } else if let value = try? container.decode(Int64.self) {
                text = "\(value)"
            } else if let value = try? container.decode(Double.self) {
                text = "\(value)"
            } else if let value = try? container.decode(String.self) {
                text = value.isEmpty ? Wording.absent : value
            } else if let values = try? container.decode([Value].self) {
                text = values.isEmpty ? Wording.absent : values.map(\.text).joined(separator: ", ")
            } else {
                text = try container.decode(JSONRows.self).rows.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var rows: [(name: String, value: String)] = []
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            rows.append((key.stringValue, try container.decode(Value.self, forKey: key).text))
        }
        self.rows = rows
    }

    /// Lines of name and value.
    static func text(_ body: [UInt8]) throws(CtlError) -> String {
        do {
            let rows = try JSONDecoder().decode(JSONRows.self, from: Data(body)).rows
            guard let first = rows.first else { return "" }
            var table = Table([first.name, first.value])
            for row in rows.dropFirst() { table.add([row.name, row.value]) }
            return table.text
        } catch {
            throw CtlError(.failure, "the answer is no JSON object (\(error))", hint: "--output json shows it")
        }
    }
}
