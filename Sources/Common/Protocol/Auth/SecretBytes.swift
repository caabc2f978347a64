import CLibcrypto

/// Bytes that must not outlive their use nor appear in any text: passwords and what is derived from them.
///
/// The memory is overwritten when the last reference goes. Printing one shows only that it is a secret.
public final class SecretBytes: Sendable {
    private nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer
    /// Number of bytes.
    public let count: Int

    /// Copies `bytes`; the copy that the caller has is the caller's to wipe.
    public convenience init(_ bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { _ = $0.initializeMemory(as: UInt8.self, from: bytes) }
    }

    /// Copies the bytes of `span`.
    public convenience init(_ span: RawSpan) {
        self.init(count: span.byteCount) { target in span.withUnsafeBytes { target.copyMemory(from: $0) } }
    }

    /// - Parameters:
    ///   - count: number of bytes.
    ///   - initialize: fills them all; they are zero before.
    public init(count: Int, initializingWith initialize: (UnsafeMutableRawBufferPointer) -> Void) {
        // One byte more, so that an empty secret has an address to give to C functions too.
        storage = .allocate(byteCount: count + 1, alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        self.count = count
        initialize(UnsafeMutableRawBufferPointer(rebasing: storage[0..<count]))
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    public var isEmpty: Bool { count == 0 }

    /// Lends the bytes for the time of the call.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(rebasing: storage[0..<count]))
    }

    /// A copy of the first `count` bytes.
    func prefix(_ count: Int) -> SecretBytes {
        SecretBytes(count: count) { target in withBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[0..<count])) } }
    }
}

extension SecretBytes: Equatable {
    /// Takes as long for equal bytes as for others of the same number.
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        guard left.count == right.count else { return false }
        return left.withBytes { a in right.withBytes { b in CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0 } }
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
