/// Where an event stands, or the compressed one that it comes out of.
struct EventPlace {
    var input: PlannedInput
    var offset: UInt64
}
