import Glibc

/// The process's own command line, which `ps` shows to everyone.
enum ProcessArguments {
    /// Overwrites passwords in MySQL URLs; the values that were parsed are not touched.
    static func hidePasswords() {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index], let scheme = strstr(argument, "mysql://") else { continue }
            let login = scheme + strlen("mysql://")
            guard let at = strrchr(login, Int32(UInt8(ascii: "@"))), let colon = strchr(login, Int32(UInt8(ascii: ":"))), colon < at else {
                continue
            }
            var place = colon + 1
            while place < at {
                place.pointee = CChar(UInt8(ascii: "x"))
                place += 1
            }
        }
    }
}
