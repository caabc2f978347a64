import Common
import Foundation
import Log
import Testing

@testable import kingbus_node

@Suite struct BatchBuilderTests {
    private static let mebibyte = BatchBuilder.targetBytes

    /// Appends a transaction's events in their roles.
    private func append(_ events: [SourceEvent], to builder: inout BatchBuilder) {
        for (index, event) in events.enumerated() {
            let role: BatchBuilder.Role = index == 0 ? .begins : index == events.count - 1 ? .ends : .continues
            builder.append(event, role: role)
        }
    }

    private func drain(_ builder: inout BatchBuilder, eager: Bool = true) -> [Batch] {
        var batches: [Batch] = []
        while let batch = builder.next(eager: eager) { batches.append(batch) }
        return batches
    }

    @Test func `complete transactions share a batch, and an incomplete one waits`() {
        var file = SourceFile("b.000001")
        var builder = BatchBuilder()
        append(file.transaction(1), to: &builder)
        append(file.transaction(2), to: &builder)
        let end = file.position
        let third = file.transaction(3)
        builder.append(third[0], role: .begins)
        #expect(builder.isInTransaction)
        #expect(builder.next(eager: false) == nil)
        let batches = drain(&builder)
        #expect(batches.map(\.chunk) == [.whole])
        #expect(batches.map(\.position) == [4])
        #expect(batches.map(\.byteCount) == [Int(end - 4)])
        #expect(builder.byteCount == third[0].bytes.count)
    }

    @Test func `a batch that has reached its size is ready although others are in flight`() {
        var file = SourceFile("b.000001")
        var builder = BatchBuilder()
        var number: UInt64 = 0
        while builder.readyBytes == 0 {
            number += 1
            append(file.transaction(number, rowBytes: [10_000]), to: &builder)
        }
        let batches = drain(&builder, eager: false)
        #expect(batches.map(\.chunk) == [.whole])
        // It ends where the last whole transaction does; the one that went over the size waits.
        #expect(abs(batches[0].byteCount - Self.mebibyte) < 20_000)
        #expect(builder.byteCount < 20_000)
    }

    @Test func `a transaction over the limit becomes chunks cut at event boundaries`() {
        var file = SourceFile("b.000001")
        var builder = BatchBuilder()
        let before = file.transaction(1)
        let large = file.transaction(2, rowBytes: Array(repeating: 400_000, count: 8))
        let behind = file.transaction(3)
        for events in [before, large, behind] { append(events, to: &builder) }
        let batches = drain(&builder)
        #expect(batches.map(\.chunk) == [.whole, .begin, .middle, .end, .whole])
        #expect(batches.map(\.position) == batches.indices.map { index in 4 + batches[..<index].reduce(0) { $0 + UInt64($1.byteCount) } })
        #expect(batches.allSatisfy { $0.byteCount < Self.mebibyte + 400_100 })
        let starts = Set((before + large + behind).map(\.position))
        #expect(batches.allSatisfy { starts.contains($0.position) })
        #expect(!builder.isInTransaction)
    }

    @Test func `what is not contiguous is not in one batch`() {
        var file = SourceFile("b.000001")
        var builder = BatchBuilder()
        append(file.transaction(1), to: &builder)
        file.position += 1000
        append(file.transaction(2), to: &builder)
        var next = SourceFile("b.000002")
        append(next.transaction(3), to: &builder)
        let batches = drain(&builder)
        #expect(batches.count == 3)
        #expect(batches.map { String(decoding: $0.file, as: UTF8.self) } == ["b.000001", "b.000001", "b.000002"])
        #expect(batches[2].position == 4)
    }

    @Test func `a new format stands alone, with what is before it in a batch of its own`() {
        var file = SourceFile("b.000001")
        var builder = BatchBuilder()
        append(file.transaction(1), to: &builder)
        let format = file.format()
        builder.append(newFormat: format.bytes.span.bytes, file: format.file, position: format.position)
        append(file.transaction(2), to: &builder)
        let batches = drain(&builder)
        #expect(batches.map { $0.newFormat != nil } == [false, true, false])
        #expect(batches[1].newFormat == format.bytes)
        #expect(batches.map(\.chunk) == [.whole, .whole, .whole])
    }

    @Test(arguments: [true, false])
    func `a spooled event is an entry of its own`(isLast: Bool) throws {
        let spool = try Spool(directory: FileManager.default.temporaryDirectory.path)
        let bytes: [UInt8] = [1, 2, 3, 4]
        try spool.append(bytes.span.bytes)
        var file = SourceFile("b.000001")
        let events = file.transaction(1)
        var second = BatchBuilder()
        second.append(events[0], role: .begins)
        second.append(spool, role: isLast ? .ends : .continues, file: events[0].file, position: events[1].position)
        if !isLast {
            let end = SourceEvent(bytes: events[3].bytes, file: events[0].file, position: events[1].position + 4)
            second.append(end, role: .ends)
        }
        let batches = drain(&second)
        #expect(batches.map(\.chunk) == (isLast ? [.begin, .end] : [.begin, .middle, .end]))
        #expect(batches[1].byteCount == 4)
        #expect(!second.isInTransaction && second.byteCount == 0)
    }

    @Test func `a reset forgets everything and tells whether chunks are out`() {
        var file = SourceFile("b.000001")
        var builder = BatchBuilder()
        builder.append(file.gtid(1), role: .begins)
        #expect(builder.reset() == false)
        #expect(builder.byteCount == 0 && !builder.isInTransaction)

        let large = file.transaction(2, rowBytes: Array(repeating: 400_000, count: 4))
        for (index, event) in large.dropLast().enumerated() {
            builder.append(event, role: index == 0 ? .begins : .continues)
        }
        #expect(builder.next(eager: false)?.chunk == .begin)
        #expect(builder.reset() == true)
        #expect(builder.next(eager: true) == nil)
    }
}

extension BatchBuilder {
    fileprivate mutating func append(_ event: SourceEvent, role: Role) {
        let bytes = event.bytes
        append(bytes.span.bytes, role: role, file: event.file, position: event.position)
    }
}
