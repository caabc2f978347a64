/// MySQL's binary JSON: what a JSON column's bytes are.
///
/// Any bytes may be read: a value lies inside the container that names it, nesting is bounded, and all that is visited together is no
/// more than the document has bytes, so offsets that overlap or go round end in an error.
/// Source: `json_binary.h` and `json_binary.cc` in MySQL.
enum JSONB {
    /// As `JSON_DOCUMENT_MAX_DEPTH`.
    static let maxDepth = 100

    static let smallObject: UInt8 = 0
    static let largeObject: UInt8 = 1
    static let smallArray: UInt8 = 2
    static let largeArray: UInt8 = 3
    static let literal: UInt8 = 4
    static let int16: UInt8 = 5
    static let uint16: UInt8 = 6
    static let int32: UInt8 = 7
    static let uint32: UInt8 = 8
    static let int64: UInt8 = 9
    static let uint64: UInt8 = 10
    static let double: UInt8 = 11
    static let string: UInt8 = 12
    static let opaque: UInt8 = 15

    static let null: UInt8 = 0
    static let `true`: UInt8 = 1
    static let `false`: UInt8 = 2

    /// A value: its type and the bytes from its first one to the end of what holds it.
    struct Value {
        var type: UInt8
        var bytes: UnsafeRawBufferPointer
        var depth = 0

        /// The value of a whole document. No bytes at all are a null, as a server takes them that put none into a NOT NULL column.
        init(document: UnsafeRawBufferPointer) {
            guard let first = document.first else {
                self.init(type: JSONB.literal, bytes: UnsafeRawBufferPointer(start: nullByte, count: 1))
                return
            }
            self.init(type: first, bytes: UnsafeRawBufferPointer(rebasing: document.dropFirst()))
        }

        init(type: UInt8, bytes: UnsafeRawBufferPointer, depth: Int = 0) {
            self.type = type
            self.bytes = bytes
            self.depth = depth
        }

        var isContainer: Bool { type <= JSONB.largeArray }
        var isObject: Bool { type <= JSONB.largeObject }

        /// Bytes of a scalar with a fixed length; nil for the others and for types that are not known.
        var fixedLength: Int? {
            switch type {
            case JSONB.literal: 1
            case JSONB.int16, JSONB.uint16: 2
            case JSONB.int32, JSONB.uint32: 4
            case JSONB.int64, JSONB.uint64, JSONB.double: 8
            default: nil
            }
        }
    }

    /// An array or object, its header checked.
    struct Container {
        var bytes: UnsafeRawBufferPointer
        var count: Int
        var isLarge: Bool
        var isObject: Bool
        var depth: Int

        private var width: Int { isLarge ? 4 : 2 }
        private var keyEntrySize: Int { isObject ? width + 2 : 0 }
        /// Bytes of one element's entries: less than what each takes in all.
        var entrySize: Int { keyEntrySize + width + 1 }

        private func integer(_ offset: Int, width: Int) -> Int {
            Int(littleEndian(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + width])))
        }

        init(_ value: Value) throws(CodecError) {
            isLarge = value.type & 1 == 1
            isObject = value.isObject
            depth = value.depth
            bytes = value.bytes
            count = 0
            guard depth < JSONB.maxDepth else { throw CodecError(.invalid, at: 0, "JSON nested deeper than \(JSONB.maxDepth)") }
            guard bytes.count >= 2 * width else { throw JSONB.damaged }
            count = integer(0, width: width)
            let size = integer(width, width: width)
            guard size <= bytes.count, size >= 2 * width, count <= (size - 2 * width) / entrySize else { throw JSONB.damaged }
            bytes = UnsafeRawBufferPointer(rebasing: bytes[..<size])
        }

        func key(_ index: Int) throws(CodecError) -> UnsafeRawBufferPointer {
            let entry = 2 * width + index * keyEntrySize
            let start = integer(entry, width: width)
            let length = integer(entry + width, width: 2)
            guard start <= bytes.count, length <= bytes.count - start else { throw JSONB.damaged }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
        }

        func value(_ index: Int) throws(CodecError) -> Value {
            let entry = 2 * width + count * keyEntrySize + index * (width + 1)
            let type = bytes[entry]
            let isInline =
                type == JSONB.literal || type == JSONB.int16 || type == JSONB.uint16
                || (isLarge && (type == JSONB.int32 || type == JSONB.uint32))
            var start = entry + 1
            if !isInline {
                start = integer(entry + 1, width: width)
                guard start < bytes.count else { throw JSONB.damaged }
            }
            return Value(type: type, bytes: UnsafeRawBufferPointer(rebasing: bytes[start...]), depth: depth + 1)
        }
    }

    /// The length in front of a string or an opaque value: seven bits a byte, the lowest first.
    static func variableLength(_ bytes: UnsafeRawBufferPointer) throws(CodecError) -> UnsafeRawBufferPointer {
        var length = 0
        for index in 0..<min(5, bytes.count) {
            length |= Int(bytes[index] & 0x7f) << (7 * index)
            if bytes[index] & 0x80 == 0 {
                guard length <= bytes.count - index - 1 else { throw damaged }
                return UnsafeRawBufferPointer(rebasing: bytes[index + 1..<index + 1 + length])
            }
        }
        throw damaged
    }

    static var damaged: CodecError { CodecError(.invalid, at: 0, "binary JSON goes past its end") }
}

/// A JSON null where there are no bytes; it lives as long as the program.
private nonisolated(unsafe) let nullByte: UnsafeMutableRawPointer = {
    let byte = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
    byte.storeBytes(of: JSONB.null, as: UInt8.self)
    return byte
}()
