import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Talent

/// A house in which permits can be asked for: the organisation's administrator files, the bureau answers.
struct PermitHouse {
    let house: TestHouse
    let permits: PermitRoom
    let employer: Actor
    let officer: Actor
    let leader: Actor
    let second: Actor
    let organisation: ID<OrganisationMark>

    init(_ engine: Engine) async throws {
        house = try await TestHouse(engine)
        permits = PermitRoom(house.house)
        employer = try await house.actor("organisation")
        officer = try await house.actor("officer")
        leader = try await house.actor("leader")
        second = try await house.actor("leader2")
        organisation = employer.memberships[0].organisation
    }

    var today: Day { house.house.today }

    func text(_ day: Day) -> JSONValue { .string(day.description) }

    static func mrz(_ number: String, ends: Day, nationality: String = "FRA") -> String {
        Passport.generate(
            surname: "DUPONT", given: "MARIE", nationality: nationality, number: number,
            birth: Day("1990-05-17") ?? Day(number: 0), sex: .female, ends: ends)
    }

    /// Answers of a new class B application that nothing is wrong with.
    func answers(passport: String = "FR1234567") -> [String: JSONValue] {
        [
            "name": "DUPONT MARIE", "mrz": .string(Self.mrz(passport, ends: today.adding(years: 5))),
            "nationality": "FRA", "post": "Research engineer", "duties": "Builds sensors for the city",
            "need": "No local candidate knows the method", "trade": "M", "district": "440305", "category": "B",
            "route": "b1", "post-kind": "enterprise", "approval": "not-needed", "annual-salary": 42_000_000,
            "months-per-year": 12, "education": "master", "years-of-work": 6, "hsk": 0, "holds": [],
            "cv": [
                ["from": "2010-09", "to": "2015-06", "place": "Sorbonne", "what": "Student", "country": "France"],
                ["from": "2015-07", "to": "2026-03", "place": "CNRS", "what": "Engineer", "country": "France"],
            ],
            "contract-kind": "contract", "contract-from": text(today.adding(days: 30)),
            "contract-to": text(today.adding(days: 30 + 364)), "criminal-country": "FRA", "degree-country": "FRA",
            "degree-proof": "apostille", "issued-medical": text(today.adding(days: -20)),
            "issued-criminal": text(today.adding(days: -20)),
        ]
    }

    static let pdf = Array("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n".utf8)

    /// A JPEG header of a size.
    static func jpeg(_ width: Int, _ height: Int) -> [UInt8] {
        [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xC0, 0, 17, 8,
            UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), 3, 1, 0x22, 0, 2, 0x11, 1,
            3, 0x11, 1,
        ] + [UInt8](repeating: 0, count: 200)
    }

    /// Starts a filing and fills it in with all its papers.
    func draft(
        _ kind: FilingKind, _ answers: [String: JSONValue], permit: ID<Permit>? = nil, parent: ID<CaseFile>? = nil
    ) async throws -> ID<CaseFile> {
        let filing = try await permits.filings.start(
            kind, organisation: organisation, permit: permit, parent: parent, by: employer)
        try await save(filing.caseID, answers)
        for paper in PaperList(FilingForm.paperFacts(kind, .object(answers))).papers {
            _ = try await permits.filings.drafts.attach(
                filing.caseID, field: paper.field, name: paper.isPhoto ? "photo.jpg" : "\(paper.id).pdf",
                bytes: paper.isPhoto ? Self.jpeg(400, 500) : Self.pdf, by: employer)
        }
        return filing.caseID
    }

    func save(_ id: ID<CaseFile>, _ answers: [String: JSONValue]) async throws {
        let revision = try await house.house.db.read { tx in try CaseStore.answers(id, tx).revision }
        _ = try await permits.filings.drafts.replace(
            id, answers: .object(answers), expecting: revision, by: employer)
    }

    @discardableResult
    func act(_ id: ID<CaseFile>, _ action: String, _ actor: Actor, _ answers: JSONValue = [:]) async throws -> CaseFile
    {
        try await house.act(id, action, actor, answers)
    }

    static let refusal: JSONValue = [
        "reason-zh": "不符合条件", "reason-en": "The conditions are not met", "remedy-zh": "改依其他条件",
        "remedy-en": "Rely on another condition",
    ]
    static let reasons: JSONValue = ["reason-zh": "理由如下所述", "reason-en": "For these reasons"]

    func open(_ id: ID<CaseFile>) async throws -> [String] {
        try await findings(id).filter { $0.state == .open }.map(\.draft.code)
    }

    func findings(_ id: ID<CaseFile>) async throws -> [Finding] {
        try await house.house.db.read { tx in try FindingStore.list(of: id, tx) }
    }

    func filing(_ id: ID<CaseFile>) async throws -> Filing {
        try await house.house.db.read { tx in try FilingStore.require(id, tx) }
    }

    func permit(of id: ID<CaseFile>) async throws -> Permit {
        try await house.house.db.read { tx in
            let permit = try FilingStore.require(id, tx).permit
            return try PermitStore.require(try #require(permit), tx)
        }
    }

    func permit(_ id: ID<Permit>) async throws -> Permit {
        try await house.house.db.read { tx in try PermitStore.require(id, tx) }
    }

    func letters(_ id: ID<CaseFile>) async throws -> [Letter] {
        try await house.house.db.read { tx in try Letters.list(of: id, tx) }
    }

    /// The demonstration's permit that ends after so many days.
    func permit(ending days: Int) async throws -> Permit {
        try await house.house.db.read { tx in
            let list = try PermitStore.list(of: organisation, state: .valid, after: nil, limit: 50, tx)
            return try #require(list.first { $0.endsOn == today.adding(days: days) })
        }
    }

    /// What the house does by itself in a round.
    func tick() async throws {
        try await Lapses.run(house.house)
        try await PermitJobs(house: house.house).run()
    }

    /// Answers of an extension that nothing is wrong with.
    func renewal(_ permit: Permit, months: Int = 12) -> [String: JSONValue] {
        [
            "contract-from": text(permit.endsOn.adding(days: 1)),
            "contract-to": text(permit.endsOn.adding(months: months)), "post": .string(permit.post), "category": "B",
            "route": "b1", "post-kind": "enterprise", "annual-salary": 42_000_000, "months-per-year": 12,
            "education": "master", "years-of-work": 6, "hsk": 0, "holds": [],
        ]
    }

    /// Brings a new permit to its grant.
    func grant(passport: String) async throws -> Permit {
        let id = try await draft(.newAbroad, answers(passport: passport))
        try await act(id, "submit", employer)
        try await act(id, "accept", officer)
        try await act(id, "approve", leader)
        return try await permit(of: id)
    }
}
