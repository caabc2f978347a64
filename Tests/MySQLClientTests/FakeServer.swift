import Common
import Foundation
import Glibc

/// A server on a loopback port that does what a test's script says, on a thread of its own: one connection after the other.
final class FakeServer: Sendable {
    let port: UInt16
    private let listener: Int32

    init(_ script: @escaping @Sendable (Session) throws -> Void) {
        let (descriptor, port) = Self.listen()
        listener = descriptor
        self.port = port
        Thread.detachNewThread { Self.serve(descriptor, script) }
    }

    private static func listen() -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            let results = [bind(descriptor, pointer, length), Glibc.listen(descriptor, 8), getsockname(descriptor, pointer, &length)]
            precondition(results == [0, 0, 0], "no port for a fake server: \(String(cString: strerror(errno)))")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func serve(_ listener: Int32, _ script: (Session) throws -> Void) {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor < 0 { break }
            try? script(Session(descriptor))
            close(descriptor)
        }
        close(listener)
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    func url(_ options: String = "?ssl-mode=disabled", user: String = "tester") throws -> MySQLURL {
        try MySQLURL(parsing: "mysql://\(user)@127.0.0.1:\(port)/\(options)")
    }

    /// One client's connection.
    struct Session {
        struct Closed: Error {}

        static let capabilities = CapabilityFlags.supported
        let descriptor: Int32

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func write(_ bytes: [UInt8]) throws {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { throw Closed() }
                rest = rest.dropFirst(count)
            }
        }

        /// Sends payloads as packets that are numbered from `sequence`.
        func send(_ payloads: [[UInt8]], from sequence: UInt8) throws {
            var writer = PacketWriter(sequence: sequence)
            for payload in payloads { writer.append(payload) }
            try write(writer.bytes)
        }

        private func read(_ count: Int) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            guard recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count else { throw Closed() }
            return bytes
        }

        /// The next payload, of one packet.
        func receive() throws -> [UInt8] {
            let header = try read(PacketFraming.headerByteCount)
            return try read(Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16)
        }

        func greet(version: String = "9.7.4", capabilities: CapabilityFlags = Self.capabilities) throws {
            let nonce = try Nonce(Array(repeating: 7, count: 20))
            let greeting = HandshakeV10(
                serverVersion: version, connectionID: 42, nonce: nonce, capabilities: capabilities, plugin: "caching_sha2_password")
            try send([greeting.encoded()], from: 0)
        }

        /// Lets anybody in.
        func logIn(version: String = "9.7.4") throws {
            try greet(version: version)
            _ = try receive()
            try ok(from: 2)
        }

        func ok(from sequence: UInt8 = 1) throws { try send([OKPacket().encoded(for: Self.capabilities)], from: sequence) }

        func error(_ code: ErrorCode, _ message: String, from sequence: UInt8 = 1) throws {
            try send([ErrorPacket(code, message).encoded(for: Self.capabilities)], from: sequence)
        }

        func answer(_ result: ResultSet) throws {
            var writer = PacketWriter(sequence: 1)
            writer.append(result, capabilities: Self.capabilities)
            try write(writer.bytes)
        }

        /// Answers statements until a dump is asked for, with OK where `answer` has none, and returns the command and the statements.
        func awaitDump(_ answer: (String) -> ResultSet? = { _ in nil }) throws -> (ClientCommand, [String]) {
            var statements: [String] = []
            while true {
                let payload = try receive()
                let command = try ClientCommand(decoding: payload.span.bytes)
                guard case .query(let text) = command else { return (command, statements) }
                let statement = String(decoding: text, as: UTF8.self)
                statements.append(statement)
                if let result = answer(statement) { try self.answer(result) } else { try ok() }
            }
        }

        /// Waits for the client to go.
        func waitForEnd() { while (try? read(1)) != nil {} }
    }
}

/// What a script tells its test.
final class Record<Value>: @unchecked Sendable {
    private let monitor = Monitor()
    private var stored: Value

    init(_ value: Value) { stored = value }

    var value: Value { monitor.locked { stored } }

    func change(_ body: (inout Value) -> Void) { monitor.locked { body(&stored) } }
}
