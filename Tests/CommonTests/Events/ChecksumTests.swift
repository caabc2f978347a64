import CChecksums
import Common
import Testing

@Suite struct ChecksumTests {
    /// The check value that each CRC's definition names.
    @Test("the digits 1 to 9 have the CRCs that the definitions name")
    func checkValues() {
        let digits = Array("123456789".utf8)
        #expect(CRC32.checksum(of: digits.span.bytes) == 0xcbf4_3926)
        #expect(CRC32C.checksum(of: digits.span.bytes) == 0xe306_9283)
        #expect(kingbus_crc32_portable(0, digits, digits.count) == 0xcbf4_3926)
        #expect(kingbus_crc32c_portable(0, digits, digits.count) == 0xe306_9283)
    }

    @Test("no bytes leave a CRC as it is")
    func empty() {
        #expect(kingbus_crc32(0x1234_5678, nil, 0) == 0x1234_5678)
        #expect(kingbus_crc32c(0x1234_5678, nil, 0) == 0x1234_5678)
    }

    @Test("the fast paths agree with the tables at every length and alignment", arguments: 0..<16)
    func everyLength(alignment: Int) {
        var generator = SplitMix64(seed: UInt64(alignment))
        let bytes = generator.bytes(2100)
        bytes.withUnsafeBytes { buffer in
            for length in Array(0...600) + [1023, 1024, 1025, 2047, 2048] {
                let start = buffer.baseAddress! + alignment
                let seed = UInt32(truncatingIfNeeded: generator.next())
                #expect(kingbus_crc32(seed, start, length) == kingbus_crc32_portable(seed, start, length), "\(length) bytes")
                #expect(kingbus_crc32c(seed, start, length) == kingbus_crc32c_portable(seed, start, length), "\(length) bytes")
            }
        }
    }

    @Test("a CRC taken in two parts is the CRC of the whole, wherever it is cut")
    func continuation() {
        var generator = SplitMix64(seed: 7)
        let bytes = generator.bytes(600)
        let span = bytes.span.bytes
        let ieee = CRC32.checksum(of: span)
        let castagnoli = CRC32C.checksum(of: span)
        for cut in 0...bytes.count {
            let (front, back) = (span.extracting(0..<cut), span.extracting(cut..<bytes.count))
            #expect(CRC32.checksum(of: back, continuing: CRC32.checksum(of: front)) == ieee)
            #expect(CRC32C.checksum(of: back, continuing: CRC32C.checksum(of: front)) == castagnoli)
        }
    }
}
