import Foundation

/// Lets the disk of a process stand still, as it does when a volume hangs: fdatasync and fsync of a process with this environment do not come
/// back while a file is there.
final class StalledDisk: Sendable {
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <unistd.h>

        static int wait_and_call(const char *name, int file) {
            const char *path = getenv("KINGBUS_TEST_STALL");
            while (path && access(path, F_OK) == 0) usleep(5000);
            int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
            return real(file);
        }

        int fdatasync(int file) { return wait_and_call("fdatasync", file); }
        int fsync(int file) { return wait_and_call("fsync", file); }

        """

    private let folder: TemporaryFolder
    private let library: String

    /// Needs a C compiler, as Swift itself does.
    init() async throws {
        folder = try TemporaryFolder("stall")
        library = folder.file("stall.so")
        let source = try folder.write(Self.source, to: "stall.c")
        try await Command.succeed("/usr/bin/env", ["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
    }

    /// What the process of this name is started with.
    func environment(of name: String) -> [String: String?] {
        ["LD_PRELOAD": library, "KINGBUS_TEST_STALL": folder.file(name)]
    }

    func begin(_ name: String) throws { _ = try folder.write("", to: name) }

    func end(_ name: String) throws { try FileManager.default.removeItem(atPath: folder.file(name)) }
}
