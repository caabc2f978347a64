import Common

/// Why a dump cannot be given or go on, as the consumer is told.
struct DumpFailure: Error {
    var packet: ErrorPacket

    /// Error 1236, which stops a replica's receiver with the message.
    static func fatal(_ message: String) -> DumpFailure { DumpFailure(packet: ErrorPacket(.fatalErrorReadingBinlog, message)) }

    /// MySQL's ER_SOURCE_HAS_PURGED_REQUIRED_GTIDS, by whose wording replicas and operators know the case.
    static let purged = fatal(
        "Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere, or "
            + "provision a new replica from backup. Consider increasing the source's binary log expiration period. To find the missing "
            + "transactions, see the source's error log or the manual for GTID_SUBTRACT.")
    static let unknownFile = fatal("Could not find first log file name in binary log index file")
    /// Not error 1236: a replica would stop for good instead of trying again.
    static let empty = DumpFailure(packet: ErrorPacket(.unknown, "Kingbus has received nothing from its upstream yet; try again later."))
}
