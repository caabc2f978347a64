/// A Raft term: rises with each election; 0 before the first.
public typealias Term = UInt64

/// The index of an entry in the Raft log; the first entry has index 1, and 0 stands for "before the log".
public typealias LogIndex = UInt64
