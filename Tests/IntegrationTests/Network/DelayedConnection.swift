import Glibc

/// Two sockets whose bytes go to the other one, later. Both ways are unbounded: nothing is slower for a long way than the way itself.
struct DelayedConnection {
    private var ways: [Way]

    init(_ one: Int32, _ other: Int32) {
        for socket in [one, other] {
            var on: Int32 = 1
            setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        }
        ways = [Way(from: one, to: other), Way(from: other, to: one)]
    }

    /// Waits for something to do, not longer than 100 ms, and does it.
    ///
    /// - Parameter delay: in microseconds.
    /// - Returns: whether more can come.
    mutating func turn(delay: UInt64) -> Bool {
        let start = Self.now
        var waiting = ways.flatMap { way in
            [
                pollfd(fd: way.hasEnded ? -1 : way.from, events: Int16(POLLIN), revents: 0),
                pollfd(fd: way.isFull ? way.to : -1, events: Int16(POLLOUT), revents: 0),
            ]
        }
        let next = ways.compactMap { $0.isFull ? nil : $0.firstDue }.min()
        let milliseconds = next.map { $0 <= start ? 0 : min(($0 - start + 999) / 1000, 100) } ?? 100
        guard poll(&waiting, nfds_t(waiting.count), Int32(milliseconds)) >= 0 || errno == EINTR else { return false }
        for index in ways.indices {
            if waiting[2 * index].revents != 0, !ways[index].receive(due: Self.now + delay) { return false }
            if !ways[index].deliver(until: Self.now) { return false }
        }
        return !ways.allSatisfy(\.isOver)
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    private struct Way {
        let from: Int32
        let to: Int32
        private var chunks: [(due: UInt64, bytes: ArraySlice<UInt8>)] = []
        private var delivered = 0
        /// Nothing more comes in.
        private(set) var hasEnded = false
        /// The socket takes no more for now.
        private(set) var isFull = false
        /// Nothing more comes in, and the end was passed on.
        private(set) var isOver = false

        init(from: Int32, to: Int32) {
            self.from = from
            self.to = to
        }

        var firstDue: UInt64? { delivered < chunks.count ? chunks[delivered].due : nil }

        mutating func receive(due: UInt64) -> Bool {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
                let received = recv(from, buffer.baseAddress, buffer.count, 0)
                if received < 0 { failure = errno }
                count = max(received, 0)
            }
            if failure != 0 { return failure == EAGAIN || failure == EINTR }
            hasEnded = bytes.isEmpty
            // An empty chunk is the end.
            chunks.append((max(due, chunks.last?.due ?? 0), bytes[...]))
            return true
        }

        mutating func deliver(until now: UInt64) -> Bool {
            isFull = false
            while let due = firstDue, due <= now {
                let bytes = chunks[delivered].bytes
                if bytes.isEmpty {
                    shutdown(to, Int32(SHUT_WR))
                    isOver = true
                } else {
                    let sent = bytes.withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    if sent < 0 {
                        isFull = errno == EAGAIN
                        return isFull || errno == EINTR
                    }
                    chunks[delivered].bytes = bytes.dropFirst(sent)
                    guard chunks[delivered].bytes.isEmpty else { continue }
                }
                chunks[delivered].bytes = []
                delivered += 1
            }
            if delivered > 64 || firstDue == nil {
                chunks.removeFirst(delivered)
                delivered = 0
            }
            return true
        }
    }
}
