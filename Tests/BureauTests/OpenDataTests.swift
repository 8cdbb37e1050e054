import BureauTestSupport
import Foundation
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Funding
@testable import Portal

/// What the house publishes is what happened, in the words of the standards, and no more.
@Suite("Open data")
struct OpenDataTests {
    /// A project with its first tranche paid, and everything published up to yesterday.
    private func published(_ engine: Engine) async throws -> (TestHouse, Project, OpenData) {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        let first = try #require(try await house.tranches(project).first)
        try await house.pay(first)
        house.move(days: 1)
        let data = OpenData(house.house)
        try await data.tend()
        return (house, project, data)
    }

    private func package(_ data: OpenData, _ kind: OpenPackage.Kind) async throws -> (OpenPackage, [UInt8]) {
        var bytes: [UInt8] = []
        let package = try await data.write(kind) { bytes += $0 }
        return (package, bytes)
    }

    @Test("Public money is read part by part without losing any, and exported whole", arguments: TestStore.engines)
    func publicMoney(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        _ = try await house.effective(try await house.call("natural-science"), count: 3)
        try await house.house.db.write { tx in try tx.run("UPDATE project SET field = number") }
        func parts(_ after: PublicMoneyPages.Part?, _ limit: Int) async throws -> [PublicMoneyPages.Part] {
            try await house.house.db.read { tx in
                try PublicMoneyPages.parts(
                    .field, year: nil, programme: nil, after: after.map { ($0.awarded, $0.key) }, limit: limit, tx)
            }
        }
        let whole = try await parts(nil, 100)
        try #require(whole.count > 1)
        var walked: [PublicMoneyPages.Part] = []
        while let next = try await parts(walked.last, 1).first { walked.append(next) }
        #expect(walked.map(\.key) == whole.map(\.key))
        let route = try #require(try house.services.routeTable().route("public-money"))
        for format in ["csv", "xlsx"] {
            let query = [("by", "field"), ("format", format)].map { FormBody.Field(name: $0.0, value: $0.1) }
            let answer = try await route.handler(Visit(query: query, now: house.house.clock.now()))
            guard case .stream(_, let body) = answer.content else {
                Issue.record("no \(format)")
                continue
            }
            var writer = BodyWriter(nil)
            try await body(&writer)
            #expect(writer.count > 20)
        }
    }

    @Test("A grant says what the books say, and its package has the hash of the index", arguments: TestStore.engines)
    func grants(engine: Engine) async throws {
        let (house, project, data) = try await published(engine)
        let (package, bytes) = try await package(data, .giving)
        #expect(package.sha256 == Digest.hex(Digest.sha256(bytes)) && package.bytes == bytes.count)
        let grant = try #require(try JSONValue(parsing: bytes, fractions: true)["grants"]?[0])
        let paid = try #require(try await house.tranches(project).first?.amount)
        #expect(grant["id"] == .string("360G-shenzhen-\(project.number)"))
        #expect(grant["amountAwarded"] == project.amount.openNumber)
        #expect(grant["amountDisbursed"] == paid.openNumber)
        #expect(grant["disbursementTransaction"]?.array?.count == 1)
        #expect(!String(decoding: bytes, as: UTF8.self).contains(project.investigatorName))
    }

    @Test("Every change is one release; the compiled record has them all", arguments: TestStore.engines)
    func releases(engine: Engine) async throws {
        let (_, project, data) = try await published(engine)
        let (_, bytes) = try await package(data, .releases)
        let releases = try #require(try JSONValue(parsing: bytes, fractions: true)["releases"]?.array)
        let tags = releases.flatMap { ($0["tag"]?.array ?? []).compactMap(\.string) }
        for tag in ["planning", "tender", "award", "contract", "implementation"] { #expect(tags.contains(tag)) }
        let (_, whole) = try await package(data, .records)
        let records = try #require(try JSONValue(parsing: whole, fractions: true)["records"]?.array)
        let own = try #require(records.first { $0["compiledRelease"]?["contracts"] != nil }?["compiledRelease"])
        #expect(own["contracts"]?[0]?["value"] == project.amount.openValue)
        #expect(own["contracts"]?[0]?["implementation"]?["transactions"]?.array?.count == 1)
        #expect(own["tender"]?["status"] == "complete" && own["tender"]?["title"]?.string?.isEmpty == false)
    }

    @Test("Nothing is public before its decision took effect and its day is over", arguments: TestStore.engines)
    func notYet(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let decision = try await house.proposed(call)
        _ = try await house.funding.decisions.approve(decision.id, reason: "同意", by: try await house.actor("leader"))
        let data = OpenData(house.house)
        house.move(days: 14)
        try await data.tend()
        await #expect(throws: OpenDataError.noPackage) { _ = try await package(data, .giving) }
        house.move(days: 1)
        _ = try await house.funding.decisions.takeEffect(decision.id, by: try await house.actor("officer"))
        try await data.tend()
        await #expect(throws: OpenDataError.noPackage) { _ = try await package(data, .giving) }
        house.move(days: 1)
        try await data.tend()
        #expect(try await package(data, .giving).0.items == 1)
    }

    @Test("Publishing again changes nothing; an end is a new release and an older package stays what it was")
    func again() async throws {
        let (house, project, data) = try await published(.sqlite)
        let (before, bytes) = try await package(data, .giving)
        try await data.publish(through: before.day)
        #expect(try await package(data, .giving).1 == bytes)
        try await house.act(project.id, "terminate", .system)
        house.move(days: 1)
        try await data.tend()
        let (_, releases) = try await package(data, .releases)
        let tags = try #require(try JSONValue(parsing: releases, fractions: true)["releases"]?.array).flatMap {
            ($0["tag"]?.array ?? []).compactMap(\.string)
        }
        #expect(Set(tags) == ["contractAmendment", "contractTermination"])
        var old: [UInt8] = []
        try await data.write(.giving, day: before.day) { old += $0 }
        #expect(old == bytes)
        await #expect(throws: (any Error).self) {
            try await house.house.db.write { tx in try tx.run("UPDATE open_item SET body = ''") }
        }
    }

    @Test("The small checks refuse what the standards refuse, and every name of a person")
    func checks() {
        #expect(OpenDataCheck.faults(ofGrant: [:]).count > 8)
        #expect(OpenDataCheck.faults(ofRelease: ["tag": ["unknown"]]).contains("release: tag is missing or unknown"))
        let named: JSONValue = ["parties": [["contactPoint": ["name": "张三"]]]]
        #expect(OpenDataCheck.faults(ofRelease: named).contains("contactPoint is never published"))
    }

    @Test("The schemas of the standards and the tools of their makers find no error")
    func outside() async throws {
        let shared = ProcessInfo.processInfo.environment["KECHUANG_TEST_DATA"] ?? "\(TestHouse.root)/../shared/data"
        let standards = "\(shared)/standards"
        guard let python = ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"],
            FileManager.default.fileExists(atPath: standards)
        else {
            print("skipped: needs KECHUANG_TEST_PYTHON and \(standards)")
            return
        }
        let (house, project, data) = try await published(.sqlite)
        try await house.act(project.id, "terminate", .system)
        house.move(days: 1)
        try await data.tend()
        let folder = "\(house.folder)/open"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for kind in OpenPackage.Kind.allCases {
            let (package, bytes) = try await package(data, kind)
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(package.kind.rawValue).json"))
        }
        // All releases, the older days among them, for the merge of others.
        let days = try await house.house.db.read { tx in
            try tx.rows("SELECT DISTINCT day FROM open_package WHERE kind = 'ocds-releases' ORDER BY day") {
                try $0["day"] as Day
            }
        }
        for (index, day) in days.enumerated() {
            var bytes: [UInt8] = []
            try await data.write(.releases, day: day) { bytes += $0 }
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/releases-\(index).json"))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["\(TestHouse.root)/Tests/BureauTests/open_data.py", folder, standards]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        print(said)
        #expect(process.terminationStatus == 0, "\(said)")
    }
}
