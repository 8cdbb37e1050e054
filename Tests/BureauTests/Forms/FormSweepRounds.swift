import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

extension FormSweepTests {
    static let rounds: Set<String> = [
        "applications.save", "applications.attach", "applications.detach", "desk.calls.publish", "desk.calls.return",
        "desk.applications.discipline", "desk.findings.add", "desk.findings.settle",
        "desk.assignment.open", "desk.assignment.assign", "desk.review.draw", "desk.review.remind",
        "desk.review.close", "desk.review.replace", "desk.conflicts.rule", "reviews.answer", "reviews.save",
        "reviews.file.load", "desk.decisions.propose", "desk.decisions.approve",
        "desk.decisions.return", "desk.decisions.effect",
    ]

    @Test("Forms that stand while a call runs, from its writing to the decision")
    func round() async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        var sweeper = try FormSweeper(house)
        let (drawn, assigned) = (try await house.call("natural-science"), try await write(&sweeper))
        try await apply(to: assigned, &sweeper)
        _ = try await house.accepted(
            try await house.submit(2, call: drawn), by: try await house.actor("officer"))
        house.move(days: max(drawn.closesOn.number, assigned.closesOn.number) - house.house.today.number + 1)
        try await assign(assigned, &sweeper)
        try await draw(drawn, &sweeper)
        try await decide(drawn, &sweeper)
        sweeper.expect(Self.rounds, "a round")
    }

    /// A call that is written, proposed and published.
    private func write(_ sweeper: inout FormSweeper) async throws -> Call {
        let (house, today) = (sweeper.house, sweeper.house.house.today)
        let calls = house.funding.calls
        let call = try await calls.draft(
            SampleCall.all[0].content, programme: "key-technology", year: today.parts.year, opensOn: today,
            closesOn: today.adding(days: 20), budget: Money(fen: 500_000_000), by: try await house.actor("officer"))
        let page = "/desk/calls/\(call.id)"
        try await sweeper.fill("officer", page, "desk.calls.save", ["propose": "yes"])
        try await sweeper.fill("leader", page, "desk.calls.publish", [:])
        return try await house.house.db.read { tx in try CallStore.require(call.id, tx) }
    }

    /// An application from its first section to the formal check.
    private func apply(to call: Call, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let draft = try await house.funding.applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        let page = "/applications/\(draft.id)/sections"
        _ = try await house.funding.applications.drafts.attach(
            draft.id, field: "attachments", name: "a.pdf", bytes: SamplePDF.bytes, by: applicant)
        for section in ["basics", "content", "budget-section"] {
            try await sweeper.look("applicant", "\(page)/\(section)")
        }
        let saved = try await house.house.db.read { tx in try CaseStore.answers(draft.id, tx).revision }
        _ = try await house.funding.applications.replace(
            draft.id, answers: TestHouse.answers(1), expecting: saved, by: applicant)
        try await house.act(draft.id, "submit", applicant)
        try await house.act(draft.id, "endorse", try await house.actor("organisation"))
        try await sweeper.fill(
            "officer", "/cases/\(draft.id)", "desk.findings.add",
            [
                "message-zh": "缺少附件", "message-en": "An attachment is missing", "basis-zh": "指南第三条",
                "basis-en": "Call, 3",
            ])
        try await sweeper.look("officer", "/cases/\(draft.id)")
        _ = try await house.accepted(draft, by: officer)
    }

    /// A plan by affinity, with public chance and a chosen pair, so that a seed and a reason are asked for.
    private func assign(_ call: Call, _ sweeper: inout FormSweeper) async throws {
        let page = "/desk/calls/\(call.id)/assignment"
        let due = sweeper.house.house.today.adding(days: 14).description
        let found: String? = try await sweeper.house.house.db.read { tx in
            try tx.value("SELECT number FROM application WHERE call = \(call.id) AND step = 'review'")
        }
        let number = try #require(found)
        let pair = "pairs.0.rule=forbid&pairs.0.item=\(number)&pairs.0.expert=expert1"
        try await sweeper.fill(
            "officer", "\(page)?mode=perturbed&seats=2&load=15&cap=60&apart=yes&\(pair)", "desk.assignment.open",
            ["due": due, "pairs.0.reason": "本人提出不宜评审"])
        try await sweeper.fill("officer", page, "desk.assignment.assign", ["seed": "public chance"])
    }

    /// A public draw, a ruling on a contested conflict, and a sheet from the answer to its handing in.
    private func draw(_ call: Call, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let desk = "/desk/calls/\(call.id)"
        let due = house.house.today.adding(days: 14).description
        try await sweeper.fill("officer", "\(desk)/review", "desk.review.open", ["load": "15", "due": due])
        try await sweeper.fill("officer", "\(desk)/conflicts", "desk.conflicts.contest", ["statement": "早已离职"])
        // Another officer rules, for whom nobody stands here.
        try await sweeper.look("officer", "\(desk)/conflicts")
        try await sweeper.fill("officer", "\(desk)/review", "desk.review.draw", ["seed": "public chance"])
        try await sweeper.look("officer", "\(desk)/review")
        let round = try #require(try await house.house.db.read { tx in try RoundStore.find(subject: call.id.text, tx) })
        let one = try #require(try await house.assignments(round).first)
        let expert = LeakWorld.Guest(name: "expert", actor: try await house.actor(one.expert))
        try await sweeper.look(expert, "/reviews/\(one.id)")
        try await house.funding.sheets.accept(one.id, by: expert.actor)
        try await sweeper.look(expert, "/reviews/\(one.id)")
        try await house.judge(round)
    }

    private func decide(_ call: Call, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        try await sweeper.fill("officer", "/desk/calls/\(call.id)/review", "desk.review.close", [:])
        try await sweeper.fill(
            "officer", "/desk/calls/\(call.id)/line", "desk.decisions.propose", ["reasons": "按评审排序"])
        let found = try await house.house.db.read { tx in try DecisionStore.list(call: call.id, tx).first?.id }
        let page = "/desk/decisions/\(try #require(found))"
        try await sweeper.fill("leader", page, "desk.decisions.approve", ["reason": "同意"])
        house.move(days: 15)
        try await sweeper.fill("officer", page, "desk.decisions.effect", [:])
    }
}
