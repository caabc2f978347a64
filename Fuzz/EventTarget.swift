import Common

/// Events one behind the other: every decoder, the transactions' bounds, and what compressed events hold.
enum EventTarget: Target {
    static func run(_ input: UnsafeRawBufferPointer) -> Depth {
        var decoders = EveryDecoder()
        var bytes = [UInt8](input)
        var start = 0
        var isPastHeader = false
        // An event that does not say how long it is takes the rest, so that most bytes are behind a header that holds.
        while bytes.count - start >= EventHeader.byteCount {
            var length = bytes[start + EventHeader.eventLengthOffset..<start + EventHeader.eventLengthOffset + 4].reversed().reduce(0) {
                $0 << 8 | Int($1)
            }
            if length < EventHeader.byteCount || length > bytes.count - start {
                length = bytes.count - start
                bytes.store(littleEndian: UInt32(length), at: start + EventHeader.eventLengthOffset)
            }
            let event = Array(bytes[start..<start + length])
            decoders.run(event)
            isPastHeader = isPastHeader || EventType.named.contains(event[4])
            start += length
        }
        // Cut off, and with a length that is a lie.
        decoders.run(Array(bytes[start...]))
        return decoders.answers > 0 && isPastHeader ? .answered : isPastHeader ? .pastHeader : .refused
    }

    static func seeds() throws -> [[UInt8]] {
        var seeds: [[UInt8]] = []
        for (_, events) in try Recorded.files() {
            let small = events.filter { $0.count <= Recorded.maxEventBytes }
            var kinds: [UInt8: Int] = [:]
            for event in small {
                kinds[event[4], default: 0] += 1
                if kinds[event[4], default: 0] <= 12 { seeds.append(restored(event)) }
            }
            // Stretches of transactions, for what depends on the events before.
            for first in stride(from: 0, to: small.count, by: 6) {
                let stretch = small[first..<min(first + 12, small.count)].map(restored).joined()
                if stretch.count <= Recorded.maxEventBytes { seeds.append(Array(stretch)) }
            }
        }
        return seeds
    }

    /// With the length that it has without its checksum.
    private static func restored(_ event: [UInt8]) -> [UInt8] {
        var event = event
        event.store(littleEndian: UInt32(event.count), at: EventHeader.eventLengthOffset)
        return event
    }
}

extension EventType {
    /// Numbers of the types that have a name, and so a decoder.
    fileprivate static let named = Set<UInt8>((0...255).filter { !"\(EventType(rawValue: $0))".contains("\($0)") })
}
