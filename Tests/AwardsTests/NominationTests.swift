import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Awards

@Suite("Nominations for an award")
struct NominationTests {
    @Test("From the nomination to certificate and money, ordered by two people", arguments: TestStore.engines)
    func happy(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let id = try await room.toBallot()
        try await room.act(
            id, "carry",
            ["stage": "committee", "members": 21, "recused": 0, "cast": 21, "in-favour": 14, "minutes": "2026-1"])
        try await room.act(id, "publish")
        #expect(try await room.refusals(id, "to-decision") == ["awards.publicity"])
        room.move(days: 11)
        try await room.act(id, "to-decision")
        try await room.act(id, "award", ["document": "深科创〔2026〕1号"], as: room.leader)
        #expect(
            try await room.refusals(id, "order", ["amount": 10_000_000, "payee": "李一、王二"]) == ["awards.amount"])
        try await room.act(id, "order", ["amount": 100_000_000, "payee": "李一、王二各半"])
        let both = Actor(account: ID("officer"), name: "经办人", roles: [.officer, .treasurer])
        await #expect(throws: ProcedureError.samePerson) { try await room.act(id, "confirm", as: both) }
        try await room.act(id, "confirm", as: room.treasurer)
        #expect(try await room.step(id) == "awarded")
        let (entries, letters, values) = try await room.house.db.read { tx in
            (
                try RegisterStore.entries(of: id, tx), try Letters.list(of: id, tx), try CaseValues.own(of: id, tx)
            )
        }
        #expect(entries.map(\.register) == ["awards.honours"])
        #expect(entries.first?.content["prize-money"]?.integer == 100_000_000)
        #expect(values["issued-number"]?.string == "深科奖证〔2026〕1号")
        #expect(letters.contains { $0.body.zh.contains("1,000,000.00") })
    }

    @Test(
        "Who is not entitled, nominates themselves or comes late is refused, with the reason",
        arguments: TestStore.engines)
    func entitlement(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let other = try await room.draft(["prize": "top", "grade": "none"])
        #expect(try await room.refusals(other, "submit", as: room.applicant) == ["awards.entitled"])
        let own = try await room.draft(["units": [["unit-name": "某区政府", "uscc": "91440300MA5D12340D"]]])
        #expect(try await room.refusals(own, "submit", as: room.applicant) == ["awards.nominee.self"])
        let young = try await room.draft(["prize": "nature", "published-on": "2025-01-01"])
        #expect(try await room.refusals(young, "submit", as: room.applicant) == ["awards.nominee.published"])
        let grade = try await room.draft(["prize": "youth"])
        #expect(try await room.refusals(grade, "submit", as: room.applicant) == ["awards.nominee.graded"])
        room.move(days: 200)
        let late = try await room.draft()
        #expect(try await room.refusals(late, "submit", as: room.applicant) == ["awards.window"])
    }

    @Test("Each of the lists stops acceptance; a namesake is named by number", arguments: TestStore.engines)
    func lists(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        for list in ["ban", "overdue-acceptance", "overdue-refund"] {
            try await room.add(
                "awards.lists",
                [
                    "list": .string(list), "party": "甲公司", "uscc": .string(AwardHouse.unitCode), "since": "2026-01-01",
                    "source": "通报",
                ])
        }
        let failed = try await room.add(
            "awards.lists", ["list": "failed-acceptance", "party": "王二", "since": "2026-01-01", "source": "通报"])
        try await room.add(
            "awards.lists",
            ["list": "ban", "party": "甲公司", "since": "2020-01-01", "until": "2023-01-01", "source": "已到期"])
        // A list for organisations does not bar a person of the same name, and the other way round.
        try await room.add("awards.lists", ["list": "ban", "party": "李一", "since": "2026-01-01", "source": "通报"])
        let id = try await room.draft()
        try await room.act(id, "submit", as: room.applicant)
        try await room.act(id, "endorse", as: room.seal)
        #expect(try await room.refusals(id, "accept").count == 4)
        #expect(try await room.refusals(id, "accept", ["namesakes": .string(failed.number)]).count == 3)
        try await room.act(id, "refuse", ["reason": "单位在限制申报名单"])
        #expect(try await room.step(id) == "refused")
    }

    @Test(
        "A nomination goes on only when its publicity is over and objections are settled", arguments: TestStore.engines)
    func publicity(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let id = try await room.draft()
        try await room.act(id, "submit", as: room.applicant)
        try await room.act(id, "endorse", as: room.seal)
        try await room.act(id, "accept")
        try await room.act(id, "publish")
        let notice = try await room.house.db.read { tx in
            try AwardNotice.last(of: id, at: "acceptance", tx).flatMap { try NoticeStore.find($0, tx) }
        }
        #expect(notice?.closesOn == AwardHouse.start.adding(days: 10))
        room.move(days: 10)
        #expect(try await room.refusals(id, "to-review") == ["awards.publicity"])
        room.move(days: 1)
        try await room.act(id, "to-review")
        #expect(try await room.step(id) == "review")
    }

    @Test("The year's plan and the law's limits are kept by the decision", arguments: TestStore.engines)
    func limits(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        for number in 1...8 {
            try await room.add(
                "awards.honours",
                [
                    "title": .string("青年 \(number)"), "level": "municipal", "prize": "youth", "grade": "none",
                    "year": "JL-2026-01", "winners": "某人", "winning-units": "—",
                ])
        }
        let id = try await room.toBallot(["prize": "youth", "grade": "none", "units": []])
        try await room.act(
            id, "carry",
            ["stage": "committee", "members": 9, "recused": 0, "cast": 9, "in-favour": 9, "minutes": "2026-1"])
        try await room.act(id, "publish")
        room.move(days: 11)
        try await room.act(id, "to-decision")
        #expect(
            try await room.refusals(id, "award", ["document": "1号"], as: room.leader) == ["awards.limits.youth"])
    }

    @Test(
        "Paper votes that do not carry are not entered as carried, nor the other way round",
        arguments: TestStore.engines)
    func paperVotes(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let id = try await room.toBallot()
        let votes: JSONValue = [
            "stage": "committee", "members": 21, "recused": 0, "cast": 21, "in-favour": 13, "minutes": "2026-1",
        ]
        #expect(try await room.refusals(id, "carry", votes) == ["awards.ballot.votes"])
        var wrong = votes.object ?? [:]
        wrong["in-favour"] = 30
        #expect(try await room.refusals(id, "carry", .object(wrong)) == ["awards.ballot.counts"])
        var defeat = votes.object ?? [:]
        defeat["reason"] = "未达三分之二"
        try await room.act(id, "defeat", .object(defeat))
        #expect(try await room.step(id) == "not-awarded")
    }

    @Test("Nominations for the nation are within the organisation's quota", arguments: TestStore.engines)
    func quota(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let upper: JSONValue = [
            "level": "national", "calendar-year": 2025, "failed-higher": "no", "people": [["name": "李一"]],
            "units": [["unit-name": "甲公司"]],
        ]
        let without = try await room.draft(upper, procedure: "awards.upper")
        #expect(
            try await room.refusals(without, "submit", as: room.applicant)
                == ["awards.quota.holds", "awards.quota.quota"])
        let held = try await room.add(
            "awards.honours",
            [
                "title": "前项", "level": "municipal", "prize": "progress", "grade": "first", "calendar-year": 2022,
                "winners": "李一", "winning-units": "某区政府", "unit-code": "91440300MA5D12340D",
            ])
        var answers = upper.object ?? [:]
        answers["holds"] = .string(held.number)
        let first = try await room.draft(.object(answers), procedure: "awards.upper")
        #expect(try await room.refusals(first, "submit", as: room.applicant) == [])
        let second = try await room.draft(.object(answers), procedure: "awards.upper")
        #expect(try await room.refusals(second, "submit", as: room.applicant) == ["awards.quota.quota"])
    }

    @Test(
        "Whole months between two days",
        arguments: [
            ("2024-03-02", "2026-03-02", 24), ("2024-03-03", "2026-03-02", 23), ("2026-03-02", "2026-03-02", 0),
            ("2027-01-01", "2026-03-02", 0), ("2024-01-31", "2024-02-29", 1), ("2024-01-31", "2024-02-28", 0),
        ])
    func months(from: String, to: String, months: Int) throws {
        let (from, to) = (try #require(Day(from)), try #require(Day(to)))
        #expect(Nomination.wholeMonths(from: from, to: to) == months)
    }
}
