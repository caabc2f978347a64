/// What is known of tables by their ids, of which those that were not used for long are forgotten.
///
/// There are two halves: what is used goes into the new one, and when that is full the old one is dropped. So whatever a statement has mapped
/// stays until half a cache of other tables has been mapped behind it.
public struct TableCache<Value> {
    @usableFromInline let maxHalfCount: Int
    @usableFromInline let maxHalfWeight: Int
    @usableFromInline var new: [UInt64: (value: Value, weight: Int)] = [:]
    @usableFromInline var old: [UInt64: (value: Value, weight: Int)] = [:]
    /// Of ``new``.
    @usableFromInline var weight = 0

    /// - Parameters:
    ///   - maxCount: Tables that are kept at most.
    ///   - maxWeight: What they weigh together at most, unless one alone weighs more than half of it.
    @inlinable
    public init(maxCount: Int, maxWeight: Int) {
        maxHalfCount = maxCount / 2
        maxHalfWeight = maxWeight / 2
    }

    public var count: Int { @inlinable get { new.count + old.count } }

    @inlinable
    public mutating func find(_ id: UInt64) -> Value? {
        if let found = new[id] { return found.value }
        guard let found = old[id] else { return nil }
        insert(found.value, for: id, weight: found.weight)
        return found.value
    }

    /// Keeps a value, in place of another one for the same id.
    @inlinable
    public mutating func insert(_ value: Value, for id: UInt64, weight: Int) {
        self.weight -= new.removeValue(forKey: id)?.weight ?? 0
        old[id] = nil
        if new.count >= maxHalfCount || self.weight + weight > maxHalfWeight {
            old = new
            new = [:]
            self.weight = 0
        }
        new[id] = (value, weight)
        self.weight += weight
    }

    @inlinable
    public mutating func removeAll() {
        new = [:]
        old = [:]
        weight = 0
    }
}
