import Common
import Testing

@testable import MySQLClient

/// Packets of a dump → what the files hold, however the bytes are cut.
@Suite struct DumpDecoderTests {
    private enum Outcome: Equatable {
        case more
        case end
        case failure(DumpDecoder.Failure)
    }

    /// Feeds the stream in chunks of a size and gathers the files.
    private static func decode(_ stream: [UInt8], chunkBytes: Int) -> (files: [(BinlogPosition, [UInt8])], outcome: Outcome) {
        var decoder = DumpDecoder()
        var files: [(BinlogPosition, [UInt8])] = []
        var start = 0
        while start < stream.count {
            let chunk = Array(stream[start..<min(stream.count, start + chunkBytes)])
            start += chunk.count
            var offset = 0
            while true {
                let step: DumpDecoder.Step?
                do { step = try decoder.next(in: chunk.span.bytes, from: &offset) } catch { return (files, .failure(error)) }
                guard let step else { break }
                switch step {
                case .file(let position): files.append((position, []))
                case .bytes(let range): files[files.count - 1].1 += chunk[range]
                case .event(_, let range?): files[files.count - 1].1 += chunk[range]
                case .event(_, nil): files[files.count - 1].1 += decoder.held
                case .end: return (files, .end)
                }
            }
        }
        return (files, .more)
    }

    @Test(arguments: [1, 2, 3, 5, 19, 20, 21, 1000, 8192, 1 << 20])
    func `the files come out whole whatever the reads are`(chunkBytes: Int) {
        let two = TwoFiles()
        let (files, outcome) = Self.decode(two.stream, chunkBytes: chunkBytes)
        #expect(outcome == .end)
        #expect(files.map(\.0) == ["binlog.000001", "binlog.000002"].map { BinlogPosition(file: $0, offset: 4) })
        #expect(files.map(\.1) == [two.first, two.second].map { Array($0.joined()) })
    }

    @Test func `a ROTATE of the file is kept and one for the connection is not`() {
        let kept = DumpEvents.event(.rotate, body: [4, 0, 0, 0, 0, 0, 0, 0] + Array("b.2".utf8))
        let stream = DumpEvents.packets(
            [DumpEvents.rotate(to: "b.1", position: 120, checksum: .crc32), kept].map(DumpEvents.payload))
        let (files, outcome) = Self.decode(stream, chunkBytes: 100)
        #expect(outcome == .more)
        #expect(files.map(\.0) == [BinlogPosition(file: "b.1", offset: 120)])
        #expect(files.map(\.1) == [kept])
    }

    @Test(arguments: [1, 1 << 20]) func `an error ends the dump in the server's words`(chunkBytes: Int) {
        let packet = ErrorPacket(.fatalErrorReadingBinlog, "Could not find first log file name in binary log index file")
        let stream = DumpEvents.packets([packet.encoded(for: .supported)])
        #expect(Self.decode(stream, chunkBytes: chunkBytes).outcome == .failure(.refused(packet)))
    }

    @Test func `an event of another length than its packet is refused`() {
        let event = DumpEvents.event(.query, body: Array(repeating: 1, count: 30))
        for wrong in [Array(event.dropLast()), event + [0]] {
            let stream = DumpEvents.packets([DumpEvents.rotate(to: "b.1", checksum: .none), wrong].map(DumpEvents.payload))
            for chunkBytes in [1, 25, 1000] {
                guard case .failure(.malformed) = Self.decode(stream, chunkBytes: chunkBytes).outcome else {
                    Issue.record("an event of \(wrong.count) bytes was taken for one of \(event.count), in reads of \(chunkBytes)")
                    continue
                }
            }
        }
    }

    @Test func `events before any ROTATE, empty packets and unknown ones are refused`() {
        for payload in [DumpEvents.payload(DumpEvents.event(.query, body: [])), [], [0], [7, 7, 7], [0, 1, 2, 3]] {
            guard case .failure(.malformed) = Self.decode(DumpEvents.packets([payload]), chunkBytes: 1000).outcome else {
                Issue.record("\(payload) was taken")
                continue
            }
        }
    }

    @Test func `a server cannot make a message be held that is not small`() {
        let endless = [0xff] + [UInt8](repeating: 0x41, count: 200_000)
        let rotate = DumpEvents.rotate(to: String(repeating: "x", count: 200_000), checksum: .none)
        for payload in [endless, DumpEvents.payload(rotate)] {
            guard case .failure(.malformed) = Self.decode(DumpEvents.packets([payload]), chunkBytes: 1000).outcome else {
                Issue.record("a message of \(payload.count) bytes was held")
                continue
            }
        }
    }

    @Test func `whatever is changed in a dump, it is taken or refused`() {
        let stream = TwoFiles().stream
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var changed = stream
            for _ in 0..<3 {
                let place = Int.random(in: 0..<min(stream.count, 400), using: &generator)
                changed[place] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = Self.decode(changed, chunkBytes: Int.random(in: 1..<500, using: &generator))
        }
    }
}
