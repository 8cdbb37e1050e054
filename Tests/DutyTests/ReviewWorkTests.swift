import BureauTestSupport
import Foundation
import Kernel
import Review
import Store
import StoreTestSupport
import Testing
import Treasury

@testable import Bureau
@testable import Funding

@Suite("The work of review in the house")
struct ReviewWorkTests {
    /// A house with a call whose round is closed.
    static func closed(_ engine: Engine, count: Int = 2) async throws -> (house: TestHouse, call: Call, round: Round) {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        for number in 1...count {
            let item = try await house.submit(number, call: call)
            try await house.settle(item)
        }
        house.move(days: call.closesOn.number - house.house.today.number + 1)
        let round = try await house.draw(call)
        try await house.judge(round)
        try await house.funding.review.close(call.id, by: try await house.actor("officer"))
        return (house, call, round)
    }

    @Test(
        "Fees are what the rule allows, proposed by one and approved by another, and the treasury gets an order for each",
        arguments: TestStore.engines)
    func fees(engine: Engine) async throws {
        let (house, call, round) = try await Self.closed(engine)
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let fees = house.funding.fees
        // A remote review is paid 20 to 50 per cent of a day; a day of senior experts is 1,500 to 2,400 yuan.
        let rates: [ExpertFeeFacts.Rank: Money] = [
            .senior: Money(fen: 120_000), .other: Money(fen: 75_000), .eminent: Money(fen: 180_000),
        ]
        for wrong in [Money(fen: 120_100), Money(fen: 1_000)] {
            await #expect(throws: ReviewError.self) {
                try await fees.propose(
                    round.id, perSheet: rates.mapValues { _ in wrong }, by: officer)
            }
        }
        try await fees.propose(round.id, perSheet: rates, by: officer)
        let officerLeader = Actor(
            account: officer.account, person: officer.person, name: officer.name, roles: [.officer, .leader])
        await #expect(throws: ExpertFeeError.samePerson) {
            try await fees.decide(round.id, approve: true, reason: "", by: officerLeader)
        }
        await #expect(throws: AccessError.self) {
            try await fees.decide(round.id, approve: true, reason: "", by: officer)
        }
        await #expect(throws: PlainProblem.self) {
            try await fees.decide(round.id, approve: false, reason: "", by: leader)
        }
        try await fees.decide(round.id, approve: false, reason: "请按下限", by: leader)
        try await fees.propose(round.id, perSheet: rates, by: officer)
        try await fees.decide(round.id, approve: true, reason: "", by: leader)
        await #expect(throws: ReviewError.wrongState) {
            try await fees.propose(round.id, perSheet: rates, by: officer)
        }
        let (lines, run, orders) = try await house.house.db.read { tx in
            let lines = try ExpertFeeStore.lines(round.id, tx)
            let orders = try lines.flatMap { try PaymentStore.list(FeeBooks.subject, $0.id.text, tx) }
            return (lines, try ExpertFeeStore.run(round.id, tx), orders)
        }
        #expect(lines.map(\.sheets).reduce(0, +) == 2 * call.content.expertsEach)
        #expect(lines.allSatisfy { $0.least <= $0.amount && $0.amount <= $0.most && $0.state == .ordered })
        #expect(Money.sum(lines.map(\.amount)) == run?.total)
        #expect(Money.sum(orders.map(\.amount)) == run?.total && orders.count == lines.count)
    }

    @Test(
        "A double-blind call tells its experts neither who applies nor gives them the files",
        arguments: TestStore.engines)
    func doubleBlind(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try await house.checked(call)[0]
        let round = try await house.draw(call)
        let one = try #require(try await house.assignments(round).first)
        let expert = try await house.actor(one.expert)
        try await house.funding.sheets.accept(one.id, by: expert)
        var double = call
        double.content.blindness = .double
        let (application, open, blind) = try await house.house.db.read { [double] tx in
            let application = try ApplicationStore.require(item.id, tx)
            return (
                application, try BlindReview.load(application, call, tx),
                try BlindReview.load(application, double, tx)
            )
        }
        let organisation = try await house.house.db.read { tx in
            try Registry.organisation(application.organisation, tx)
        }
        #expect(open.applicant?.investigator == application.investigatorName)
        #expect(blind.applicant == nil && blind.files.isEmpty)
        let told = "\(blind.title.zh) \(String(decoding: blind.answers.canonicalBytes, as: UTF8.self))"
        #expect(!told.contains(application.investigatorName) && !told.contains(organisation?.name.zh ?? "?"))
        #expect(blind.answers["telephone"] == nil && blind.answers["participants"] == nil)
        #expect(open.answers["unsuitable"] == nil, "whom the applicant would rather not have is told")
        let text: JSONValue = ["plan": .string("\(application.investigatorName)团队与\(organisation?.name.zh ?? "")合作")]
        let finder = IdentityFinder(
            names: [application.investigatorName], employers: [organisation?.name.zh ?? "?"])
        #expect(text.masked(finder)["plan"]?.string == "〔…〕团队与〔…〕合作")
        // The files: the same question as the address of a file asks.
        let reads = try await house.house.db.read { tx in try ReviewAccess.mayRead(item.id, expert, tx) }
        #expect(reads)
        try await house.house.db.write { [double] tx in
            let content = String(decoding: try JSONEncoder().encode(double.content), as: UTF8.self)
            try tx.run("UPDATE funding_call SET content = \(content) WHERE id = \(call.id)")
        }
        let after = try await house.house.db.read { tx in try ReviewAccess.mayRead(item.id, expert, tx) }
        #expect(!after, "failure line 5: a document is given to whoever knows its address")
    }

    @Test(
        "An application like another is a finding of the formal check, and is not refused", arguments: TestStore.engines
    )
    func duplicates(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let first = try await house.submit(1, call: call)
        _ = try await house.funding.duplicates.tend()
        let second = try await house.submit(2, call: call)
        #expect(try await house.funding.duplicates.tend() >= 1)
        let (pairs, findings, step) = try await house.house.db.read { tx in
            (
                try Questions.list(QuestionFilter(.duplicates, subject: second.id.text), limit: 10, tx),
                try FindingStore.list(of: second.id, tx), try ApplicationStore.require(second.id, tx).step
            )
        }
        #expect(pairs.contains { $0.other == first.id.text })
        #expect(findings.contains { $0.draft.code == "text.similar" } && step == "formal-check")
        #expect(
            findings.allSatisfy { !$0.draft.message.zh.contains(first.number) },
            "applicants read findings, and must not learn of others")
        let officer = try await house.actor("officer")
        await #expect(throws: (any Error).self) { try await house.act(second.id, "accept", officer) }
        try await house.settle(second)
    }

    /// Failure line 4 elsewhere: a search found hidden comments by who had written them.
    @Test("The search finds no sheet and no expert by what was written", arguments: TestStore.engines)
    func searchTellsNothing(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        _ = try await house.checked(call)
        let round = try await house.draw(call)
        let one = try #require(try await house.assignments(round).first)
        let expert = try await house.actor(one.expert)
        let word = "量子鸬鹚"
        try await house.funding.sheets.accept(one.id, by: expert)
        _ = try await house.funding.sheets.save(
            one.id,
            values: { name in name == "comment" ? ["论证充分，但\(word)的部分不清楚。"] : name == "verdict" ? ["fund"] : ["80"] },
            expecting: one.revision, by: expert)
        try await house.funding.sheets.submit(one.id, by: expert)
        _ = try await house.services.indexAgain()
        for text in [word] {
            let found = try await house.house.db.read { tx in try Search.find(text, limit: 20, tx) }
            #expect(found.isEmpty, "\(text)")
        }
    }
}

extension TestHouse {
    /// Settles every finding of an application and lets it pass the formal check.
    func settle(_ item: Application) async throws {
        let officer = try await actor("officer")
        let open = try await house.db.read { tx in try FindingStore.list(of: item.id, tx).filter { $0.state == .open } }
        for finding in open {
            try await funding.findings.settle(
                finding.id, as: .overridden, reason: "同一申请人的系列课题，内容不同", by: officer)
        }
        try await act(item.id, "accept", officer)
    }
}
