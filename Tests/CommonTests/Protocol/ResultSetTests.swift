import Common
import Testing

@Suite struct ResultSetTests {
    static let capabilities: [CapabilityFlags] = [.supported, CapabilityFlags.supported.subtracting(.deprecateEOF)]
    static let result = ResultSet(
        columns: [.text("Variable_name"), .integer("größe"), .text("x")],
        rows: [
            [Array("server_id".utf8), Array("17".utf8), nil],
            [[], nil, [UInt8](repeating: 0xfe, count: 70_000)],
            [nil, nil, nil],
        ])

    private func payloads(_ result: ResultSet, _ capabilities: CapabilityFlags) throws -> [[UInt8]] {
        var writer = PacketWriter(sequence: 1)
        writer.append(result, capabilities: capabilities)
        var parser = PacketParser(nextSequence: 1, maxPayloadBytes: .max)
        parser.feed(writer.bytes.span.bytes)
        var found: [[UInt8]] = []
        while let range = try parser.next() { found.append(parser.payload(range).array) }
        return found
    }

    @Test("a result set survives, with an EOF packet after the columns or without", arguments: capabilities)
    func roundTrip(capabilities: CapabilityFlags) throws {
        let payloads = try payloads(Self.result, capabilities)
        #expect(payloads.count == 1 + 3 + 3 + (capabilities.contains(.deprecateEOF) ? 1 : 2))
        var response = QueryResponse(capabilities: capabilities)
        for payload in payloads.dropLast() { #expect(response.receive(payload) == .wait) }
        #expect(response.receive(payloads[payloads.count - 1]) == .rows(Self.result))
        #expect(response.state == .done)
    }

    @Test("a row whose first value has 16 MiB is no end of rows", arguments: capabilities)
    func hugeValue(capabilities: CapabilityFlags) throws {
        let result = ResultSet(columns: [.text("a")], rows: [[[UInt8](repeating: 1, count: 1 << 24)]])
        let payloads = try payloads(result, capabilities)
        #expect(payloads[payloads.count - 2].first == 0xfe)
        var response = QueryResponse(capabilities: capabilities)
        var last = QueryResponse.Action.wait
        for payload in payloads { last = response.receive(payload) }
        #expect(last == .rows(result))
    }

    @Test("a value is found by its column's name, letter case aside")
    func lookup() {
        #expect(Self.result.text(row: 0, column: "variable_NAME") == "server_id")
        #expect(Self.result.text(row: 0, column: "größe") == "17")
        #expect(Self.result.text(row: 0, column: "x") == nil)
        #expect(Self.result.text(row: 9, column: 0) == nil)
        #expect(Self.result.text(row: 0, column: "none") == nil)
    }

    @Test("OK and error packets end a query, an error in the middle of rows too", arguments: capabilities)
    func otherAnswers(capabilities: CapabilityFlags) throws {
        let ok = OKPacket(affectedRows: 3)
        var response = QueryResponse(capabilities: capabilities)
        #expect(response.receive(ok.encoded(for: capabilities)) == .ok(ok))
        #expect(response.state == .done)

        let error = ErrorPacket(.unknownSystemVariable, "Unknown system variable 'x'")
        response = QueryResponse(capabilities: capabilities)
        #expect(response.receive(error.encoded(for: capabilities)) == .error(error))

        response = QueryResponse(capabilities: capabilities)
        for payload in try payloads(Self.result, capabilities).dropLast() { _ = response.receive(payload) }
        #expect(response.receive(error.encoded(for: capabilities)) == .error(error))
        #expect(response.state == .done)
    }

    @Test("every truncation of every packet fails, save where it is another packet", arguments: capabilities)
    func truncation(capabilities: CapabilityFlags) throws {
        let small = ResultSet(columns: Self.result.columns, rows: [[Array("server_id".utf8), Array("17".utf8), nil]])
        let payloads = try payloads(small, capabilities)
        for index in payloads.indices {
            var before = QueryResponse(capabilities: capabilities)
            for payload in payloads[..<index] { _ = before.receive(payload) }
            for count in 0..<payloads[index].count {
                var response = before
                guard case .fail = response.receive(Array(payloads[index].prefix(count))) else {
                    Issue.record("packet \(index) was accepted with \(count) bytes")
                    continue
                }
                #expect(response.state == .failed)
            }
        }
    }

    @Test("what makes no sense fails: no columns, too many, a local file, a second result, a packet behind the end")
    func nonsense() throws {
        let capabilities = CapabilityFlags.supported
        let second = OKPacket(status: .moreResultsExist).encoded(for: capabilities)
        for payload: [UInt8] in [[], [0xfb, 0x61], [0xfc, 0x01, 0x10], [0xfe, 0, 0, 0, 0, 0, 0, 0, 0x80], [1, 1], second] {
            var response = QueryResponse(capabilities: capabilities)
            guard case .fail = response.receive(payload) else {
                Issue.record("\(payload) was accepted")
                continue
            }
        }
        var response = QueryResponse(capabilities: capabilities)
        _ = response.receive(OKPacket().encoded(for: capabilities))
        guard case .fail = response.receive([0]) else { return #expect(Bool(false)) }
    }

    @Test("an answer over the limit fails, counted as memory")
    func limit() throws {
        let capabilities = CapabilityFlags.supported
        let rows = [[[UInt8]?]](repeating: [[UInt8]?](repeating: nil, count: 100), count: 100)
        let wide = ResultSet(columns: (0..<100).map { .integer("c\($0)") }, rows: rows)
        var response = QueryResponse(capabilities: capabilities, maxResultBytes: 1 << 17)
        var failed = false
        for payload in try payloads(wide, capabilities) {
            if case .fail = response.receive(payload) { failed = true }
        }
        #expect(!failed)
        response = QueryResponse(capabilities: capabilities, maxResultBytes: 1 << 16)
        for payload in try payloads(wide, capabilities) {
            if case .fail(let error) = response.receive(payload), error.code == .unsupported { failed = true }
        }
        #expect(failed)
    }
}
