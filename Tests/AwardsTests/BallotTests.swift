import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Awards

@Suite("Secret ballots on awards")
struct BallotTests {
    private func open(
        _ room: AwardHouse, _ cases: [ID<CaseFile>], members: ClosedRange<Int> = 2...9
    ) async throws
        -> ID<Ballot>
    {
        try await BallotActions(house: room.house).open(
            title: "2026 年度综合评审", stage: .committee, cases: cases, members: members.map { ID("expert\($0)") },
            by: room.officer)
    }

    @Test("Counted by the rule, and every nomination moves on", arguments: TestStore.engines)
    func counted(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let (first, second) = (try await room.toBallot(), try await room.toBallot(["grade": "second"]))
        let actions = BallotActions(house: room.house)
        let ballot = try await open(room, [first, second])
        for number in 2...9 {
            // Five of eight: enough for a second prize, not for a first.
            let mark: BallotMark = number <= 6 ? .favour : number == 7 ? .abstain : .against
            try await actions.vote(ballot, [1: mark, 2: mark], by: room.expert(number))
        }
        try await actions.close(ballot, by: room.officer)
        #expect(try await room.step(first) == "not-awarded")
        #expect(try await room.step(second) == "proposed")
        let items = try await room.house.db.read { tx in try BallotStore.items(ballot, tx) }
        #expect(
            items.map(\.inFavour) == [5, 5] && items.map(\.against) == [2, 2] && items.map(\.abstained) == [1, 1])
        await #expect(throws: BallotError.closed) { try await actions.close(ballot, by: room.officer) }
    }

    @Test("Who voted is known, how is not: no table and no event says it", arguments: TestStore.engines)
    func secrecy(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let ballot = try await open(room, [try await room.toBallot()])
        let actions = BallotActions(house: room.house)
        try await actions.vote(ballot, [1: .against], by: room.expert(5))
        let (members, events, columns) = try await room.house.db.read { tx in
            (
                try BallotStore.members(ballot, tx), try Record.events(about: "ballot", ballot.text, tx),
                try tx.rows("SELECT * FROM award_ballot_member WHERE account = 'expert5'").count
            )
        }
        #expect(members.filter(\.hasVoted).map(\.name) == ["专家5"] && columns == 1)
        let cast = events.filter { $0.kind == "ballot.cast" }
        #expect(cast.count == 1 && cast[0].content == [:])
        #expect(events.allSatisfy { !$0.content.canonicalText.contains("against") })
    }

    @Test("One vote each, whole, by members only, while it is open", arguments: TestStore.engines)
    func oneVote(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let (first, second) = (try await room.toBallot(), try await room.toBallot())
        let ballot = try await open(room, [first, second], members: 2...5)
        let actions = BallotActions(house: room.house)
        await #expect(throws: BallotError.notMember) {
            try await actions.vote(ballot, [1: .favour, 2: .favour], by: room.expert(9))
        }
        do {
            try await actions.vote(ballot, [1: .favour], by: room.expert(2))
            Issue.record("half a paper was taken")
        } catch BallotError.incomplete(let problems) {
            #expect(problems.map(\.field) == ["mark-2"])
        }
        try await actions.vote(ballot, [1: .favour, 2: .favour], by: room.expert(2))
        await #expect(throws: BallotError.voted) {
            try await actions.vote(ballot, [1: .against, 2: .against], by: room.expert(2))
        }
        let items = try await room.house.db.read { tx in try BallotStore.items(ballot, tx) }
        #expect(items.map(\.cast) == [1, 1])
    }

    @Test("An employee of the nominated organisation withdraws, and so may anybody", arguments: TestStore.engines)
    func recusal(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let item = try await room.toBallot(["grade": "second"])
        let ballot = try await open(room, [item], members: 1...4)
        let actions = BallotActions(house: room.house)
        try await actions.vote(ballot, [:], by: room.expert(1))
        try await actions.vote(ballot, [1: .recuse], by: room.expert(2))
        try await actions.vote(ballot, [1: .favour], by: room.expert(3))
        try await actions.vote(ballot, [1: .favour], by: room.expert(4))
        let recusals = try await room.house.db.read { tx in try BallotStore.recusals(ballot, tx) }
        #expect(recusals.map(\.account.text) == ["expert1", "expert2"])
        try await actions.close(ballot, by: room.officer)
        #expect(try await room.step(item) == "proposed")
    }

    @Test(
        "Who has a contract with a nominated organisation, or reported it, withdraws from that nomination alone",
        arguments: TestStore.engines)
    func dealings(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let first = try await room.toBallot()
        let second = try await room.toBallot(["units": [["unit-name": "乙公司"]]])
        try await room.tie()
        let ballot = try await open(room, [first, second], members: 2...5)
        let recusals = try await room.house.db.read { tx in try BallotStore.recusals(ballot, tx) }
        #expect(recusals.map(\.position) == [1, 1] && recusals.map(\.account.text) == ["expert2", "expert3"])
        let why = recusals.map { BallotStore.words(of: $0.reason) }
        #expect(why.first == Conflict.employerMoney.text && why.last?.zh == "关系限制")
        let actions = BallotActions(house: room.house)
        try await actions.vote(ballot, [2: .favour], by: room.expert(3))
        let items = try await room.house.db.read { tx in try BallotStore.items(ballot, tx) }
        #expect(items.map(\.cast) == [0, 1])
    }

    @Test("Members are of the pool and not away", arguments: TestStore.engines)
    func pool(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let item = try await room.toBallot()
        let (real, today) = (room.house, room.house.today.description)
        let now = room.clock.now()
        try await real.db.write { tx in
            try ExpertStore.leave(ID("e4"), tx)
            try AccountStore.insert(
                AccountCard(id: ID("outsider"), login: "outsider", name: "库外专家", roles: [.expert]),
                passwordHash: "", at: now, tx)
        }
        let review = ReviewActions(db: real.db, clock: room.clock, ids: real.ids, zone: real.city.zone)
        try await review.addAbsence(AbsenceEntry(from: today, to: today, note: ""), by: room.expert(5))
        do {
            _ = try await BallotActions(house: real).open(
                title: "综合评审", stage: .committee, cases: [item],
                members: [ID("outsider")] + (4...7).map { ID("expert\($0)") }, by: room.officer)
            Issue.record("a ballot was opened with members to whom no work may be given")
        } catch BallotError.incomplete(let problems) {
            #expect(problems.map(\.code) == ["ballot.members", "panel.unavailable", "panel.unavailable"])
            #expect(problems.allSatisfy { $0.field == "members" })
        }
        _ = try await open(room, [item], members: 6...9)
    }

    @Test("Without a quorum nothing is decided", arguments: TestStore.engines)
    func quorum(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        let item = try await room.toBallot()
        let ballot = try await open(room, [item], members: 2...7)
        let actions = BallotActions(house: room.house)
        for number in 2...4 { try await actions.vote(ballot, [1: .favour], by: room.expert(number)) }
        try await actions.close(ballot, by: room.officer)
        #expect(try await room.step(item) == "ballot")
        let items = try await room.house.db.read { tx in try BallotStore.items(ballot, tx) }
        #expect(items.first?.carried == nil)
    }

    @Test("A ballot that is wrong is refused with everything wrong", arguments: TestStore.engines)
    func wrong(engine: Engine) async throws {
        let room = try await AwardHouse(engine)
        do {
            _ = try await BallotActions(house: room.house).open(
                title: " ", stage: .group, cases: [try await room.draft()], members: [ID("officer"), ID("expert1")],
                by: room.officer)
            Issue.record("a faulty ballot was opened")
        } catch BallotError.incomplete(let problems) {
            #expect(problems.map(\.field) == ["title", "cases", "members"])
        }
    }
}
