import Glibc

/// A growing run of bytes that output is written into: reserve once, then write without a check per byte.
///
///     var sink = ByteSink()
///     sink.append("id=")
///     sink.append(decimal: 42 as UInt64)
///     try output.write(sink.bytes)
///     sink.removeAll()
///
/// It owns its memory and keeps it over ``removeAll()``, so that a loop allocates nothing once the buffer has its size. A sink that has a
/// ``drain`` does not grow: what it holds is handed on whenever it is full.
public struct ByteSink: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    /// Bytes written so far.
    @inlinable public var count: Int { length }
    @usableFromInline var length = 0
    /// Takes what is in a full sink, which is then empty; nil lets the sink grow.
    public var drain: ((RawSpan) -> Void)?
    /// Whether the drain has to wait, because what was written last may be taken back.
    private var isHeld = false

    /// - Parameter capacity: Bytes to have room for at first; at least 64 are taken.
    public init(capacity: Int = 1 << 16) {
        self.capacity = max(capacity, 64)
        base = Self.allocate(self.capacity)
    }

    deinit { free(base) }

    /// What has been written, until the next write.
    public var bytes: RawSpan {
        @_lifetime(borrow self) get {
            _overrideLifetime(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: count)), borrowing: self)
        }
    }

    /// The same for owners that are classes: good until the next write.
    public var unsafeBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// What has been written, as text.
    public var string: String { String(decoding: UnsafeRawBufferPointer(start: base, count: count), as: UTF8.self) }

    /// Forgets the bytes and keeps the memory.
    public mutating func removeAll() { length = 0 }

    /// Forgets the bytes, and the memory above `capacity` bytes.
    public mutating func removeAll(keeping capacity: Int) {
        length = 0
        guard self.capacity > capacity else { return }
        free(base)
        self.capacity = max(capacity, 64)
        base = Self.allocate(self.capacity)
    }

    /// Lets `body` write something that it may take back again with ``truncate(to:)``: nothing is drained while it runs.
    mutating func hold<Result, Failure>(_ body: (inout ByteSink) throws(Failure) -> Result) throws(Failure) -> Result {
        let wasHeld = isHeld
        isHeld = true
        defer { isHeld = wasHeld }
        return try body(&self)
    }

    /// Forgets what stands behind the first `newCount` bytes; a larger count changes nothing.
    public mutating func truncate(to newCount: Int) { length = max(0, min(length, newCount)) }

    /// Writes over bytes that are there already; the range must lie inside what has been written since the last drain.
    public mutating func overwrite(_ range: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        precondition(range.lowerBound >= 0 && range.upperBound <= length)
        body(UnsafeMutableRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Sets a bit of the bytes from `start` on, the first one lowest.
    mutating func setBit(_ index: Int, from start: Int) {
        overwrite(start + index / 8..<start + index / 8 + 1) { $0[0] |= 1 << UInt8(index % 8) }
    }

    /// Lets `body` write up to `byteCount` bytes behind what there is; it returns how many it has written.
    public mutating func append<Failure>(
        capacity byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        let written = try body(UnsafeMutableRawBufferPointer(start: reserve(byteCount), count: byteCount))
        precondition(written >= 0 && written <= byteCount)
        length += written
        return written
    }

    /// Makes room for `byteCount` bytes more and returns where they go.
    @inlinable @inline(__always)
    mutating func reserve(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if capacity - length < byteCount { grow(byteCount) }
        return base + length
    }

    /// Counts bytes that were written where ``reserve(_:)`` said.
    @inlinable @inline(__always)
    mutating func advance(_ byteCount: Int) {
        length &+= byteCount
        assert(length <= capacity)
    }

    /// Counts bytes up to `end`, which lies inside what ``reserve(_:)`` returned.
    @inline(__always)
    mutating func advance(to end: UnsafeMutableRawPointer) {
        length = end - base
        assert(length <= capacity)
    }

    @usableFromInline @inline(never)
    mutating func grow(_ byteCount: Int) {
        if let drain, !isHeld {
            drain(bytes)
            length = 0
            if byteCount <= capacity { return }
        }
        // Large blocks are moved by the system's page tables: no second copy of them is ever there.
        capacity = max(length + byteCount, capacity * 2)
        // As everywhere in Swift, there is no going on without memory; what an input may ask for is bounded by its readers.
        guard let larger = realloc(base, capacity) else { fatalError("out of memory") }
        base = larger
    }

    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        guard let new = malloc(byteCount) else { fatalError("out of memory") }
        return new
    }
}

extension ByteSink {
    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1).storeBytes(of: byte, as: UInt8.self)
        advance(1)
    }

    /// Appends text that is known when the program is built.
    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length).copyMemory(from: text.utf8Start, byteCount: length)
        advance(length)
    }

    public mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { append($0) }
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count).copyMemory(from: start, byteCount: bytes.count)
        advance(bytes.count)
    }

    /// Appends `count` bytes, behind which 15 more can be read.
    @inline(__always)
    mutating func append(padded start: UnsafeRawPointer, count: Int) {
        if count <= 16 {
            reserve(16).storeBytes(of: start.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
        } else {
            reserve(count).copyMemory(from: start, byteCount: count)
        }
        advance(count)
    }

    /// Lets `body` append something for each part of `bytes`, so that however long they are, little room is asked for at once.
    @inline(__always)
    mutating func inParts(_ bytes: UnsafeRawBufferPointer, _ body: (inout ByteSink, UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Self.partBytes)
            body(&self, UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            start = end
        }
    }

    /// Bytes of a part.
    static let partBytes = 16 << 10

    /// Appends what another sink holds.
    public mutating func append(_ other: borrowing ByteSink) { append(other.unsafeBytes) }

    public mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    public mutating func append(contentsOf bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }
}
