import Foundation
import Glibc

/// A blocking HTTP client of a server on 127.0.0.1 inside a namespace. It keeps its connection, and makes a new one after an error.
final class NamespaceClient {
    private let space: NetworkNamespace
    private let port: UInt16
    private var connection: Int32?

    init(in space: NetworkNamespace, port: UInt16) {
        self.space = space
        self.port = port
    }

    deinit { disconnect() }

    func get(_ path: String) throws -> (status: Int, body: Data) {
        try ask("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    }

    func post(_ path: String, _ body: String = "{}") throws -> (status: Int, body: Data) {
        try ask(
            "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }

    private func ask(_ request: String) throws -> (status: Int, body: Data) {
        do {
            let socket = try connection ?? connect()
            let sent = Array(request.utf8).withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent == request.utf8.count else { throw NamespaceClientError("cannot send") }
            return try answer(on: socket)
        } catch {
            disconnect()
            throw error
        }
    }

    private func connect() throws -> Int32 {
        let descriptor = try space.inside { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        connection = descriptor
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = SocketAddress(INADDR_LOOPBACK, port)
        guard address.with({ Glibc.connect(descriptor, $0, $1) }) == 0 else { throw NamespaceClientError("cannot connect") }
        return descriptor
    }

    private func disconnect() {
        if let connection { close(connection) }
        connection = nil
    }

    private func answer(on socket: Int32) throws -> (status: Int, body: Data) {
        var received = Data()
        let end = Data("\r\n\r\n".utf8)
        while true {
            if let headEnd = received.range(of: end) {
                let head = String(decoding: received[..<headEnd.lowerBound], as: UTF8.self).lowercased().components(separatedBy: "\r\n")
                let length = head.first { $0.hasPrefix("content-length:") }.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
                let status = head.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") }
                guard let length, let status else { throw NamespaceClientError("got an answer without status or length") }
                let body = received[headEnd.upperBound...]
                if body.count >= length { return (status, Data(body)) }
            }
            var chunk = [UInt8](repeating: 0, count: 16 << 10)
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { throw NamespaceClientError("got no whole answer") }
            received.append(contentsOf: chunk[..<count])
        }
    }
}

struct NamespaceClientError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
