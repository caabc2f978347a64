import Common

/// Hands stretches of the input to threads that print them, and writes what they print in the input's order.
///
/// A few stretches are under way at a time, however large the input is and however slow the output. What a thread has printed waits in
/// memory until it is its turn; a thread that prints much of one stretch waits with it, and from its turn on writes as it goes.
final class Pipeline: @unchecked Sendable {
    // All mutable state is touched inside the monitor; `output`, `rows` and `transactions` by whoever's turn it is.
    /// Bytes that are under way at a time, unless one stretch alone has more.
    private static let maxBytes = 8 << 20
    /// The largest stretch whose memory is kept for another.
    private static let maxKeptBytes = 2 * Work.maxBytes
    /// Stretches whose memory is kept.
    private let maxSpare: Int

    private let monitor = Monitor()
    private let output: Output
    /// What is to be printed, in order.
    private var queue: [Work] = []
    private var spare: [Work] = []
    private var bytesUnderWay = 0
    private var nextNumber: UInt64 = 0
    private var submitted: UInt64 = 0
    /// Whose output is written next.
    private var turn: UInt64 = 0
    /// What was printed ahead of its turn.
    private var printed: [UInt64: Printed] = [:]
    /// For what is printed ahead; while there is none, who has printed waits for the turn.
    private var sparePrinted: [Printed]
    /// How far the transactions have come in the middle of which a stretch ends.
    private var counts: [UInt64: TransactionState.Counts] = [:]
    /// What went wrong first, by its place in the input; nothing behind it is written.
    private var failure: (number: UInt64, error: ToolError)?
    private var isEnough = false
    private var isClosed = false
    private var threads: [WorkerThread] = []
    private var rows = RowSummary()
    private var transactions = TransactionSummary()

    /// What became of a stretch.
    private final class Printed {
        var sink = ByteSink(capacity: Printer.sinkBytes)
        var counted = Counted()
    }

    /// What was counted in a stretch, or in what is intact of it.
    private struct Counted {
        var rows = RowSummary()
        var transactions: [EndedTransaction] = []
    }

    /// - Parameter makePrinter: makes what a thread prints with.
    init(threadCount: Int, output: Output, makePrinter: @escaping @Sendable () -> Printer) {
        self.output = output
        maxSpare = threadCount + 1
        sparePrinted = (0..<threadCount).map { _ in Printed() }
        threads = (0..<threadCount).map { _ in WorkerThread { [self] in run(makePrinter()) } }
    }

    // MARK: - For the one who reads

    /// Something to fill, for ``submit(_:)``.
    func make(in file: InspectedFile, isContinued: Bool) -> Work {
        let work = monitor.locked { spare.popLast() } ?? Work()
        work.begin(nextNumber, in: file, isContinued: isContinued)
        nextNumber += 1
        return work
    }

    /// Whether what comes will not be printed: enough was, or something went wrong.
    var isDone: Bool { monitor.locked { isEnough || failure != nil } }

    /// Waits until there is room for an event of so many bytes beside what is under way.
    func makeRoom(for byteCount: Int) {
        monitor.locked { while bytesUnderWay > 0, bytesUnderWay + byteCount > Self.maxBytes { monitor.wait() } }
    }

    func submit(_ work: Work) {
        makeRoom(for: work.byteCount)
        monitor.locked {
            bytesUnderWay += work.byteCount
            submitted += 1
            queue.append(work)
            monitor.changed()
        }
    }

    /// Waits until all that was submitted is written.
    func drain() { monitor.locked { while turn < submitted { monitor.wait() } } }

    /// Waits until all is written.
    ///
    /// - Returns: what was counted before what went wrong first.
    func finish() -> (rows: RowSummary, transactions: TransactionSummary, failure: ToolError?) {
        monitor.locked {
            isClosed = true
            monitor.changed()
        }
        for thread in threads { thread.join() }
        threads = []
        return (rows, transactions, failure?.error)
    }

    // MARK: - For the threads

    private func run(_ printer: consuming Printer) {
        while let work = take() {
            var failure: ToolError?
            if !isPointless(work.number) {
                do throws(ToolError) { try printer.print(work, in: self) } catch { failure = error }
            }
            if work.isCutShort { tell(printer.transaction.counts, endOf: work.number) }
            complete(work, &printer.sink, printer.summary.takeChanges(), failure)
        }
    }

    private func take() -> Work? {
        monitor.locked {
            while queue.isEmpty, !isClosed { monitor.wait() }
            return queue.isEmpty ? nil : queue.removeFirst()
        }
    }

    /// Whether what stretch `number` prints is not written.
    private func isPointless(_ number: UInt64) -> Bool { monitor.locked { failure.map { $0.number < number } ?? false } }

    /// Writes what has gathered, once it is this stretch's turn: for stretches that print more than memory should hold.
    func write(_ bytes: RawSpan, of number: UInt64) {
        monitor.locked { while turn != number { monitor.wait() } }
        pass(bytes, of: number)
    }

    /// Tells how far the transaction has come at the end of stretch `number`, in whose successor it goes on.
    private func tell(_ count: TransactionState.Counts, endOf number: UInt64) {
        monitor.locked {
            counts[number] = count
            monitor.changed()
        }
    }

    /// Waits until the stretch before has been printed, and returns how far the transaction has come in it.
    func counts(before number: UInt64) -> TransactionState.Counts {
        monitor.locked {
            while true {
                if let count = counts[number - 1] { return count }
                monitor.wait()
            }
        }
    }

    /// Lets the reader know that no more events are printed.
    func stop() { monitor.locked { isEnough = true } }

    private func complete(_ work: Work, _ sink: inout ByteSink, _ rows: RowSummary, _ error: ToolError?) {
        var counted = Counted(rows: rows, transactions: work.transactions)
        if let error {
            note(error, at: work.number)
            counted.transactions.removeAll { $0.lastOffset >= error.offset ?? 0 }
        }
        let isTurn = monitor.locked {
            while turn != work.number, sparePrinted.isEmpty { monitor.wait() }
            if turn == work.number { return true }
            let ahead = sparePrinted.removeLast()
            swap(&ahead.sink, &sink)
            ahead.counted = counted
            printed[work.number] = ahead
            return false
        }
        if isTurn { passOn(sink.bytes, counted, of: work.number) }
        sink.removeAll(keeping: Printer.sinkBytes)
        monitor.locked {
            bytesUnderWay -= work.byteCount
            if work.byteCount <= Self.maxKeptBytes, spare.count < maxSpare { spare.append(work) }
            monitor.changed()
        }
    }

    /// Writes what the stretch whose turn it is has printed, and what those behind it have, and counts what was counted in them.
    private func passOn(_ bytes: RawSpan, _ counted: Counted, of number: UInt64) {
        pass(bytes, of: number)
        count(counted, of: number)
        var number = number
        while let next = advance() {
            number += 1
            pass(next.sink.bytes, of: number)
            count(next.counted, of: number)
            next.sink.removeAll(keeping: Printer.sinkBytes)
            next.counted = Counted()
            monitor.locked {
                sparePrinted.append(next)
                monitor.changed()
            }
        }
    }

    private func count(_ counted: Counted, of number: UInt64) {
        guard !isPointless(number) else { return }
        rows.merge(counted.rows)
        for transaction in counted.transactions { transactions.add(transaction) }
    }

    /// Gives the turn to the next stretch; returns what became of it, if it is complete.
    private func advance() -> Printed? {
        monitor.locked {
            turn += 1
            // Whoever needs these has them: the next stretch was taken long ago, or begins anew.
            if turn > 1 { counts[turn - 2] = nil }
            monitor.changed()
            return printed.removeValue(forKey: turn)
        }
    }

    private func pass(_ bytes: RawSpan, of number: UInt64) {
        guard bytes.byteCount > 0, !isPointless(number) else { return }
        do throws(ToolError) { try output.write(bytes) } catch { note(error, at: number) }
    }

    private func note(_ error: ToolError, at number: UInt64) {
        monitor.locked {
            if failure.map({ number < $0.number }) ?? true { failure = (number, error) }
            monitor.changed()
        }
    }
}
