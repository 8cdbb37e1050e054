import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Integrity

/// A case about an organisation, an inspector, and seven experts, each with an employer of their own.
private struct TeamRoom {
    static let day = Day(number: 20_000)
    static let subject: ID<OrganisationMark> = ID("subject")
    static let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])

    let db: Database
    let review: ReviewActions
    let file: CaseFile

    init(_ engine: Engine) async throws {
        db = try await TestStore.open(engine, House.migrations + [ReviewTables.migrations] + Integrity.migrations)
        let zone = try #require(CityZone(name: "Asia/Shanghai"))
        let clock = StandingClock(zone.start(of: Self.day).adding(seconds: 36_000))
        review = ReviewActions(db: db, clock: clock, ids: UUIDv7Source(clock: clock), zone: zone)
        let (now, day, subject) = (clock.now(), Self.day, Self.subject)
        var random = SeededRandom(seed: 1)
        let code = USCC.generate(prefix: "91", division: "440306", using: &random).text
        file = try await db.write { tx in
            try Registry.add(
                Organisation(
                    id: subject, name: Bilingual("某公司", "A company"), uscc: code, kind: .enterprise, address: ""),
                source: "test", by: .system, at: now, on: day, tx)
            for login in ["officer", "inspector"] {
                try AccountStore.insert(
                    AccountCard(id: ID(login), login: login, name: login, roles: [.officer]), passwordHash: "",
                    at: now, tx)
            }
            for number in 1...7 {
                try AccountStore.insert(
                    AccountCard(
                        id: ID("expert\(number)"), login: "expert\(number)", name: "专家\(number)", roles: [.expert]),
                    passwordHash: "", at: now, tx)
                try ExpertStore.add(
                    Expert(
                        id: ID("e\(number)"), account: ID("expert\(number)"), person: nil, name: "专家\(number)",
                        title: "", organisation: ID("employer\(number)"), organisationName: "", fields: []), at: now,
                    tx)
            }
            try tx.run(
                """
                INSERT INTO case_file (id, procedure, version, number, title_zh, title_en, step, holder, division,
                    opened_at, step_since, due_key, revision)
                VALUES ('case', 'integrity.case', 1, 'DC-2026-0001', '调查', 'Investigation', 'draft', 'officer',
                    'integrity', \(now), \(now), '9999', 0)
                """)
            try CaseStore.saveAnswers(
                ["subject-kind": "organisation", "subject-name": "某公司", "subject-uscc": .string(code)],
                of: ID("case"), expecting: 0, by: .system, at: now, tx)
            return try CaseStore.require(ID("case"), tx)
        }
    }

    /// What is said in English of a team of an inspector and an expert.
    func said(_ expert: Int, isNew: Bool = true) async throws -> [String] {
        let rows = ["inspector", "expert\(expert)"].map { login -> JSONValue in
            ["login": .string(login), "conflict": "none"]
        }
        let team = Team(JSONValue.array(rows))
        let (file, day) = (file, Self.day)
        return try await db.read { tx in
            try team.problems(for: file, least: 2, ConflictWindows(all: 3), isNew: isNew, on: day, tx)
                .map(\.message.en)
        }
    }
}

@Suite("The team of an investigation")
struct TeamTests {
    @Test(
        "Ties, other identities, money and protected facts keep an expert from it, as in a review",
        arguments: TestStore.engines)
    func conflicts(engine: Engine) async throws {
        let room = try await TeamRoom(engine)
        for number in 1...7 { #expect(try await room.said(number).isEmpty) }
        let (subject, day) = (TeamRoom.subject.text, TeamRoom.day)
        try await room.db.write { tx in
            func keep(_ kind: Dealing.Kind, _ party: String) throws {
                try Dealings.set([Dealing(kind, party, subject, from: day, to: day)], of: party, tx)
            }
            try keep(.money, "employer1")
            try keep(.protected, "expert2")
            try keep(.money, "other")
        }
        try await room.review.addTie(Tie(.relative, subject, source: "letter"), to: ID("e3"), by: TeamRoom.officer)
        try await room.review.addAlias(
            ID("other"), to: ID("e4"), source: "letter", isVerified: false, by: TeamRoom.officer)
        func text(_ conflict: Conflict, _ number: Int) -> [String] {
            ["专家\(number) must stand aside: \(conflict.text.en)"]
        }
        let kinds: [Conflict] = [.employerMoney, .protected, .relative, .money]
        for (number, kind) in zip(1..., kinds) { #expect(try await room.said(number) == text(kind, number)) }
        #expect(try await room.said(5).isEmpty)
        // What was found does not end with the appointment.
        #expect(try await room.said(1, isNew: false) == text(.employerMoney, 1))
    }

    @Test(
        "An expert who is away is not appointed, and goes on where that was done; one who left the pool is no expert",
        arguments: TestStore.engines)
    func away(engine: Engine) async throws {
        let room = try await TeamRoom(engine)
        let today = TeamRoom.day.description
        for number in [6, 7] {
            let expert = Actor(account: ID("expert\(number)"), name: "", roles: [.expert])
            try await room.review.addAbsence(AbsenceEntry(from: today, to: today, note: ""), by: expert)
        }
        try await room.db.write { tx in try ExpertStore.leave(ID("e7"), tx) }
        let said = try await room.said(6)
        #expect(said.count == 1 && said.first?.hasPrefix("专家6 is away") == true)
        #expect(try await room.said(6, isNew: false).isEmpty)
        #expect(try await room.said(7).isEmpty)
    }
}
