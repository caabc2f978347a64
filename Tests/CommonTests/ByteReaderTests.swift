import Common
import Testing

@Suite struct ByteReaderTests {
    @Test(
        "a length-encoded integer survives writing and reading at every width",
        arguments: [0, 250, 251, 65_535, 65_536, 1 << 24, UInt64.max])
    func lengthEncodedRoundTrip(value: UInt64) throws {
        var bytes: [UInt8] = []
        bytes.append(lengthEncoded: value)
        var reader = ByteReader(bytes.span.bytes)
        #expect(try reader.lengthEncodedInteger() == value)
        #expect(reader.remaining == 0)
    }

    @Test("a read past the end throws and leaves the position alone")
    func truncation() throws {
        let bytes: [UInt8] = [1, 2, 3]
        var reader = ByteReader(bytes.span.bytes)
        do {
            _ = try reader.uint32()
            Issue.record("four bytes were read from three")
        } catch {
            #expect(error.code == .truncated)
        }
        #expect(reader.offset == 0)
        #expect(try reader.uint24() == 0x030201)
    }

    @Test("a length that exceeds what is left throws, however large it is")
    func lyingLength() throws {
        var bytes: [UInt8] = []
        bytes.append(lengthEncoded: UInt64.max)
        bytes.append(7)
        var reader = ByteReader(bytes.span.bytes)
        do {
            _ = try reader.lengthEncodedBytes()
            Issue.record("a length of 2^64-1 was accepted")
        } catch {
            #expect(error.code == .truncated)
        }
    }
}
