/// The body of a change that needs none: `{}`.
struct NoParameters: AdminRequestBody {
    static var keys: [String] { [] }
}
