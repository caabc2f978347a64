/// The answer to one COM_QUERY, put together payload by payload on the client's side.
///
///     var response = QueryResponse(capabilities: handshake.capabilities)
///     switch response.receive(payload) {
///     case .wait: break
///     case .rows(let result): …
///     case .ok(let packet): …
///     case .error(let packet): …
///     case .fail(let error): close
///     }
///
/// The whole result is held, up to a limit: it is for the small questions that are asked around a dump.
public struct QueryResponse: Sendable {
    public enum State: Hashable, Sendable {
        case awaitingHeader
        /// Definitions still to come.
        case awaitingColumns(left: Int)
        /// Servers without CLIENT_DEPRECATE_EOF end the definitions with a packet.
        case awaitingColumnsEnd
        case awaitingRows
        case done
        case failed
    }

    /// What has become of the query.
    public enum Action: Hashable, Sendable {
        case wait
        case ok(OKPacket)
        case rows(ResultSet)
        /// The server refused the query; the connection stays good.
        case error(ErrorPacket)
        /// The answer makes no sense; the connection is of no use any more.
        case fail(CodecError)
    }

    /// The most columns a table or result has in MySQL, MAX_FIELDS in `sql/sql_const.h`.
    public static let maxColumns = 4096
    /// The server asks for a file of ours.
    private static let localInfileHeader: UInt8 = 0xfb

    public private(set) var state = State.awaitingHeader
    private let capabilities: CapabilityFlags
    private let maxResultBytes: Int
    private var resultBytes = 0
    private var result = ResultSet(columns: [])

    /// - Parameters:
    ///   - capabilities: what the connection agreed on.
    ///   - maxResultBytes: a larger answer fails, so that a server cannot fill our memory.
    public init(capabilities: CapabilityFlags, maxResultBytes: Int = 64 << 20) {
        self.capabilities = capabilities
        self.maxResultBytes = maxResultBytes
    }

    /// Takes in the next payload of the answer.
    public mutating func receive(_ payload: RawSpan) -> Action {
        do {
            return try react(to: payload)
        } catch {
            state = .failed
            return .fail(error)
        }
    }

    private mutating func react(to payload: RawSpan) throws(CodecError) -> Action {
        guard payload.byteCount > 0 else { throw CodecError(.truncated, at: 0, "the answer to a query holds an empty packet") }
        if state != .done, state != .failed, payload.byte(at: 0) == ErrorPacket.header {
            let packet = try ErrorPacket(decoding: payload)
            state = .done
            return .error(packet)
        }
        // A row of many NULLs is small on the wire and not in memory.
        resultBytes += payload.byteCount
        if state == .awaitingRows { resultBytes += result.columns.count * MemoryLayout<[UInt8]?>.size }
        guard resultBytes <= maxResultBytes else {
            throw CodecError(.unsupported, at: 0, "the answer to a query is larger than \(maxResultBytes) bytes")
        }
        switch state {
        case .awaitingHeader: return try receiveHeader(payload)
        case .awaitingColumns(let left):
            result.columns.append(try ColumnDefinition(decoding: payload))
            let followed: State = capabilities.contains(.deprecateEOF) ? .awaitingRows : .awaitingColumnsEnd
            state = left > 1 ? .awaitingColumns(left: left - 1) : followed
            return .wait
        case .awaitingColumnsEnd:
            _ = try EOFPacket(decoding: payload, capabilities: capabilities)
            state = .awaitingRows
            return .wait
        case .awaitingRows: return try receiveRow(payload)
        case .done, .failed: throw CodecError(.invalid, at: 0, "a packet follows the end of the answer to a query")
        }
    }

    private mutating func receiveHeader(_ payload: RawSpan) throws(CodecError) -> Action {
        switch payload.byte(at: 0) {
        case OKPacket.header:
            let packet = try OKPacket(decoding: payload, capabilities: capabilities)
            try end(packet.status)
            return .ok(packet)
        case Self.localInfileHeader:
            throw CodecError(.unsupported, at: 0, "the server asks for a local file")
        default:
            var reader = ByteReader(payload)
            let count = try reader.lengthEncodedInteger()
            guard count > 0, count <= Self.maxColumns, reader.isAtEnd else {
                throw CodecError(.invalid, at: 0, "the answer to a query has \(count) columns")
            }
            state = .awaitingColumns(left: Int(count))
            return .wait
        }
    }

    private mutating func receiveRow(_ payload: RawSpan) throws(CodecError) -> Action {
        if EOFPacket.isEOF(payload, capabilities: capabilities) {
            try end(try EOFPacket(decoding: payload, capabilities: capabilities).status)
            return .rows(result)
        }
        var reader = ByteReader(payload)
        var row: [[UInt8]?] = []
        row.reserveCapacity(result.columns.count)
        for _ in result.columns {
            if reader.remaining > 0, payload.byte(at: reader.offset) == ResultSetEncoder.null {
                try reader.skip(1)
                row.append(nil)
            } else {
                row.append(try reader.lengthEncodedBytes().array)
            }
        }
        guard reader.isAtEnd else {
            throw CodecError(.invalid, at: reader.offset, "a row has more than \(result.columns.count) values")
        }
        result.rows.append(row)
        return .wait
    }

    private mutating func end(_ status: StatusFlags) throws(CodecError) {
        guard !status.contains(.moreResultsExist) else {
            throw CodecError(.unsupported, at: 0, "the server announces a second result, which was not asked for")
        }
        state = .done
    }
}
