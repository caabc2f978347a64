import Common

/// Statements that go to a server together: ``MySQLConnection/run(_:_:)``.
///
///     var batch = StatementBatch()
///     batch.append(Array("DELETE FROM t WHERE id=1".utf8).span.bytes)
///     batch.append(Array("DELETE FROM t WHERE id=2".utf8).span.bytes)
///     try connection.run(batch) { index, answer in print(index, answer) }
public struct StatementBatch: Sendable {
    private static let maxStatements = 128
    private static let maxBytes = 256 << 10

    private var writer = PacketWriter(sequence: 0)
    private var payload: [UInt8] = []
    /// The number of the packet that each statement's answer begins with.
    private(set) var sequences: [UInt8] = []

    public init() {}

    private var count: Int { sequences.count }
    public var isEmpty: Bool { sequences.isEmpty }
    /// Whether more would only make its answers wait.
    public var isFull: Bool { count >= Self.maxStatements || packets.count >= Self.maxBytes }
    /// What is sent.
    var packets: [UInt8] { writer.bytes }

    /// Adds a statement, in the connection's character set.
    public mutating func append(_ statement: RawSpan) {
        payload.removeAll(keepingCapacity: true)
        payload.append(CommandByte.query.rawValue)
        payload.append(statement)
        writer.beginCommand()
        writer.append(payload)
        sequences.append(writer.sequence)
    }

    /// Forgets the statements, and memory above `keptBytes`.
    public mutating func removeAll(keeping keptBytes: Int) {
        writer.removeAll(keeping: keptBytes)
        if payload.capacity > keptBytes { payload = [] }
        sequences.removeAll(keepingCapacity: true)
    }
}
