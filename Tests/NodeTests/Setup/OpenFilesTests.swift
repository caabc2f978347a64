import Glibc
import Testing

@testable import kingbus_node

@Suite struct OpenFilesTests {
    @Test func `as many files may be open as the system allows`() {
        let allowed = OpenFiles.raiseLimit()
        var limit = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        #expect((UInt64(limit.rlim_cur), limit.rlim_cur) == (allowed, limit.rlim_max))
    }
}
