import Common
import Testing

@Suite struct TableCacheTests {
    @Test("tables that are used stay, however many others come")
    func used() {
        var cache = TableCache<Int>(maxCount: 8, maxWeight: 1000)
        for id in 0..<1000 as Range<UInt64> {
            cache.insert(Int(id), for: id, weight: 1)
            #expect(cache.find(0) == 0 && cache.find(id) == Int(id))
            #expect(cache.count <= 8)
        }
    }

    @Test("what was kept last stays while half of the cache comes behind it")
    func statement() {
        var cache = TableCache<Int>(maxCount: 8, maxWeight: 80)
        for start in 0..<50 as Range<UInt64> {
            for id in start..<start + 4 { cache.insert(1, for: id, weight: 10) }
            for id in start..<start + 4 { #expect(cache.find(id) == 1) }
        }
    }

    @Test("heavy ones push out others, and one that is too heavy is kept alone")
    func weight() {
        var cache = TableCache<Int>(maxCount: 8, maxWeight: 80)
        for id in 0..<100 as Range<UInt64> {
            cache.insert(1, for: id, weight: 50)
            #expect(cache.find(id) == 1 && cache.count <= 2)
        }
        cache.insert(2, for: 99, weight: 1)
        #expect(cache.find(99) == 2)
        cache.removeAll()
        #expect(cache.count == 0 && cache.find(99) == nil)
    }
}
