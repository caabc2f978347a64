import Common
import Testing

@testable import MySQLClient

@Suite struct StatementBatchTests {
    @Test("each statement is a command of its own, numbered from 0")
    func packets() {
        var batch = StatementBatch()
        #expect(batch.isEmpty)
        batch.append(Array("SET @a=1".utf8).span.bytes)
        batch.append(Array("DO 0".utf8).span.bytes)
        #expect(batch.packets == [9, 0, 0, 0, 3] + Array("SET @a=1".utf8) + [5, 0, 0, 0, 3] + Array("DO 0".utf8))
        #expect(batch.sequences == [1, 1])
        batch.removeAll(keeping: 0)
        #expect(batch.isEmpty && batch.packets.isEmpty)
    }

    @Test("a statement that fills packets goes on in the next one, and its answer comes behind them")
    func largeStatement() {
        var batch = StatementBatch()
        batch.append([UInt8](repeating: 0x20, count: PacketFraming.maxPacketPayloadBytes - 1).span.bytes)
        batch.append([UInt8](repeating: 0x20, count: PacketFraming.maxPacketPayloadBytes).span.bytes)
        #expect(batch.sequences == [2, 2])
        #expect(batch.isFull)
        #expect(batch.packets.prefix(5) == [0xff, 0xff, 0xff, 0, 3])
        #expect(batch.packets.suffix(5) == [1, 0, 0, 1, 0x20])
    }
}
