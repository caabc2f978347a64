import CLibcrypto
import Glibc

extension RawSpan {
    /// Whether both spans hold the same bytes.
    public func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withUnsafeBytes { mine in
            other.withUnsafeBytes { other in
                guard let mine = mine.baseAddress, let other = other.baseAddress else { return true }
                return memcmp(mine, other, byteCount) == 0
            }
        }
    }
}

/// SHA-256 of the bytes: 32 bytes.
public func sha256(_ bytes: RawSpan) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
        bytes.withUnsafeBytes { _ = SHA256($0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count, output.baseAddress) }
        count = 32
    }
}

extension Chain {
    /// The first 16 bytes of SHA-256 over `bytes`.
    public init(digesting bytes: RawSpan) {
        self = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
            bytes.withUnsafeBytes { _ = SHA256($0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count, digest.baseAddress) }
            let halves = UnsafeRawBufferPointer(digest)
            return Chain(
                low: UInt64(littleEndian: halves.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                high: UInt64(littleEndian: halves.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
