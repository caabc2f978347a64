import BinlogFiles
import Common
import Testing

@testable import flashback

@Suite struct FingerprintTableTests {
    private static func key(_ number: UInt64, page: UInt64 = 0) -> Chain { Chain(low: page, high: number) }

    @Test("what is put in is found again, and nothing else, also where a page is full")
    func overflow() throws {
        let folder = try TemporaryFolder()
        // All begin in the page 0, which has room for 128.
        var table = try FingerprintTable(capacity: 1000, in: folder.path(""))
        for number in 1...1000 {
            let (isNew, mention) = try table.update(Self.key(UInt64(number))) { entry in
                entry.balance = Int32(number)
                entry.need = -Int32(number)
                return entry.mention == 0
            }
            #expect(isNew && mention == UInt64(number))
        }
        for number in 1...1000 {
            let entry = try #require(try table.find(Self.key(UInt64(number))))
            #expect(entry.mention == UInt64(number) && entry.balance == Int32(number) && entry.need == -Int32(number))
        }
        let missing = try table.find(Self.key(1001)) == nil
        let elsewhere = try table.find(Self.key(1, page: 1)) == nil
        #expect(missing && elsewhere)
        let (wasNew, mention) = try table.update(Self.key(7)) { $0.mention == 0 }
        #expect(!wasNew && mention == 1001)
        let first = try table.find(Self.key(7))?.mention
        #expect(first == 7)
    }

    @Test("more than was counted is refused")
    func capacity() throws {
        let folder = try TemporaryFolder()
        var table = try FingerprintTable(capacity: 1, in: folder.path(""))
        for number in 1...128 { _ = try table.update(Self.key(UInt64(number))) { _ in } }
        var isRefused = false
        do throws(ToolError) { _ = try table.update(Self.key(129)) { _ in } } catch { isRefused = error.code == .failure }
        #expect(isRefused)
    }
}
