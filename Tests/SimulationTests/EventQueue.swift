/// What is going to happen in a simulation, by time; of two things at the same time, first what was planned first.
struct EventQueue {
    private struct Item {
        var time: UInt64
        var number: UInt64
        var action: () -> Void

        func isBefore(_ other: Item) -> Bool { time != other.time ? time < other.time : number < other.number }
    }

    /// A binary heap.
    private var items: [Item] = []
    private var nextNumber: UInt64 = 0

    /// - Parameter time: microseconds since the simulation began.
    mutating func add(at time: UInt64, _ action: @escaping () -> Void) {
        items.append(Item(time: time, number: nextNumber, action: action))
        nextNumber += 1
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].isBefore(items[parent]) else { break }
            items.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out what happens next.
    mutating func next() -> (time: UInt64, action: () -> Void)? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        if !items.isEmpty {
            items[0] = last
            var parent = 0
            while true {
                var child = 2 * parent + 1
                guard child < items.count else { break }
                if child + 1 < items.count, items[child + 1].isBefore(items[child]) { child += 1 }
                guard items[child].isBefore(items[parent]) else { break }
                items.swapAt(child, parent)
                parent = child
            }
        }
        return (first.time, first.action)
    }
}
