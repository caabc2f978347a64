/// Changes to a JSON value: what a PARTIAL_UPDATE_ROWS event holds in place of the whole new value.
///
/// Source: `json_diff.h` and `json_diff.cc` in MySQL: an operation, a path and, but for a removal, a value, one behind the other.
public struct JSONDiff: Hashable, Sendable {
    public enum Operation: UInt8, Hashable, Sendable {
        case replace, insert, remove
    }

    public var operation: Operation
    /// As SQL writes it.
    public var path: String
    let legs: JSONPath
    /// Binary JSON; empty for a removal.
    public var value: [UInt8]

    /// Reads the changes in their order.
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(CodecError) -> [JSONDiff] {
        var reader = ByteReader(_overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: bytes))
        var diffs: [JSONDiff] = []
        while !reader.isAtEnd {
            guard let operation = Operation(rawValue: try reader.uint8()) else {
                throw CodecError(.invalid, at: reader.offset - 1, "a change to JSON of no known kind")
            }
            let path = try reader.lengthEncodedBytes().array
            let value = operation == .remove ? [] : try reader.lengthEncodedBytes().array
            let legs = try path.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONPath(parsing: bytes) }
            diffs.append(JSONDiff(operation: operation, path: String(decoding: path, as: UTF8.self), legs: legs, value: value))
        }
        return diffs
    }

    /// Elements and members that changes may pass, for each byte of theirs and of the document, and at least for one small document:
    /// a server writes the whole value where changes are many.
    private static let maxStepsPerByte = 64
    private static let minSteps = 1 << 20

    /// The binary JSON that the changes make of `document`.
    ///
    /// - Throws: `invalid` where the changes do not fit the document, or take longer than any that a server writes.
    static func apply(_ bytes: UnsafeRawBufferPointer, to document: UnsafeRawBufferPointer) throws(CodecError) -> [UInt8] {
        var root = try JSONNode(document: document)
        var steps = max(minSteps, maxStepsPerByte * (bytes.count + document.count))
        for diff in try decode(bytes) {
            let value =
                diff.operation == .remove
                ? nil : try diff.value.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONNode(document: bytes) }
            try diff.apply(value, to: &root, leg: 0, &steps)
        }
        return root.document
    }

    private var misfit: CodecError { CodecError(.invalid, at: 0, "a change to \(path), which the JSON value does not have") }

    private func spend(_ count: Int, _ steps: inout Int) throws(CodecError) {
        steps -= count
        if steps < 0 { throw CodecError(.invalid, at: 0, "changes to JSON without end") }
    }

    private func apply(_ value: JSONNode?, to node: inout JSONNode, leg: Int, _ steps: inout Int) throws(CodecError) {
        guard leg < legs.legs.count else {
            guard operation == .replace, let value else { throw misfit }
            node = value
            return
        }
        let isLast = leg == legs.legs.count - 1
        switch (legs.legs[leg], node) {
        case (.element(let index), .array(var elements)):
            try spend(elements.count, &steps)
            // So that the elements are not copied when one changes.
            node = .scalar(type: JSONB.literal, bytes: [JSONB.null])
            if isLast, operation == .insert, let value {
                elements.insert(value, at: min(index, elements.count))
            } else {
                guard index < elements.count else { throw misfit }
                if isLast, operation == .remove {
                    elements.remove(at: index)
                } else {
                    try apply(value, to: &elements[index], leg: leg + 1, &steps)
                }
            }
            node = .array(elements)
        case (.member(let key), .object(var members)):
            try spend(members.count, &steps)
            node = .scalar(type: JSONB.literal, bytes: [JSONB.null])
            let place = members.firstIndex {
                $0.key.count > key.count || ($0.key.count == key.count && !$0.key.lexicographicallyPrecedes(key))
            }
            let found = place.flatMap { members[$0].key == key ? $0 : nil }
            if isLast, operation == .insert, let value {
                guard found == nil else { throw misfit }
                members.insert(JSONNode.Member(key: key, value: value), at: place ?? members.count)
            } else {
                guard let found else { throw misfit }
                if isLast, operation == .remove {
                    members.remove(at: found)
                } else {
                    try apply(value, to: &members[found].value, leg: leg + 1, &steps)
                }
            }
            node = .object(members)
        default: throw misfit
        }
    }
}
