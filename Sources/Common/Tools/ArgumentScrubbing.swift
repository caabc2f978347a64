import Glibc

/// Overwrites passwords that stand in URLs among the command's arguments, where `ps` and `/proc` show them to every user.
///
/// To be called first of all, with a copy of the arguments taken before: the memory that the kernel shows is changed in place.
public func hidePasswordsInArguments(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, count: Int) {
    for index in 0..<count {
        guard let argument = arguments[index] else { continue }
        let bytes = UnsafeMutableBufferPointer(start: argument, count: strlen(argument))
        bytes.withMemoryRebound(to: UInt8.self) { text in
            guard let range = passwordRange(in: UnsafeBufferPointer(text)) else { return }
            for position in range { text[position] = UInt8(ascii: "x") }
        }
    }
}

/// Where the password stands in `…scheme://user:password@host…`; nil without one.
///
/// One of MySQL with a `/` or `?` in it is no URL, and yet not to be shown.
func passwordRange(in text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    let mark = Array("://".utf8)
    guard text.count > mark.count,
        let scheme = (0..<text.count - mark.count).first(where: { text[$0..<$0 + mark.count].elementsEqual(mark) })
    else { return nil }
    let start = scheme + mark.count
    let ends = [UInt8(ascii: "/"), UInt8(ascii: "?")]
    let end = text[start...].firstIndex { ends.contains($0) } ?? text.count
    let isMySQL = text[..<scheme].suffix(5).elementsEqual("mysql".utf8)
    let last = text[start..<end].lastIndex(of: UInt8(ascii: "@")) ?? (isMySQL ? text[start...].lastIndex(of: UInt8(ascii: "@")) : nil)
    guard let last, let colon = text[start..<last].firstIndex(of: UInt8(ascii: ":")) else { return nil }
    return colon + 1..<last
}
