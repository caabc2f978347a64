/// A JSON document as a tree, for changes; scalars keep the bytes that they had.
indirect enum JSONNode: Hashable, Sendable {
    case array([JSONNode])
    /// Sorted as MySQL sorts members: shorter keys first, then by their bytes.
    case object([Member])
    case scalar(type: UInt8, bytes: [UInt8])

    struct Member: Hashable, Sendable {
        var key: [UInt8]
        var value: JSONNode
    }

    /// Reads binary JSON.
    init(document: UnsafeRawBufferPointer) throws(CodecError) {
        var budget = document.count + 16
        self = try Self.node(JSONB.Value(document: document), &budget)
    }

    private static func spend(_ count: Int, _ budget: inout Int) throws(CodecError) {
        budget -= count
        if budget < 0 { throw CodecError(.invalid, at: 0, "values of binary JSON overlap") }
    }

    private static func node(_ value: JSONB.Value, _ budget: inout Int) throws(CodecError) -> JSONNode {
        if value.isContainer {
            let container = try JSONB.Container(value)
            try spend(container.count * container.entrySize, &budget)
            var members: [Member] = []
            var elements: [JSONNode] = []
            for index in 0..<container.count {
                let element = try node(container.value(index), &budget)
                if container.isObject {
                    let key = try container.key(index)
                    try spend(key.count, &budget)
                    members.append(Member(key: [UInt8](key), value: element))
                } else {
                    elements.append(element)
                }
            }
            return container.isObject ? .object(members) : .array(elements)
        }
        if let length = value.fixedLength {
            guard value.bytes.count >= length else { throw JSONB.damaged }
            return .scalar(type: value.type, bytes: [UInt8](value.bytes[..<length]))
        }
        guard value.type == JSONB.string || value.type == JSONB.opaque else {
            throw CodecError(.invalid, at: 0, "binary JSON of type \(value.type)")
        }
        let skipped = value.type == JSONB.opaque ? 1 : 0
        guard value.bytes.count > skipped else { throw JSONB.damaged }
        let data = try JSONB.variableLength(UnsafeRawBufferPointer(rebasing: value.bytes[skipped...]))
        try spend(data.count, &budget)
        let end =
            data.count == 0 ? skipped + lengthOfLength(value.bytes, skipped) : data.baseAddress! - value.bytes.baseAddress! + data.count
        return .scalar(type: value.type, bytes: [UInt8](value.bytes[..<end]))
    }

    private static func lengthOfLength(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
        (bytes[start...].firstIndex { $0 & 0x80 == 0 } ?? start) - start + 1
    }
}

extension JSONNode {
    /// Binary JSON, laid out as a server lays it out: containers in the small format where they fit.
    var document: [UInt8] {
        var bytes: [UInt8] = [0]
        bytes[0] = append(to: &bytes)
        return bytes
    }

    /// Appends the value without its type, which is returned.
    private func append(to bytes: inout [UInt8]) -> UInt8 {
        switch self {
        case .scalar(let type, let data):
            bytes += data
            return type
        case .array(let elements):
            if Self.append(keys: [], elements, isLarge: false, to: &bytes) { return JSONB.smallArray }
            _ = Self.append(keys: [], elements, isLarge: true, to: &bytes)
            return JSONB.largeArray
        case .object(let members):
            let keys = members.map(\.key)
            if Self.append(keys: keys, members.map(\.value), isLarge: false, to: &bytes) { return JSONB.smallObject }
            _ = Self.append(keys: keys, members.map(\.value), isLarge: true, to: &bytes)
            return JSONB.largeObject
        }
    }

    /// - Returns: False, with nothing appended, where a count or offset has no room in the small format.
    private static func append(keys: [[UInt8]], _ values: [JSONNode], isLarge: Bool, to bytes: inout [UInt8]) -> Bool {
        let width = isLarge ? 4 : 2
        let limit = isLarge ? Int(UInt32.max) : Int(UInt16.max)
        let start = bytes.count
        func giveUp(_ bytes: inout [UInt8]) -> Bool {
            bytes.removeLast(bytes.count - start)
            return false
        }
        var keyOffset = 2 * width + keys.count * (width + 2) + values.count * (width + 1)
        guard values.count <= limit, keyOffset <= limit else { return false }
        bytes.append(UInt64(values.count), byteCount: width)
        bytes.append(0, byteCount: width)
        for key in keys {
            guard keyOffset <= limit else { return giveUp(&bytes) }
            bytes.append(UInt64(keyOffset), byteCount: width)
            bytes.append(UInt64(key.count), byteCount: 2)
            keyOffset += key.count
        }
        let entries = bytes.count
        bytes += [UInt8](repeating: 0, count: values.count * (width + 1))
        for key in keys { bytes += key }
        for (index, value) in values.enumerated() {
            let entry = entries + index * (width + 1)
            if case .scalar(let type, let data) = value, type >= JSONB.literal, type <= (isLarge ? JSONB.uint32 : JSONB.uint16) {
                bytes[entry] = type
                for (position, byte) in data.enumerated() { bytes[entry + 1 + position] = byte }
            } else {
                let offset = bytes.count - start
                guard offset <= limit else { return giveUp(&bytes) }
                bytes[entry] = value.append(to: &bytes)
                for position in 0..<width { bytes[entry + 1 + position] = UInt8(truncatingIfNeeded: offset >> (8 * position)) }
            }
        }
        let size = bytes.count - start
        guard size <= limit else { return giveUp(&bytes) }
        for position in 0..<width { bytes[start + width + position] = UInt8(truncatingIfNeeded: size >> (8 * position)) }
        return true
    }
}
