/// The version that all four binaries print and that the cluster's status shows.
public let kingbusVersion = "0.1.0"
