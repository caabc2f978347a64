import Common

extension SystemVariable {
    /// What describes the server.
    static let serverVariables: [SystemVariable] = [
        .text("version", .global) { $0.version.description },
        .text("version_comment", .global) { $0.versionComment },
        .text("version_compile_os", .global) { _ in "Linux" },
        .text("version_compile_machine", .global) { _ in machine },
        .text("license", .global) { _ in "Apache-2.0" },
        .integer("protocol_version", .global) { _ in 10 },
        .text("hostname", .global) { $0.hostname },
        .integer("port", .global) { UInt64($0.port) },
        .integer("lower_case_table_names", .global) { UInt64(clamping: $0.upstream.lowerCaseTableNames) },
        .boolean("lower_case_file_system", .global) { _ in false },
        .boolean("performance_schema", .global) { _ in false },
        .boolean("skip_name_resolve", .global) { _ in true },
        .text("init_connect", .global) { _ in "" },
        .text("system_time_zone", .global) { _ in "UTC" },
        .text("character_set_system", .global) { $0.version.isMySQL(from: 80000) ? "utf8mb3" : "utf8" },
        .text("have_ssl", .global, until: 80400) { _ in "YES" },
        .text("have_openssl", .global, until: 80400) { _ in "YES" },
        .text("have_query_cache", .global, until: 80000) { _ in "NO" },
        .integer("query_cache_size", .global, until: 80000) { _ in 0 },
        .text("query_cache_type", .both, until: 80000) { _ in "OFF" },
        .text("default_authentication_plugin", .global, until: 80400) {
            $0.version.isMySQL(from: 80004) ? "caching_sha2_password" : "mysql_native_password"
        },
        .text("authentication_policy", .global, since: 80027) { _ in "*,," },
    ]

    private static var machine: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "unknown"
        #endif
    }
}
