// swift-tools-version: 6.2

import PackageDescription

let strict = Context.environment["LINERNOTES_STRICT"] != nil

let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
  name: "linernotes",
  products: [
    .executable(name: "linernotes", targets: ["FCGIApp"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
  ],
  targets: [
    // C libraries: a module map and the few shims that Swift cannot do without. One Swift target imports each
    // library; CLinux is none.
    .systemLibrary(name: "CFCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
    // Those with a pkgConfig name are linked. Of the others only the headers are used: the libraries are opened
    // when they are first needed.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CPQ", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CMemcached", providers: [.apt(["libmemcached-dev"])]),
    .systemLibrary(name: "CAMQP", providers: [.apt(["librabbitmq-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Lower layers never import higher ones; this list is in that order.
    .target(name: "Core", dependencies: ["CLinux"], swiftSettings: swiftSettings),
    .target(name: "Settings", dependencies: ["Core", "CYAML"], swiftSettings: swiftSettings),
    .target(
      name: "Observe",
      dependencies: [
        "Core", "CLinux", .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "HTTP", dependencies: ["Core", "CCurl", .product(name: "Logging", package: "swift-log")],
      swiftSettings: swiftSettings),
    .target(
      name: "Postgres",
      dependencies: ["Core", "CPQ", .product(name: "Logging", package: "swift-log")],
      swiftSettings: swiftSettings),
    .target(name: "SQLite", dependencies: ["Core", "CSQLite"], swiftSettings: swiftSettings),
    .target(name: "Documents", dependencies: ["Core", "CDeflate", "CZlib"], swiftSettings: swiftSettings),
    .target(
      name: "Cache",
      dependencies: [
        "Core", "Observe", "Documents", .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(name: "Memcached", dependencies: ["Core", "Cache", "CMemcached"], swiftSettings: swiftSettings),
    .target(
      name: "PostgresStore",
      dependencies: [
        "Core", "Documents", "Cache", "Postgres", .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("SQL")],
      swiftSettings: swiftSettings),
    .target(
      name: "SQLiteStore",
      dependencies: [
        "Core", "Documents", "Cache", "SQLite", "CLinux", .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("SQL")],
      swiftSettings: swiftSettings),
    .target(
      name: "Metadata",
      dependencies: ["Core", "Documents", "Cache", .product(name: "Logging", package: "swift-log")],
      resources: [.embedInCode("Resources")],
      swiftSettings: swiftSettings),
    .target(
      name: "Dataset", dependencies: ["Core", "Documents", "Cache", "Metadata"], swiftSettings: swiftSettings),
    .target(
      name: "MusicBrainz",
      dependencies: ["Core", "Metadata", "Postgres", .product(name: "Logging", package: "swift-log")],
      resources: [.embedInCode("SQL"), .embedInCode("ChangeSQL")],
      swiftSettings: swiftSettings),
    .target(
      name: "WebService",
      dependencies: [
        "Core", "HTTP", "Documents", "Cache", "Metadata", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Search",
      dependencies: [
        "Core", "Documents", "Cache", "SQLite", "SQLiteStore", "Metadata", "Postgres",
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("SQL"), .embedInCode("StoreSQL"), .embedInCode("Resources")],
      swiftSettings: swiftSettings),
    .target(
      name: "Dumps", dependencies: ["Core", "HTTP", "Documents", "Cache", "Metadata", "Dataset", "Search"],
      swiftSettings: swiftSettings),
    .target(
      name: "Providers",
      dependencies: [
        "Core", "Settings", "Observe", "HTTP", "Documents", "Cache", "Metadata",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Page", dependencies: ["Core"], resources: [.embedInCode("Assets")], swiftSettings: swiftSettings),
    .target(
      name: "Freshness",
      dependencies: ["Core", "Cache", "Metadata", .product(name: "Logging", package: "swift-log")],
      swiftSettings: swiftSettings),
    .target(name: "Lidarr", dependencies: ["Core", "HTTP"], swiftSettings: swiftSettings),
    .target(
      name: "Messages",
      dependencies: [
        "Core", "Cache", "Metadata", "Freshness", "CAMQP", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Purge",
      dependencies: [
        "Core", "HTTP", "Cache", "Metadata", "Freshness", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Handlers",
      dependencies: [
        "Core", "Observe", "Documents", "Cache", "Metadata", "Search", "Freshness", "Page",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Gateway",
      dependencies: [
        "Core", "Observe", "Documents", "Handlers", "CFCGI", "CLinux", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Pool", dependencies: ["Core", "Observe", "CLinux", .product(name: "Logging", package: "swift-log")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "FCGIApp",
      dependencies: [
        "Core", "Settings", "Observe", "HTTP", "Documents", "Cache", "Memcached", "PostgresStore", "SQLiteStore",
        "Metadata", "Postgres", "Dataset", "MusicBrainz", "WebService",
        "Search", "Dumps", "Providers", "Lidarr", "Freshness", "Messages", "Purge", "Page", "Handlers", "Gateway",
        "Pool",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings,
      // The tables of functions are filled in at the start and cannot be written to afterwards.
      linkerSettings: [.unsafeFlags(["-Xlinker", "-znow"])]),

    // Unit tests open no socket; those of the gateway open sockets of their own, the integration tests start real servers.
    .testTarget(
      name: "UnitTests",
      dependencies: [
        "Core", "Documents", "Cache", "Memcached", "Metadata", "Dataset", "Search", "Page", "Handlers", "CZlib",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ObserveTests",
      dependencies: [
        "Core", "Observe", .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "DumpsTests",
      dependencies: [
        "Core", "HTTP", "Documents", "Cache", "Metadata", "Dataset", "Dumps", "MusicBrainz", "Postgres", "Search",
        "TestServers", "TestMusicBrainz", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "Core", "Observe", "Documents", "Handlers", "Gateway", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "SearchTests",
      dependencies: [
        "Core", "SQLite", "SQLiteStore", "Metadata", "Postgres", "Search",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "Core", "Documents", "Cache", "Memcached", "PostgresStore", "Metadata", "Dataset", "Postgres", "SQLite",
        "TestServers", "TestMusicBrainz", .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Browser", "Captures", "Cases", "Expected", "Original"], swiftSettings: swiftSettings),
    // The same tests for every store: those of a process's memory without servers, the others on the integration tests'.
    .testTarget(
      name: "StoreTests",
      dependencies: [
        "Core", "Documents", "Cache", "Memcached", "PostgresStore", "SQLiteStore", "Metadata", "Postgres", "SQLite",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    // Invalidation on real stores, and what answers requests for it.
    .testTarget(
      name: "InvalidationTests",
      dependencies: [
        "Core", "Documents", "Cache", "Memcached", "PostgresStore", "SQLiteStore", "Metadata", "Postgres", "Freshness",
        "Handlers", "InvalidationProcess", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    // One that invalidates, for tests that kill it.
    .executableTarget(
      name: "InvalidationProcess",
      dependencies: [
        "Core", "Documents", "Cache", "Memcached", "PostgresStore", "SQLiteStore", "Metadata", "Postgres", "Freshness",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/InvalidationProcess", swiftSettings: swiftSettings),
    // Servers within the tests' own process, for whoever tests a client.
    .target(name: "TestServers", path: "Tests/TestServers", swiftSettings: swiftSettings),
    .testTarget(
      name: "HTTPTests",
      dependencies: ["Core", "HTTP", "TestServers", .product(name: "Logging", package: "swift-log")],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "WebServiceTests",
      dependencies: [
        "Core", "HTTP", "Documents", "Cache", "Metadata", "MusicBrainz", "Postgres", "WebService", "TestServers",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Recorded"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ProvidersTests",
      dependencies: [
        "Core", "Settings", "HTTP", "Documents", "Cache", "Memcached", "Metadata", "MusicBrainz", "Providers",
        "TestServers", .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Bodies"],
      swiftSettings: swiftSettings),
    // The command and the shell script, against Recorded/lidarr (Python).
    .testTarget(
      name: "LidarrTests", dependencies: ["Core", "Lidarr", "FCGIApp"], exclude: ["Recorded"],
      swiftSettings: swiftSettings),
    // A store in a file, MusicBrainz and providers by a script; they open no socket.
    .testTarget(
      name: "FreshnessTests",
      dependencies: [
        "Core", "Documents", "Cache", "SQLiteStore", "Metadata", "Freshness",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "PurgeTests",
      dependencies: [
        "Core", "HTTP", "Documents", "Cache", "SQLiteStore", "Metadata", "Freshness", "Purge", "TestServers",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    // A broker of their own, with ports on loopback.
    .testTarget(
      name: "MessagesTests",
      dependencies: [
        "Core", "Cache", "Metadata", "Freshness", "Messages", "TestServers",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Bodies"], swiftSettings: swiftSettings),
    // What is handed on, against the settings and commands that there are.
    .testTarget(
      name: "PackagingTests", dependencies: ["Core", "Settings", "FCGIApp"], swiftSettings: swiftSettings),
    .testTarget(name: "SettingsTests", dependencies: ["Core", "Settings"], swiftSettings: swiftSettings),
    // MusicBrainz databases that are edited and replicated, for whoever tests what follows from changes.
    .target(
      name: "TestMusicBrainz", path: "Tests/TestMusicBrainz", exclude: ["SQL"], swiftSettings: swiftSettings),
    .testTarget(
      name: "MusicBrainzTests",
      dependencies: [
        "Core", "Metadata", "Postgres", "MusicBrainz", "Search", "TestMusicBrainz",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    // Mutated inputs for every parser, from a seed; they open no socket but one of their own.
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Core", "Settings", "HTTP", "Postgres", "Documents", "Cache", "Memcached", "Metadata", "Dataset", "WebService",
        "Search", "Providers", "Messages", "Handlers", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "PostgresTests",
      dependencies: ["Core", "Postgres", .product(name: "Logging", package: "swift-log")], swiftSettings: swiftSettings),
    // One of the processes that share a store in the tests.
    .executableTarget(
      name: "StoreProcess",
      dependencies: [
        "Core", "Documents", "Cache", "SQLite", "SQLiteStore", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/StoreProcess", swiftSettings: swiftSettings),
    // Real files in directories of their own, and child processes; they open no socket.
    .testTarget(
      name: "SQLiteStoreTests",
      dependencies: [
        "Core", "Documents", "Cache", "SQLite", "SQLiteStore", "Metadata", "StoreProcess",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
