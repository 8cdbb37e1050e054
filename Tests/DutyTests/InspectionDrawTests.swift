import BureauTestSupport
import HouseTestSupport
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Draws of inspections in the record")
struct InspectionDrawTests {
    private static let stages = ["objects", "inspectors"]
    private static let seed = "8 15 22"

    /// A house with the register of inspectors, which comes with the stories.
    private func house(_ engine: Engine) async throws -> TestHouse {
        let house = try await TestHouse(engine)
        try await house.tell("integrity.yaml")
        return house
    }

    /// An inspection whose plan is approved.
    private func inspection(_ house: TestHouse, objects: Int64) async throws -> CaseFile {
        let officer = try await house.actor("officer")
        let filings = Filings(house.house)
        let file = try await filings.start("integrity.inspection", Filings.Start(), by: officer)
        _ = try await filings.drafts.replace(
            file.id,
            answers: [
                "title": "经费检查", "pool": "organisations", "objects": .integer(objects), "inspectors": 2, "load": 50,
                "scope": "间接费用",
            ], expecting: 0, by: officer)
        try await house.act(file.id, "submit", officer)
        return try await house.act(file.id, "approve", try await house.actor("leader"))
    }

    private func draw(_ stage: String, _ file: CaseFile, _ house: TestHouse) async throws {
        let field = stage == "objects" ? "seed" : "inspectors-seed"
        try await house.act(
            file.id, "draw-\(stage)", try await house.actor("officer"), .object([field: .string(Self.seed)]))
    }

    /// An inspection with both draws done and in the record.
    private func drawn(_ house: TestHouse, objects: Int64) async throws -> CaseFile {
        let file = try await inspection(house, objects: objects)
        for stage in Self.stages {
            try await house.act(file.id, "commit-\(stage)", try await house.actor("officer"))
            try await house.house.record.tick()
            try await draw(stage, file, house)
        }
        return file
    }

    /// What an outsider finds of a draw with the log of this moment.
    private func faults(_ file: CaseFile, _ stage: String, _ house: TestHouse) async throws -> [String] {
        let log = try await log(house)
        let json = try await protocolOf(stage, file, house)
        #expect(DrawCheck.subject(json, in: log) == file.number)
        return (log.faults + DrawCheck.faults(json) + DrawCheck.faults(json, in: log)).map(\.code)
    }

    private func log(_ house: TestHouse) async throws -> LogVerifier {
        try await house.house.record.sign()
        let keys = try await house.house.db.read { tx in try RecordStore.published(tx) }
        var log = LogVerifier(keys: keys, keeping: DrawCheck.kinds)
        try await LogExport.write(house.house.db) { lines in
            for line in lines.split(separator: "\n") { log.take(Array(line.utf8)) }
        }
        log.finish()
        return log
    }

    private func protocolOf(_ stage: String, _ file: CaseFile, _ house: TestHouse) async throws -> JSONValue {
        let answer = try await house.visit(
            "inspections.protocol", .everyone, values: ["number": file.number, "stage": stage])
        guard case .bytes(let bytes, _) = answer.content else { throw ReviewError.notDrawn }
        return try JSONValue(parsing: bytes)
    }

    private func page(_ house: TestHouse, _ file: CaseFile) async throws -> String {
        text(try await house.visit("inspections.show", .everyone, values: ["number": file.number]))
    }

    @Test("Neither is drawn before a signed checkpoint covers its plan", arguments: TestStore.engines)
    func signing(engine: Engine) async throws {
        let house = try await house(engine)
        let officer = try await house.actor("officer")
        let file = try await inspection(house, objects: 2)
        for stage in Self.stages {
            try await house.act(file.id, "commit-\(stage)", officer)
            let problem = await #expect(throws: ProcedureError.self) { try await draw(stage, file, house) }
            #expect(problem?.fields.map(\.message) == [ReviewError.unsigned.message], "\(stage)")
            #expect(try await page(house, file).contains("being entered"))
            try await house.house.record.tick()
            #expect(try await !page(house, file).contains("being entered"))
            try await draw(stage, file, house)
        }
        for stage in Self.stages { #expect(try await faults(file, stage, house) == [], "\(stage)") }
    }

    @Test("Two inspections of the same objects have plans of their own", arguments: TestStore.engines)
    func twins(engine: Engine) async throws {
        let house = try await house(engine)
        let all: Int64 = try await house.house.db.read { tx in
            try tx.value("SELECT COUNT(*) FROM organisation") ?? 0
        }
        let files = [try await drawn(house, objects: all), try await drawn(house, objects: all)]
        for file in files {
            for stage in Self.stages {
                #expect(try await faults(file, stage, house) == [], "\(file.number) \(stage)")
            }
        }
        // Not for want of anything else that differs.
        let plans = [
            try await protocolOf("inspectors", files[0], house), try await protocolOf("inspectors", files[1], house),
        ].map { JSONValue.array(($0["plan"]?["items"]?.array ?? []).map { $0["item"] ?? .null }) }
        #expect(plans[0] == plans[1] && plans[0].array?.count == Int(all))
    }

    /// How somebody could have a choice of draws and show one.
    private enum Second: CaseIterable {
        case planOfSubject, drawOfSubject, planElsewhere, drawElsewhere, subjectElsewhere

        func event(_ stage: String, _ file: CaseFile, commitment: JSONValue, at now: Instant) -> Event {
            let isDraw = self == .drawOfSubject || self == .drawElsewhere
            let isOfSubject = self == .planOfSubject || self == .drawOfSubject
            let isOfPlan = self == .planElsewhere || self == .drawElsewhere
            // Who cheats names things as he likes.
            let kind = isOfPlan ? "other" : "inspection-\(stage)"
            let number = self == .subjectElsewhere ? file.number : "other"
            return Event(
                room: "integrity", kind: isDraw ? "review.drawn" : "review.committed", subjectKind: kind,
                subject: isOfSubject ? file.id.text : "other", actor: .system, at: now,
                content: ["commitment": isOfPlan ? commitment : "other", "subject": .string(number)], isPublic: true)
        }
    }

    @Test("A second plan or draw is told, by the same plan or for the same subject", arguments: TestStore.engines)
    func doubled(engine: Engine) async throws {
        let house = try await house(engine)
        for second in Second.allCases {
            let file = try await drawn(house, objects: 2)
            for stage in Self.stages {
                let commitment = try #require(try await protocolOf(stage, file, house)["commitment"])
                let event = second.event(stage, file, commitment: commitment, at: house.house.clock.now())
                #expect(try await faults(file, stage, house) == [], "\(stage)")
                try await house.house.db.write { tx in _ = try Record.append(event, tx) }
                #expect(try await faults(file, stage, house) == ["draw.twice"], "\(second) \(stage)")
            }
        }
    }
}
