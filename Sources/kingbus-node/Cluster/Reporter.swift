import NIOCore

/// Tells the other members once a second what this node is doing.
final class Reporter: @unchecked Sendable {  // `task` is touched on `loop` only.
    private static let interval = TimeAmount.seconds(1)

    private let loop: any EventLoop
    private let tell: @Sendable () -> Void
    private var task: RepeatedTask?

    /// - Parameter tell: makes a report and sends it; called on `loop`.
    init(loop: any EventLoop, tell: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.tell = tell
    }

    func start() {
        loop.execute { [self] in
            task = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.interval) { [tell] _ in tell() }
        }
    }

    /// Tells at once, because something has changed that others are asked for.
    func tellNow() { loop.execute(tell) }

    func stop() {
        loop.execute { [self] in task?.cancel() }
    }
}
