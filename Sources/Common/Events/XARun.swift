/// An XA transaction that is open in a stream of events: what it takes to undo it if the stream breaks off.
public struct XARun: Hashable, Sendable {
    /// Longest XID text that is taken: two parts of 64 bytes in hexadecimal and a format number need 280.
    static let maxXIDByteCount = 512

    /// The XID as the XA START had it, as `X'6b',X'',1`.
    public let xid: [UInt8]
    /// Whether its XA END has been seen.
    public internal(set) var hasEnded = false

    /// The statements that end and undo the transaction, in order.
    public var rollbackStatements: [[UInt8]] {
        let rollback = Array("XA ROLLBACK ".utf8) + xid
        return hasEnded ? [rollback] : [Array("XA END ".utf8) + xid, rollback]
    }
}
