/// A bearer token, compared in a time that does not tell how much of a guess was right.
struct AdminToken: Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// Nil where no `Authorization` header could carry it: empty, or with a byte that is no visible ASCII character.
    ///
    /// - Parameter bytes: the token alone, without the newline that its file may end in.
    init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        self.bytes = Array(bytes)
    }

    /// The time depends on the guess's length only.
    func matches(_ guess: some Collection<UInt8>) -> Bool {
        var difference: UInt8 = guess.count == bytes.count ? 0 : 1
        var position = 0
        for byte in guess {
            difference |= byte ^ bytes[position]
            position += 1
            if position == bytes.count { position = 0 }
        }
        return difference == 0
    }

    /// Never the token itself, so that no log line has it.
    var description: String { "(token)" }
}
