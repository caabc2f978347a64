// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

let cSettings: [CSetting] = [.treatAllWarnings(as: .error)]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "kingbus",
    products: [
        .executable(name: "kingbus-node", targets: ["kingbus-node"]),
        .executable(name: "kingbus-ctl", targets: ["kingbus-ctl"]),
        .executable(name: "binlog-inspect", targets: ["binlog-inspect"]),
        .executable(name: "flashback", targets: ["flashback"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-nio-ssl", .upToNextMinor(from: "2.37.6")),
        .package(url: "https://github.com/hummingbird-project/hummingbird", .upToNextMinor(from: "2.28.1")),
        .package(url: "https://github.com/jpsim/Yams", .upToNextMinor(from: "6.2.2")),
        .package(url: "https://github.com/swift-server/async-http-client", .upToNextMinor(from: "1.37.0")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
    ],
    targets: [
        .target(name: "CChecksums", cSettings: cSettings),
        .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Common", dependencies: ["CChecksums", "CLibcrypto", "CZlib", "CZstd"], swiftSettings: settings),
        .target(name: "Raft", swiftSettings: settings),
        .target(name: "Log", dependencies: ["Common"], swiftSettings: settings),
        .target(
            name: "MySQLClient",
            dependencies: [
                "Common",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "kingbus-node",
            dependencies: [
                "Common", "Raft", "Log", "MySQLClient", argumentParser,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "kingbus-ctl", dependencies: ["ClusterAPI", "Common", argumentParser], swiftSettings: settings),
        .target(
            name: "ClusterAPI",
            dependencies: [
                "Common",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(name: "BinlogInput", dependencies: ["Common", "Log", "MySQLClient", argumentParser], swiftSettings: settings),
        .executableTarget(
            name: "binlog-inspect", dependencies: ["BinlogInput", "Common", "Log", "MySQLClient", argumentParser],
            swiftSettings: settings),
        .executableTarget(
            name: "flashback",
            dependencies: [
                "BinlogInput", "ClusterAPI", "Common", "Log", "MySQLClient", argumentParser,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CommonTests", dependencies: ["Common", "CChecksums", "CZlib", "CZstd"], exclude: ["Corpus"], swiftSettings: settings),
        .testTarget(name: "RaftTests", dependencies: ["Raft"], exclude: ["Oracles"], swiftSettings: settings),
        .testTarget(
            name: "NodeTests",
            dependencies: [
                "kingbus-node", "Common", "Log", "Raft", argumentParser,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "IntegrationTests", dependencies: ["CZlib"], exclude: ["Inspection/SQL"], swiftSettings: settings),
        .target(name: "SimulatedDisk", dependencies: ["Log"], path: "Tests/SimulatedDisk", swiftSettings: settings),
        .testTarget(name: "LogTests", dependencies: ["Common", "Log", "SimulatedDisk"], swiftSettings: settings),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "kingbus-node", "Common", "Log", "Raft", "SimulatedDisk",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "MySQLClientTests", dependencies: ["MySQLClient", "Common"], swiftSettings: settings),
        .target(name: "BinlogFiles", path: "Tests/BinlogFiles", swiftSettings: settings),
        .testTarget(
            name: "InspectTests", dependencies: ["binlog-inspect", "BinlogFiles", "BinlogInput", "Common", "Log", argumentParser],
            swiftSettings: settings),
        .testTarget(
            name: "FlashbackTests", dependencies: ["flashback", "BinlogFiles", "BinlogInput", "Common", argumentParser],
            swiftSettings: settings),
        .testTarget(
            name: "CtlTests", dependencies: ["kingbus-ctl", "ClusterAPI", "Common", .product(name: "NIOHTTP1", package: "swift-nio")],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
