import BureauTestSupport
import Kernel
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("Changes of legal numbers")
struct RuleChangeTests {
    static let parameter = "limits.investigator.applying-and-running"

    private func propose(_ house: TestHouse, value: Int64, from: Day) async throws -> ID<CaseFile> {
        let officer = try await house.actor("officer")
        let (now, procedures) = (house.house.clock.now(), house.house.procedures)
        let id: ID<CaseFile> = house.house.ids.make()
        let change = RuleChange(
            parameter: Self.parameter, value: .number(value), from: from,
            source: RuleSource(document: Bilingual("新通知", "New notice"), article: "一", confidence: .government),
            note: nil)
        try await house.house.db.write { tx in
            try procedures.open(
                CaseFile(
                    id: id, procedure: RuleChanges.procedure, number: "RULE-\(id.text.suffix(6))",
                    title: Bilingual("调整", "Change"), organisation: nil, applicant: nil,
                    division: officer.division ?? "planning", openedAt: now), as: officer, at: now, in: tx)
            try RuleChangeStore.insert(change, of: id, tx)
        }
        try await house.act(id, "propose", officer)
        return id
    }

    @Test(
        "A change is tried on past rulings, approved by another person, and holds from its day on",
        arguments: TestStore.engines)
    func changed(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        for number in 1...3 { _ = try await house.submit(number, call: call) }
        let from = house.house.today.adding(days: 10)
        let id = try await propose(house, value: 0, from: from)
        let book = house.house.city.rules
        let stored = try #require(try await house.house.db.read { tx in try RuleChangeStore.find(id, tx) })
        #expect(stored.tested["funding.limits"]?["cases"]?.integer == 3)
        // The second and third are over the yearly limit already, so only the first would be judged otherwise.
        #expect(stored.tested["funding.limits"]?["changed"]?.integer == 1)

        try await house.act(id, "approve", try await house.actor("leader"))
        try await RuleChanges.refresh(book, from: house.house.db)
        #expect(try book.number(Self.parameter, on: from.adding(days: -1)) == 3)
        #expect(try book.number(Self.parameter, on: from) == 0)

        // Rulings that were made before come out the same, to the byte.
        let page = try await house.house.db.read { tx in try RulingStore.page(rule: "funding.limits", tx) }
        #expect(page.count == 3)
        for stored in page { #expect(try house.house.rules.again(stored, book: book) == nil) }
    }

    @Test(
        "Days that have begun are never changed, and nobody approves their own proposal", arguments: TestStore.engines)
    func refused(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        await #expect(throws: ProcedureError.self) {
            _ = try await propose(house, value: 5, from: house.house.today)
        }
        let id = try await propose(house, value: 5, from: house.house.today.adding(days: 3))
        let officer = try await house.actor("officer")
        await #expect(throws: ProcedureError.notYours) { try await house.act(id, "approve", officer) }
        let both = Actor(account: officer.account, name: "both", roles: [.officer, .leader])
        await #expect(throws: ProcedureError.samePerson) { try await house.act(id, "approve", both) }
        house.move(days: 5)
        let leader = try await house.actor("leader")
        await #expect(throws: ProcedureError.self) { try await house.act(id, "approve", leader) }
        try await RuleChanges.refresh(house.house.city.rules, from: house.house.db)
        #expect(try house.house.city.rules.number(Self.parameter, on: house.house.today) == 3)
    }

    @Test("A share of votes is shown as the fraction that it is", arguments: TestStore.engines)
    func fractions(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let officer = try await house.actor("officer")
        for language in Language.allCases {
            func list(_ words: String) async throws -> String {
                text(try await house.visit("rules.list", officer, query: [("text", words)], language: language))
            }
            let panels = try await list("panels.")
            #expect(panels.contains(">2/3</td>") && panels.contains(">1/2</td>"))
            #expect(!panels.contains("2 codes") && !panels.contains("2 项"))
            #expect(try await list("transfer.rd.foreign-limit").contains(">2/3</td>"))
            // Tables of codes are none.
            #expect(try await list("talent.points.education").contains(language == .english ? "4 codes" : "4 项"))
            let one = text(
                try await house.visit(
                    "rules.parameter", officer, values: ["id": "panels.quorum"], language: language))
            #expect(one.contains(">2/3</td>"))
        }
    }
}
