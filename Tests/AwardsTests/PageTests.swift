import Kernel
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Awards

@Suite("Pages of the Awards room")
struct AwardPageTests {
    private func visit(
        _ room: AwardHouse, _ id: String, as actor: Actor, values: [String: String] = [:],
        form: [(String, String)] = []
    ) async throws -> Answer {
        let route = try #require(room.awards.routes.first { $0.id == id })
        return try await route.handler(
            Visit(
                actor: actor, method: route.method, values: values,
                form: FormBody(fields: form.map { FormBody.Field(name: $0.0, value: $0.1) }), now: room.clock.now()))
    }

    private func accepted(_ room: AwardHouse) async throws -> ID<CaseFile> {
        let id = try await room.draft()
        try await room.act(id, "submit", as: room.applicant)
        try await room.act(id, "endorse", as: room.seal)
        try await room.act(id, "accept")
        return id
    }

    @Test("Many nominations go on one notice, and nothing else does", arguments: TestStore.engines)
    func together(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let (first, second) = (try await accepted(room), try await accepted(room))
        let draft = try await room.draft()
        _ = try await visit(room, "awards.notices", as: room.officer)
        for wrong in [[], [draft.text], [first.text, draft.text], ["nonsense"]] {
            _ = try await visit(
                room, "awards.notices.publish", as: room.officer, values: ["point": "acceptance"],
                form: wrong.map { ("cases-acceptance", $0) })
        }
        #expect(try await room.step(first) == "accepted")
        await #expect(throws: RequestProblem.self) {
            _ = try await visit(room, "awards.notices.publish", as: room.officer, values: ["point": "never"])
        }
        _ = try await visit(
            room, "awards.notices.publish", as: room.officer, values: ["point": "acceptance"],
            form: [("cases-acceptance", first.text), ("cases-acceptance", second.text)])
        let notices = try await room.house.db.read { tx in
            try [first, second].map { try AwardNotice.last(of: $0, at: "acceptance", tx) }
        }
        #expect(notices[0] != nil && notices[0] == notices[1])
        let rows = try await room.house.db.read { tx in
            try notices[0].map { try NoticeStore.rows(of: $0, tx) } ?? []
        }
        #expect(rows.count == 2 && rows[0].person == "李一、王二")
        #expect(try await room.step(second) == "acceptance-publicity")
    }

    @Test("A ballot from its opening to its count, on pages", arguments: TestStore.engines)
    func ballot(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let item = try await room.toBallot(["grade": "second"])
        _ = try await visit(room, "awards.ballots.new", as: room.officer)
        _ = try await visit(room, "awards.ballots.open", as: room.officer, form: [("title", "")])
        let none = try await room.house.db.read { tx in try BallotStore.list(before: nil, limit: 9, tx) }
        #expect(none.isEmpty)
        _ = try await visit(
            room, "awards.ballots.open", as: room.officer,
            form: [("title", "综合评审"), ("stage", "committee"), ("cases", item.text)]
                + (2...4).map { ("members", "expert\($0)") })
        let ballot = try #require(
            try await room.house.db.read { tx in try BallotStore.list(before: nil, limit: 9, tx) }.first)
        let path = ["id": ballot.id.text]
        for page in ["awards.ballots", "awards.ballots.show"] {
            _ = try await visit(room, page, as: room.officer, values: path)
        }
        for mark in ["", "perhaps"] {
            _ = try await visit(
                room, "awards.ballots.vote", as: room.expert(2), values: path, form: [("mark-1", mark)])
        }
        for number in 2...4 {
            for page in ["awards.ballots.mine", "awards.ballots.paper"] {
                _ = try await visit(room, page, as: room.expert(number), values: path)
            }
            _ = try await visit(
                room, "awards.ballots.vote", as: room.expert(number), values: path, form: [("mark-1", "favour")])
        }
        _ = try await visit(room, "awards.ballots.close", as: room.officer, values: path)
        #expect(try await room.step(item) == "proposed")
        _ = try await visit(room, "awards.ballots.show", as: room.leader, values: path)
    }

    @Test("The year's page and the leader's chart", arguments: TestStore.engines)
    func year(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        try await room.add(
            "awards.honours",
            [
                "title": "甲", "level": "municipal", "prize": "youth", "grade": "none", "year": "JL-2026-01",
                "winners": "某人", "winning-units": "—",
            ])
        for page in ["awards.years", "awards.years.show"] {
            _ = try await visit(room, page, as: room.leader, values: ["number": "JL-2026-01"])
        }
        await #expect(throws: RegisterError.self) {
            _ = try await visit(room, "awards.years.show", as: room.leader, values: ["number": "none"])
        }
        let chart = try await room.awards.summary(Visit(actor: room.leader, now: room.clock.now()))
        #expect(!chart.isEmpty)
        let file = try await room.toBallot()
        let (panel, leader) = (AwardPanel(house: room.house).panel, room.leader)
        let shown = try await room.house.db.read { tx in
            try panel(try CaseStore.require(file, tx), leader, Say(.english), "", tx)
        }
        #expect(!shown.isEmpty)
    }
}
