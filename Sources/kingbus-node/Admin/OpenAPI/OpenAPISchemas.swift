/// The shapes of all bodies, by name.
enum OpenAPISchemas {
    static let all: [String: JSONValue] = [
        "Alert": object(["code": text, "message": text, "hint": text]),
        "Entry": entry,
        "Error": object(["error": object(["code": text, "message": text, "hint": text])]),
        "Leader": object(["leader": text, "term": whole]),
        "LeaderTransfer": leaderTransfer,
        "Member": member,
        "MemberAddition": memberAddition,
        "Members": object(["members": list("Member")]),
        "Replica": replica,
        "Replicas": object(["replicas": list("Replica")]),
        "Segment": object(["first_index": whole, "path": text, "bytes": whole, "gtid_set_before": text]),
        "Segments": list("Segment"),
        "Status": status,
        "Upstream": upstream,
        "UpstreamChange": upstreamChange,
        "UpstreamStatus": upstreamStatus,
    ]

    static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }

    private static let status = object([
        "version": text, "cluster_id": nullable("string"), "node": text, "leader": nullable("string"), "term": whole,
        "commit_index": whole, "applied_index": whole, "server_id": nullable("integer"), "server_uuid": nullable("string"),
        "executed_gtid_set": text, "purged_gtid_set": text, "alerts": list("Alert"), "members": list("Member"),
        "upstream": reference("UpstreamStatus"), "replicas": list("Replica"),
    ])

    private static let member = object([
        "name": text, "role": oneOf(MemberStatus.Role.self), "reachable": flag, "match_index": nullable("integer"),
        "applied_index": nullable("integer"), "peer": text, "mysql": nullable("string"), "admin": nullable("string"),
        "disk_free_bytes": nullable("integer"),
    ])

    private static let leaderTransfer: JSONValue = [
        "type": "object",
        "properties": ["to": nullable("string")],
        "additionalProperties": false,
    ]

    private static let memberAddition: JSONValue = [
        "type": "object",
        "properties": ["name": text, "peer": text],
        "required": ["name", "peer"],
        "additionalProperties": false,
    ]

    private static let entry = object([
        "index": whole, "term": whole, "kind": oneOf(EntryAnswer.Kind.self), "chain": text, "payload_crc32c": whole,
    ])

    private static let upstreamStatus = object([
        "state": oneOf(UpstreamState.self), "host": nullable("string"), "port": nullable("integer"), "reason": nullable("string"),
        "semi_sync": flag, "missing_gtid_set": text, "errant_gtid_set": text, "lag_bytes": nullable("integer"),
        "lag_seconds": nullable("number"),
    ])

    private static let replica = object([
        "id": whole, "node": text, "user": text, "address": text, "server_id": whole, "server_uuid": nullable("string"),
        "state": oneOf(ReplicaStatus.State.self), "sent_gtid": nullable("string"), "lag_transactions": nullable("integer"),
        "lag_seconds": nullable("number"),
    ])

    private static let upstream = object([
        "urls": texts, "version": whole, "started": flag, "has_password": flag, "state": oneOf(UpstreamState.self),
        "reason": nullable("string"),
    ])

    private static let upstreamChange: JSONValue = [
        "type": "object",
        "properties": ["urls": texts, "password": nullable("string"), "version": nullable("integer")],
        "required": ["urls"],
        "additionalProperties": false,
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let texts: JSONValue = ["type": "array", "items": text]
    private static let flag: JSONValue = ["type": "boolean"]
    private static let whole: JSONValue = ["type": "integer", "minimum": .number(0)]

    private static func nullable(_ type: String) -> JSONValue { ["type": [.string(type), "null"]] }

    private static func list(_ schema: String) -> JSONValue { ["type": "array", "items": reference(schema)] }

    private static func oneOf<Choice: CaseIterable & RawRepresentable<String>>(_: Choice.Type) -> JSONValue {
        ["type": "string", "enum": .list(Choice.allCases.map { .string($0.rawValue) })]
    }

    /// An object of which every property is always there.
    private static func object(_ properties: [String: JSONValue]) -> JSONValue {
        ["type": "object", "properties": .object(properties), "required": .list(properties.keys.sorted().map(JSONValue.string))]
    }
}
