import Common
import Glibc

/// One of the five things that are fuzzed.
///
/// A target is made anew for every input, so that what an input does depends on its bytes alone and a crash can be replayed.
protocol Target: SendableMetatype {
    /// Does what there is to be done with an input. What comes out is right, as long as something comes out.
    static func run(_ input: UnsafeRawBufferPointer) -> Depth
    /// Inputs to begin with, from what real servers wrote.
    static func seeds() throws -> [[UInt8]]
}

/// How far an input came.
enum Depth {
    /// The first fields turned it away.
    case refused
    /// It got past its header into what the header describes.
    case pastHeader
    /// It was read to its end.
    case answered
}

/// The target that `KINGBUS_FUZZ_TARGET` names.
private let target: any Target.Type = {
    let name = getenv("KINGBUS_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = allTargets[name] else {
        print("KINGBUS_FUZZ_TARGET is '\(name)'; it is one of \(allTargets.keys.sorted().joined(separator: ", "))")
        exit(64)
    }
    return target
}()

private let allTargets: [String: any Target.Type] = [
    "events": EventTarget.self, "rows": RowTarget.self, "json": JSONTarget.self, "gtids": GTIDTarget.self, "packets": PacketTarget.self,
]

/// Executions, those past the header, those answered: in the file that `KINGBUS_FUZZ_COUNTS` names, where they outlive a crash and are added
/// up over all runs.
private nonisolated(unsafe) let counts: UnsafeMutablePointer<UInt64> = {
    let byteCount = 3 * MemoryLayout<UInt64>.size
    guard let path = getenv("KINGBUS_FUZZ_COUNTS") else { return .allocate(capacity: 3) }
    let file = open(path, O_RDWR | O_CREAT, 0o644)
    guard file >= 0, ftruncate(file, byteCount) == 0, let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
        memory != MAP_FAILED
    else {
        print("\(String(cString: path)): \(String(cString: strerror(errno)))")
        exit(74)
    }
    return memory.bindMemory(to: UInt64.self, capacity: 3)
}()

/// What libFuzzer calls first. With `KINGBUS_FUZZ_SEEDS` it writes the target's seeds into that folder and ends.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    _ = counts
    guard let folder = getenv("KINGBUS_FUZZ_SEEDS") else { return 0 }
    do {
        for (index, seed) in try target.seeds().enumerated() { try Recorded.write(seed, to: "\(String(cString: folder))/seed-\(index)") }
    } catch {
        print("no seeds: \(error)")
        exit(74)
    }
    exit(0)
}

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func runOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let depth = target.run(UnsafeRawBufferPointer(start: bytes, count: count))
    counts[0] += 1
    if depth != .refused { counts[1] += 1 }
    if depth == .answered { counts[2] += 1 }
    return 0
}
