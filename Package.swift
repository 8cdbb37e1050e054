// swift-tools-version: 6.2
import PackageDescription

/// Set by `script/security fuzzers` alone, which builds in a place of its own: the house's modules tell libFuzzer which
/// way an input goes through them.
let isFuzzing = Context.environment["KECHUANG_FUZZ_BUILD"] != nil
let watched: [SwiftSetting] = isFuzzing ? [.unsafeFlags(["-Xfrontend", "-sanitize=address,fuzzer"])] : []

let house: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
    ] + watched

/// Optimised in every release build: these stand against the `-Onone` that `script/test` asks of all modules, since
/// nearly all that its tests do is done in there.
let optimised: [SwiftSetting] = [.unsafeFlags(["-Xfrontend", "-O"], .when(configuration: .release))]
/// Optimised in debug builds as well.
let alwaysOptimised: [SwiftSetting] = optimised + [.unsafeFlags(["-O"])]

/// One line a room: a target may import only what is named here, and all arrows go down.
func room(
    _ name: String, at path: String? = nil, on below: [Target.Dependency], resources: [Resource]? = nil,
    _ settings: [SwiftSetting] = []
) -> Target {
    .target(
        name: name, dependencies: below, path: path ?? "Sources/\(name)", resources: resources,
        swiftSettings: house + settings)
}

func tests(_ name: String, on below: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: below, path: "Tests/\(name)", exclude: exclude, swiftSettings: house)
}

func debian(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "kechuang",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "kechuang", targets: ["kechuang"])],
    traits: [
        .trait(name: "TLS", description: "The house speaks TLS itself; its library takes minutes to build.")
    ],
    dependencies: [
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    ],
    targets: [
        debian("CPostgres", "libpq", "libpq-dev"),
        debian("CCrypto", "libcrypto", "libssl-dev"),
        debian("CMagic", "libmagic", "libmagic-dev"),
        debian("CQREncode", "libqrencode", "libqrencode-dev"),
        debian("CYAML", "yaml-0.1", "libyaml-dev"),
        debian("CZip", "libzip", "libzip-dev"),
        debian("CXlsx", "xlsxwriter", "libxlsxwriter-dev"),
        .target(name: "CCurl", path: "Sources/C/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(
            name: "CFido", path: "Sources/C/CFido",
            linkerSettings: [.linkedLibrary("fido2"), .linkedLibrary("crypto")]),
        .target(
            name: "CLemon", path: "Sources/C/CLemon", cxxSettings: [.define("LEMON_ONLY_TEMPLATES")]),

        .target(name: "CNear", path: "Sources/C/CNear"),

        room("Store", on: ["CPostgres", .product(name: "GRDB", package: "GRDB.swift")], optimised),
        room("StoreTestSupport", on: ["Store", "CPostgres"]),
        room("HouseTestSupport", on: ["Kernel", "Store", "StoreTestSupport", "CCrypto"]),
        room(
            "BureauTestSupport",
            on: [
                "Bureau", "Funding", "Portal", "Treasury", "Review", "Kernel", "Store", "StoreTestSupport",
                "HouseTestSupport",
            ]),
        room(
            "ReaderTestSupport",
            on: ["Funding", "Strategy", "Transfer", "Portal", "Treasury", "Review", "Kernel", "Proof"], optimised),
        room("Proof", on: ["CCrypto"]),
        // Every start reads three hundred files, those of the tests too: optimised in debug builds as well.
        room("YAMLReading", on: ["CYAML"], alwaysOptimised),
        room(
            "Kernel",
            on: ["YAMLReading", "Proof", "Store", "CCrypto", "CMagic", "CQREncode", "CZip", "CXlsx", "CCurl", "CFido"],
            optimised),
        // Arithmetic over millions of arcs is optimised in debug builds too, or its tests would take minutes.
        room("Judgement", on: ["CLemon", "CNear"], alwaysOptimised),
        room("JudgementTestSupport", on: ["Judgement"]),
        room("Review", on: ["Judgement", "Kernel", "Store"]),
        room("Ledger", on: ["Kernel", "Store"], optimised),
        room("Treasury", on: ["Ledger", "Kernel", "Store"]),
        room(
            "Portal",
            on: [
                "Kernel", "Store",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird", condition: .when(traits: ["TLS"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("Style/portal.css"), .embedInCode("Style/portal.js"), .embedInCode("Style/favicon.svg"),
            ], optimised),
        room(
            "Funding", at: "Sources/Duties/Funding", on: ["Portal", "Review", "Treasury", "Ledger", "Kernel", "Store"]),
        room("Talent", at: "Sources/Duties/Talent", on: ["Portal", "Kernel", "Store"]),
        room("Strategy", at: "Sources/Duties/Strategy", on: ["Portal", "Kernel", "Store"]),
        room("InnovationSystem", at: "Sources/Duties/InnovationSystem", on: ["Portal", "Review", "Kernel", "Store"]),
        room("Integrity", at: "Sources/Duties/Integrity", on: ["Portal", "Review", "Kernel", "Store"]),
        room("BasicResearch", at: "Sources/Duties/BasicResearch", on: ["Portal", "Kernel", "Store"]),
        room("KeyProjects", at: "Sources/Duties/KeyProjects", on: ["Portal", "Kernel", "Store"]),
        room("Transfer", at: "Sources/Duties/Transfer", on: ["Portal", "Kernel", "Store"]),
        room("Cooperation", at: "Sources/Duties/Cooperation", on: ["Portal", "Kernel", "Store"]),
        room("Awards", at: "Sources/Duties/Awards", on: ["Portal", "Review", "Kernel", "Store"]),
        room("Assignments", at: "Sources/Duties/Assignments", on: ["Portal", "Kernel", "Store"]),
        room(
            "Bureau",
            on: [
                "Strategy", "InnovationSystem", "Funding", "Integrity", "BasicResearch", "KeyProjects", "Transfer",
                "Talent", "Cooperation", "Awards", "Assignments", "Portal", "Review", "Treasury", "Ledger",
                "Kernel", "Proof", "Store", "YAMLReading",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "kechuang",
            dependencies: [
                "Bureau", "Funding", "Review", "Judgement", "Ledger", "Kernel", "Proof", "Store",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house),

        .executableTarget(
            name: "kechuang-bench",
            dependencies: ["Store", "CPostgres", .product(name: "GRDBSQLite", package: "GRDB.swift")], path: "Bench",
            exclude: [
                "percentiles.lua", "assignment.py", "tighten.py", "assignment_lemon.cpp", "Record", "Rules",
                "ReviewTexts",
                "Conflicts", "Ledger", "Surge",
            ],
            swiftSettings: house),
        .executableTarget(
            name: "kechuang-record-bench", dependencies: ["Kernel", "Proof", "Store"], path: "Bench/Record",
            swiftSettings: house),
        .executableTarget(
            name: "kechuang-bench-ledger",
            dependencies: ["Ledger", "Kernel", "Store", .product(name: "GRDBSQLite", package: "GRDB.swift")],
            path: "Bench/Ledger", swiftSettings: house),

        .executableTarget(
            name: "kechuang-bench-rules", dependencies: ["Talent", "Kernel"], path: "Bench/Rules",
            exclude: ["openfisca_points.py"], swiftSettings: house),

        .executableTarget(
            name: "kechuang-bench-review-texts", dependencies: ["Judgement", "JudgementTestSupport"],
            path: "Bench/ReviewTexts", exclude: ["peers.py"], swiftSettings: house),
        .executableTarget(
            name: "kechuang-bench-conflicts", dependencies: ["Review", "Kernel"], path: "Bench/Conflicts",
            exclude: ["openreview_pairs.py"], swiftSettings: house),

        tests("JudgementTests", on: ["Judgement", "JudgementTestSupport", "CLemon"]),
        tests("StoreTests", on: ["Store", "StoreTestSupport"]),
        tests("ProofTests", on: ["Proof"]),
        tests("YAMLReadingTests", on: ["YAMLReading"]),
        tests("KernelTests", on: ["Kernel", "Proof", "Store", "StoreTestSupport", "HouseTestSupport", "CCrypto"]),
        tests(
            "ReviewTests",
            on: ["Review", "Judgement", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests("LedgerTests", on: ["Ledger", "Kernel", "Store", "StoreTestSupport"]),
        .testTarget(
            name: "TreasuryTests", dependencies: ["Treasury", "Ledger", "Kernel", "Store", "StoreTestSupport"],
            path: "Tests/TreasuryTests", exclude: ["check_payment_file.py"], swiftSettings: house),
        tests(
            "PortalTests",
            on: [
                "Portal", "Kernel", "Store", "StoreTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests(
            "FundingTests",
            on: ["Funding", "Portal", "Review", "Treasury", "Ledger", "Kernel", "Store", "StoreTestSupport"]),
        tests("TalentTests", on: ["Talent", "Portal", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests(
            "BureauTests",
            on: [
                "Bureau", "Funding", "Talent", "Portal", "Review", "Treasury", "Ledger", "Kernel", "Proof", "Store",
                "StoreTestSupport", "HouseTestSupport", "BureauTestSupport", "ReaderTestSupport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["open_data.py"]),
        tests(
            "DutyTests",
            on: [
                "Bureau", "Funding", "Talent", "Portal", "Review", "Treasury", "Ledger", "Kernel", "Store",
                "StoreTestSupport", "HouseTestSupport", "BureauTestSupport",
            ]),
        tests("StrategyTests", on: ["Strategy", "Portal", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests(
            "InnovationSystemTests",
            on: ["InnovationSystem", "Portal", "Review", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests(
            "IntegrityTests",
            on: ["Integrity", "Portal", "Review", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests("BasicResearchTests", on: ["BasicResearch", "Portal", "Kernel", "Store", "StoreTestSupport"]),
        tests(
            "KeyProjectsTests",
            on: ["KeyProjects", "Portal", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests("TransferTests", on: ["Transfer", "Portal", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests(
            "CooperationTests",
            on: ["Cooperation", "Portal", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests(
            "AwardsTests",
            on: ["Awards", "Portal", "Review", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests(
            "AssignmentsTests",
            on: ["Assignments", "Portal", "Kernel", "Store", "StoreTestSupport", "HouseTestSupport"]),
        tests("TidyTests", on: ["Bureau", "Portal", "Kernel", "Store", "StoreTestSupport"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

if isFuzzing {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Sources/C/CFuzzer"),
        .executableTarget(
            name: "kechuang-fuzz", dependencies: ["ReaderTestSupport", "CFuzzer"], path: "Tests/Fuzz",
            exclude: ["leaks.txt"], swiftSettings: house),
    ]
}
