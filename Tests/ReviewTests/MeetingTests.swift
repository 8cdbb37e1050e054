import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Meetings of panels")
struct MeetingTests {
    typealias Ballot = MeetingActions.Ballot

    private static func ballot(secret: Bool = true, _ threshold: MeetingVote.Threshold = .present) -> Ballot {
        Ballot(kind: .approve, isSecret: secret, question: "", threshold: threshold)
    }

    private func refusal(_ body: () async throws -> Void) async throws -> MeetingError? {
        do {
            try await body()
            return nil
        } catch let problem as MeetingError {
            return problem
        }
    }

    @Test("Two thirds make a quorum; without it nothing is opened or voted on", arguments: TestStore.engines)
    func quorum(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let meeting = try await city.planned()
        for number in 0..<3 { try await city.meetings.arrive(ID("expert\(number)"), meeting, by: city.officer) }
        #expect(
            try await refusal { try await city.meetings.open(meeting, by: city.officer) }
                == .noQuorum(present: 3, needed: 4, of: 5))
        try await city.meetings.arrive(ID("expert3"), meeting, by: city.officer)
        try await city.meetings.open(meeting, by: city.officer)
        let item = try await city.meetings.add(
            Bilingual("议题", "Item"), minutes: 10, cases: [], to: meeting, by: city.officer)
        try await city.meetings.openItem(item, by: city.officer)
        try await city.meetings.leave(ID("expert3"), meeting, by: city.officer)
        #expect(
            try await refusal { try await city.meetings.openVote(Self.ballot(), on: item, by: city.officer) }
                == .noQuorum(present: 3, needed: 4, of: 5))
    }

    @Test("Who keeps out is sent out, reads no papers, has no vote, and does not count", arguments: TestStore.engines)
    func recusal(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let cases = try await city.cases(1, conflicting: true)
        let (meeting, item) = try await city.called(present: [0, 1, 2, 3], cases: cases)
        try await city.meetings.leave(ID("expert3"), meeting, by: city.officer)
        let (recusals, mine, other) = try await city.db.read { tx in
            (
                try MeetingStore.recusals(meeting, tx), try MeetingStore.mayRead(cases[0], city.expert(0), tx),
                try MeetingStore.mayRead(cases[0], city.expert(1), tx)
            )
        }
        #expect(recusals.map(\.account) == [ID("expert0")] && recusals.allSatisfy { $0.isFound && $0.leftAt != nil })
        #expect(!mine && other)
        // Four may vote, three are needed, two are there.
        #expect(
            try await refusal { try await city.meetings.openVote(Self.ballot(), on: item, by: city.officer) }
                == .noQuorum(present: 2, needed: 3, of: 4))
        try await city.meetings.arrive(ID("expert4"), meeting, by: city.officer)
        let vote = try await city.meetings.openVote(Self.ballot(), on: item, by: city.officer)
        #expect(
            try await refusal { _ = try await city.meetings.cast(["yes"], in: vote, by: city.expert(0)) } == .recused)
        #expect(
            try await refusal { _ = try await city.meetings.cast(["yes"], in: vote, by: city.expert(3)) } == .absent)
        let kinds = try await city.events(meeting).map(\.kind)
        #expect(kinds.contains("meeting.conflict-found") && kinds.contains("meeting.left-room"))
        try await city.meetings.closeVote(vote, by: city.officer)
        try await city.meetings.closeItem(item, by: city.officer)
        let back = try await city.db.read { tx in try MeetingStore.recusals(meeting, tx) }
        #expect(back.allSatisfy { $0.returnedAt != nil })
    }

    @Test("Nobody votes twice, not even at the same time, and votes add up", arguments: TestStore.engines)
    func once(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let (_, item) = try await city.called(present: [0, 1, 2, 3])
        let vote = try await city.meetings.openVote(Self.ballot(), on: item, by: city.officer)
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<6 {
                group.addTask { (try? await city.meetings.cast(["yes"], in: vote, by: city.expert(1))) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 1)
        _ = try await city.meetings.cast(["no"], in: vote, by: city.expert(2))
        _ = try await city.meetings.cast(["abstain"], in: vote, by: city.expert(3))
        #expect(try await refusal { _ = try await city.meetings.cast(["no"], in: vote, by: city.expert(2)) } == .voted)
        try await city.meetings.closeVote(vote, by: city.officer)
        let result = try await city.result(vote)
        #expect(result.cast == 3 && result.yes == 1 && result.no == 1 && result.abstained == 1)
        // Four were present, so three were needed.
        #expect(result.needed == 3 && result.carried == false)
        #expect(
            try await refusal { _ = try await city.meetings.cast(["yes"], in: vote, by: city.expert(0)) } == .voteClosed
        )
    }

    @Test("No table and no event ties a secret paper to its voter", arguments: TestStore.engines)
    func secrecy(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let (meeting, item) = try await city.called(present: [0, 1, 2, 3, 4])
        let vote = try await city.meetings.openVote(Self.ballot(), on: item, by: city.officer)
        var codes: Set<String> = []
        for number in 0..<5 {
            codes.insert(
                try await city.meetings.cast([number < 3 ? "yes" : "no"], in: vote, by: city.expert(number)))
        }
        // While it is open, papers are sealed and nobody gets any.
        let open = try await city.db.read { tx in
            (
                try tx.rows("SELECT account, name, choice FROM meeting_paper WHERE vote = \(vote)") {
                    [try $0["account"] as String?, try $0["name"] as String?, try $0["choice"] as String?]
                }, try MeetingStore.papers(vote, tx)
            )
        }
        #expect(open.0.count == 5 && open.0.joined().allSatisfy { $0 == nil } && open.1.isEmpty)
        try await city.meetings.closeVote(vote, by: city.officer)
        let papers = try await city.db.read { tx in try MeetingStore.papers(vote, tx) }
        #expect(Set(papers.map(\.code)) == codes && papers.allSatisfy { $0.name == nil })
        #expect(papers.map(\.code) == papers.map(\.code).sorted())
        #expect(papers.count { $0.choice == "yes" } == 3)
        // Events of voting hold neither code nor choice.
        let voted = try await city.events(meeting).filter { $0.kind == "meeting.voted" }
        #expect(voted.count == 5 && voted.allSatisfy { $0.content == ["vote": .string(vote.text)] })
        let text = voted.map { String(decoding: $0.content.canonicalBytes, as: UTF8.self) }.joined()
        #expect(codes.allSatisfy { !text.contains($0) } && !text.contains("yes"))
        if engine == .postgres {
            // All rows were written by the transaction that counted: not even row versions tell.
            let versions: Int? = try await city.db.read { tx in
                try tx.value(
                    """
                    SELECT COUNT(DISTINCT v) FROM (SELECT xmin::text AS v FROM meeting_paper WHERE vote = \(vote)
                        UNION ALL SELECT xmin::text FROM meeting_roll WHERE vote = \(vote)) x
                    """)
            }
            #expect(versions == 1)
        }
    }

    @Test("A second round is a round of its own, and named papers stand with their names", arguments: TestStore.engines)
    func rounds(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let cases = try await city.cases(1)
        let (meeting, item) = try await city.called(present: [0, 1, 2, 3], cases: cases)
        for (round, yes) in [(1, 2), (2, 3)] {
            let vote = try await city.meetings.openVote(
                Self.ballot(secret: round == 1, .twoThirds), on: item, by: city.officer)
            #expect(
                try await refusal { try await city.meetings.openVote(Self.ballot(), on: item, by: city.officer) }
                    == .voteOpen)
            #expect(try await refusal { try await city.meetings.closeItem(item, by: city.officer) } == .voteOpen)
            for number in 0..<4 {
                _ = try await city.meetings.cast([number < yes ? "yes" : "no"], in: vote, by: city.expert(number))
            }
            try await city.meetings.closeVote(vote, by: city.officer)
            let result = try await city.result(vote)
            #expect(result.needed == 3 && result.carried == (round == 2))
            let names = try await city.db.read { tx in try MeetingStore.papers(vote, tx).compactMap(\.name) }
            #expect(names.count == (round == 1 ? 0 : 4))
        }
        try await city.meetings.closeItem(item, by: city.officer)
        try await city.meetings.close(meeting, by: city.officer)
        let verdicts = try await city.db.read { tx in try PanelVerdict.all(cases, tx) }
        #expect(verdicts[cases[0]]?.isFavourable == true && verdicts[cases[0]]?.round == 2)
    }

    @Test("Choosing two of five counts exactly and can be counted again from the papers", arguments: TestStore.engines)
    func choosing(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let cases = try await city.cases(5)
        let (meeting, item) = try await city.called(present: [0, 1, 2, 3, 4], cases: cases)
        let vote = try await city.meetings.openVote(
            Ballot(kind: .choose, isSecret: true, question: "", seats: 2), on: item, by: city.officer)
        let papers = [["1", "2", "3"], ["1", "3"], ["1", "2"], ["2", "1"], ["4", "2"]]
        for (number, paper) in papers.enumerated() {
            _ = try await city.meetings.cast(paper, in: vote, by: city.expert(number))
        }
        try await city.meetings.closeVote(vote, by: city.officer)
        let result = try await city.result(vote)
        #expect(result.quota == 2 && result.elected == [0, 1] && result.cast == 5 && result.invalid == 0)
        let (kept, held, agenda, again) = try await city.db.read { tx in
            (
                try MeetingStore.papers(vote, tx), try MeetingStore.vote(vote, tx),
                try MeetingStore.item(item, tx).item,
                try MeetingStore.require(meeting, tx)
            )
        }
        #expect(MeetingActions.count(held, agenda, kept.reversed(), again) == result)
        for wrong in [[], ["0"], ["6"], ["1", "1"], ["x"]] {
            let other = try await refusal { _ = try await city.meetings.cast(wrong, in: vote, by: city.expert(0)) }
            #expect(other == .voteClosed)
        }
    }

    @Test("Faulty papers are refused with what is wrong", arguments: TestStore.engines)
    func faulty(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let cases = try await city.cases(3)
        let (_, item) = try await city.called(present: [0, 1, 2, 3], cases: cases)
        #expect(
            try await refusal {
                try await city.meetings.openVote(
                    Ballot(kind: .choose, isSecret: true, question: "", seats: 3), on: item, by: city.officer)
            }?.fields.map(\.code) == ["meeting.seats"])
        let vote = try await city.meetings.openVote(
            Ballot(kind: .choose, isSecret: true, question: "", seats: 1), on: item, by: city.officer)
        for wrong in [[], ["0"], ["4"], ["1", "1"], ["x"]] {
            let found = try await refusal { _ = try await city.meetings.cast(wrong, in: vote, by: city.expert(0)) }
            #expect(found?.fields.map(\.code) == ["meeting.choice"])
        }
        _ = try await city.meetings.cast(["3"], in: vote, by: city.expert(0))
    }

    @Test("The minutes say what happened and are signed by two, once each", arguments: TestStore.engines)
    func minutes(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let cases = try await city.cases(1, conflicting: true)
        let (meeting, item) = try await city.called(present: [0, 1, 2, 3], cases: cases)
        try await city.meetings.note("创新性强", on: item, by: city.officer)
        let vote = try await city.meetings.openVote(Self.ballot(secret: false), on: item, by: city.officer)
        for number in 1...3 { _ = try await city.meetings.cast(["yes"], in: vote, by: city.expert(number)) }
        try await city.meetings.closeVote(vote, by: city.officer)
        #expect(try await refusal { try await city.meetings.close(meeting, by: city.officer) } == .wrongState)
        try await city.meetings.closeItem(item, by: city.officer)
        try await city.meetings.close(meeting, by: city.officer)
        let closed = try await city.db.read { tx in try MeetingStore.require(meeting, tx) }
        let minutes = try #require(closed.minutes)
        for words in ["委员4（单位4）：缺席", "委员0 回避", "离开会场", "创新性强", "赞成 3", "通过", "委员1 赞成"] {
            #expect(minutes.zh.contains(words), "\(words)")
        }
        #expect(minutes.en.contains("kept out") && minutes.en.contains("carried"))
        #expect(try await refusal { try await city.meetings.sign(meeting, by: city.expert(1)) } == .notSigner)
        try await city.meetings.sign(meeting, by: city.officer)
        #expect(try await refusal { try await city.meetings.sign(meeting, by: city.officer) } == .notSigner)
        try await city.meetings.sign(meeting, by: city.expert(0))
        let signed = try await city.db.read { tx in try MeetingStore.require(meeting, tx) }
        #expect(signed.state == .signed)
        let signatures = try await city.events(meeting).filter { $0.kind == "meeting.signed" }
        #expect(signatures.allSatisfy { $0.content["minutes"]?.string == closed.minutesHash } && signatures.count == 2)
        let mayRead = try await city.db.read { tx in try MeetingStore.mayRead(cases[0], city.expert(1), tx) }
        #expect(!mayRead)
    }

    @Test(
        "The English minutes name people, employers and places in English where it is known",
        arguments: TestStore.engines)
    func english(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let now = city.clock.now()
        try await city.db.write { tx in
            let person = Person(id: ID("p1"), name: "委员1", nameEn: "Wang Wei", title: "")
            try Registry.add(person, number: nil, vault: Vault(key: [UInt8](repeating: 7, count: 32)), at: now, tx)
            try tx.run("UPDATE expert SET person = 'p1' WHERE id = 'e1'")
            try tx.run(
                """
                INSERT INTO organisation (id, name_zh, name_en, uscc, kind, address, created_at)
                VALUES ('house1', '单位1', 'House One', '1', 'other', '', \(now))
                """)
        }
        let meeting = try await city.meetings.plan(
            MeetingActions.Plan(
                call: nil, title: "评审会 / Panel", division: "planning", place: "一号会议室 / Room One",
                startsAt: now.adding(seconds: 3_600), chair: ID("expert1"), members: (0..<5).map { ID("expert\($0)") }),
            by: city.officer)
        for number in 1..<5 { try await city.meetings.arrive(ID("expert\(number)"), meeting, by: city.officer) }
        try await city.meetings.open(meeting, by: city.officer)
        let item = try await city.meetings.add(
            Bilingual("议题", "Item"), minutes: 10, cases: [], to: meeting, by: city.officer)
        try await city.meetings.openItem(item, by: city.officer)
        try await city.meetings.note("可行 / It works", on: item, by: city.officer)
        try await city.meetings.closeItem(item, by: city.officer)
        try await city.meetings.close(meeting, by: city.officer)
        let closed = try await city.db.read { tx in try MeetingStore.require(meeting, tx) }
        let minutes = try #require(closed.minutes)
        for words in ["评审会（", "地点：一号会议室\n", "主持人：委员1；", "委员 委员1（单位1）：到会", "讨论：可行\n"] {
            #expect(minutes.zh.contains(words), "\(words)")
        }
        for words in [
            "Minutes of Panel (", "Place: Room One\n", "Chair: Wang Wei;", "Member Wang Wei (House One): present",
            "Member 委员0 (单位0): absent", "Discussion: It works\n",
        ] { #expect(minutes.en.contains(words), "\(words)") }
        let expert = try await city.db.read { tx in try ExpertStore.find(account: ID("expert1"), tx) }
        #expect(expert?.introduced == Bilingual("委员1 · 单位1", "Wang Wei · House One"))
    }

    @Test("A plan names everything that is wrong with it", arguments: TestStore.engines)
    func plan(engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let wrong = MeetingActions.Plan(
            call: nil, title: " ", division: "planning", place: "", startsAt: city.clock.now().adding(seconds: -60),
            chair: ID("nobody"), members: [ID("expert0"), ID("nobody")])
        let codes = try await refusal { _ = try await city.meetings.plan(wrong, by: city.officer) }?.fields.map(\.code)
        #expect(
            codes == ["meeting.title", "meeting.place", "meeting.starts", "meeting.members", "meeting.chair"])
        // Who left the pool, or let the yearly confirmation lapse, is not invited, whatever the page offered.
        try await city.db.write { tx in
            try ExpertStore.leave(ID("e0"), tx)
            try ExpertStore.confirm(ID("e1"), through: Day(year: 2026, month: 3, day: 1) ?? Day(number: 0), tx)
        }
        let late = try await refusal { _ = try await city.planned() }?.fields
        #expect(late?.map(\.code) == ["meeting.members", "meeting.members"])
        #expect(zip(late ?? [], ["委员0", "委员1"]).allSatisfy { $0.message.en.hasPrefix($1) })
    }
}
