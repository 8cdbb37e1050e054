import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("When experts cannot judge")
struct AvailabilityTests {
    /// A time away from days that are counted from the city's day 0.
    private func entry(_ from: Int, _ to: Int, _ note: String = "") -> AbsenceEntry {
        AbsenceEntry(
            from: ReviewCity.day.adding(days: from).description, to: ReviewCity.day.adding(days: to).description,
            note: note)
    }

    private func codes(_ body: () async throws -> Void) async throws -> [String] {
        do {
            try await body()
            return []
        } catch ReviewError.incomplete(let problems) { return problems.map(\.code) }
    }

    private func away(_ expert: Int, _ from: Int, _ to: Int, _ city: ReviewCity) async throws {
        try await city.review.addAbsence(
            entry(from, to), by: try city.actor(city.experts[expert].id))
    }

    private func absences(_ city: ReviewCity, _ expert: Int) async throws -> [Absence] {
        let id = city.experts[expert].id
        return try await city.db.read { tx in try AbsenceStore.list(of: id, tx) }
    }

    private func invitations(_ city: ReviewCity, _ expert: ID<Expert>) async throws -> Int {
        let account = try #require(city.experts.first { $0.id == expert }).account
        return try await city.db.read { tx in
            let all = try Messages.list(account, before: nil, limit: 100, tx)
            return all.count { $0.title.en == "Invitation to review" }
        }
    }

    @Test("Everything wrong with a time away is said at once, and no two overlap", arguments: TestStore.engines)
    func wrong(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 2, engine: engine)
        let me = try city.actor(city.experts[0].id)
        func told(_ entry: AbsenceEntry) async throws -> [String] {
            try await codes { try await city.review.addAbsence(entry, by: me) }
        }
        let long = String(repeating: "长", count: AbsenceStore.longestNote + 1)
        #expect(
            try await told(AbsenceEntry(from: "", to: "soon", note: long))
                == ["absence.from", "absence.to", "field.long"])
        #expect(try await told(entry(5, 4)) == ["absence.order"])
        #expect(try await told(entry(-9, -1)) == ["absence.over"])
        #expect(try await told(entry(0, 2_000)) == ["absence.far"])
        #expect(try await absences(city, 0).isEmpty)
        #expect(try await told(entry(3, 6, " 出国访问 ")).isEmpty)
        for (first, last) in [(1, 3), (4, 5), (6, 6), (0, 9)] {
            #expect(try await told(entry(first, last)) == ["absence.overlap"], "\(first) \(last)")
        }
        #expect(try await told(entry(7, 7)).isEmpty)
        // What another is told is no matter.
        try await away(1, 3, 6, city)
        for number in 2..<AbsenceStore.most { #expect(try await told(entry(10 * number, 10 * number)).isEmpty) }
        #expect(try await told(entry(500, 501)) == ["absence.many"])
        let kept = try await absences(city, 0)
        #expect(kept.count == AbsenceStore.most && kept[0].note == "出国访问")
        // Those that are over make room.
        city.clock.move(seconds: 8 * 86_400)
        #expect(try await told(entry(500, 501)).isEmpty)
    }

    @Test(
        "Experts and officers tell times away, nobody else, and the record keeps no days", arguments: TestStore.engines)
    func who(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 2, engine: engine)
        let (mine, other) = (city.experts[0].id, try city.actor(city.experts[1].id))
        let stranger = Actor(account: ID("stranger"), name: "S", roles: [.expert])
        await #expect(throws: ReviewError.unknown) { try await city.review.addAbsence(entry(0, 1), by: stranger) }
        await #expect(throws: ReviewError.unknown) {
            try await city.review.addAbsence(entry(0, 1), to: ID("nobody"), by: city.officer)
        }
        await #expect(throws: AccessError.self) {
            try await city.review.addAbsence(entry(0, 1), to: mine, by: other)
        }
        try await city.review.addAbsence(entry(0, 1, "住院"), to: mine, by: city.officer)
        let kept = try #require(try await absences(city, 0).first)
        await #expect(throws: ReviewError.unknown) { try await city.review.removeAbsence(kept.id, by: other) }
        await #expect(throws: AccessError.self) {
            try await city.review.removeAbsence(kept.id, of: mine, by: other)
        }
        try await city.review.removeAbsence(kept.id, by: try city.actor(mine))
        await #expect(throws: ReviewError.unknown) {
            try await city.review.removeAbsence(kept.id, of: mine, by: city.officer)
        }
        #expect(try await absences(city, 0).isEmpty)
        let events = try await city.db.read { tx in try Record.events(about: "expert", mine.text, tx) }
        #expect(events.map(\.kind) == ["expert.absence-added", "expert.absence-removed"])
        for event in events {
            let text = event.content.canonicalText
            #expect(text.contains(kept.id.text) && !text.contains("住院") && !text.contains(kept.from.description))
        }
    }

    @Test(
        "Who is away on the day of the plan, or on all that are left, is not drawn; who comes back before the end is",
        arguments: TestStore.engines)
    func plan(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        // The round is due on day 10.
        try await away(0, 0, 0, city)
        try await away(1, 1, 10, city)
        try await away(2, 1, 5, city)
        try await away(2, 6, 30, city)
        try await away(3, 1, 9, city)
        try await away(4, 2, 30, city)
        let able = city.experts[3...].map(\.id)
        let pool = try await city.db.read { tx in try ExpertStore.active(tx) }
        // An assignment may be tried before its due day is known.
        for (due, first) in [(nil, 1), (ReviewCity.day.adding(days: 10), 3)] as [(Day?, Int)] {
            let proposal = try await city.review.propose(
                AssignmentOptions(mode: .best, seats: 1, load: 5),
                items: [(ReviewCity.item(0), Subject(disciplines: ["520"]))],
                experts: pool.map { ($0, city.facts($0), Subject(disciplines: ["520"])) }, outside: [], through: due,
                lookbackYears: 3, windows: ConflictWindows(all: 3))
            #expect(proposal.outcome.plan.experts.map(\.expert) == city.experts[first...].map(\.id))
        }
        let (_, outcome) = try await city.drawn(wanted: 2)
        #expect(outcome.plan.items[0].eligible == able)
    }

    @Test("Who is away on the day of the draw only is passed over for a reserve, and not told")
    func drawDay() async throws {
        var passed = 0
        for seed in UInt64(1)...8 {
            let city = try await ReviewCity.open(experts: 6, seed: seed)
            let round = try await city.round(wanted: 2)
            for expert in 0..<3 { try await away(expert, 1, 3, city) }
            city.clock.move(seconds: 2 * 86_400)
            let outcome = try await city.review.draw(round.id, seed: "public chance", by: city.officer)
            let all = try await city.assignments(round)
            let gone = Set(city.experts.prefix(3).map(\.id))
            let lost = outcome.results[0].drawn.filter { gone.contains($0) }
            passed += lost.count
            let held = all.filter { $0.state == .invited }
            #expect(held.count == 2 && held.allSatisfy { !gone.contains($0.expert) }, "seed \(seed)")
            let replaced = all.filter { $0.state == .replaced }
            #expect(Set(replaced.map(\.expert)) == Set(lost) && replaced.allSatisfy { $0.cause == .away })
            for one in all {
                #expect(try await invitations(city, one.expert) == (one.state == .invited ? 1 : 0), "seed \(seed)")
            }
        }
        #expect(passed > 0)
    }

    @Test("Where no reserve is left, who is away on the day of the draw is invited after all")
    func noReserve() async throws {
        let city = try await ReviewCity.open(experts: 2)
        let round = try await city.round(wanted: 2)
        try await away(0, 1, 3, city)
        city.clock.move(seconds: 86_400)
        _ = try await city.review.draw(round.id, seed: "public chance", by: city.officer)
        #expect(try await city.assignments(round).map(\.state) == [.invited, .invited])
        for expert in city.experts { #expect(try await invitations(city, expert.id) == 1) }
    }

    @Test(
        "Who left the pool or did not confirm is not invited where no reserve is left, and the officer is told",
        arguments: TestStore.engines)
    func emptySeats(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 3, engine: engine)
        let officer = try #require(city.officer.account)
        let round = try await city.round(wanted: 3)
        try await away(0, 1, 3, city)
        city.clock.move(seconds: 86_400)
        let (now, left, silent) = (city.clock.now(), city.experts[1].id, city.experts[2].id)
        try await city.db.write { tx in
            let card = AccountCard(id: officer, login: "officer", name: "Officer", roles: [.officer])
            try AccountStore.insert(card, passwordHash: "", at: now, tx)
            try ExpertStore.leave(left, tx)
            try ExpertStore.confirm(silent, through: ReviewCity.day, tx)
        }
        _ = try await city.review.draw(round.id, seed: "public chance", by: city.officer)
        var found: [ID<Expert>: Assignment] = [:]
        for one in try await city.assignments(round) { found[one.expert] = one }
        #expect(city.experts.map { found[$0.id]?.state } == [.invited, .replaced, .replaced])
        #expect(city.experts.map { found[$0.id]?.cause } == [nil, .left, .unconfirmed])
        for (number, expert) in city.experts.enumerated() {
            #expect(try await invitations(city, expert.id) == (number == 0 ? 1 : 0))
        }
        let told = try await city.db.read { tx in try Messages.list(officer, before: nil, limit: 10, tx) }
        #expect(told.map(\.title.en) == ["Seats of a review without an expert"])
        #expect(
            told.first?.body.en.contains("2 seats are empty") == true && told.first?.body.zh.contains("2 个") == true)
    }

    @Test("Who left the pool before the draw goes to a reserve like one who is away", arguments: TestStore.engines)
    func leftBeforeDraw(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        let round = try await city.round(wanted: 4)
        // Of four drawn of six at least one is among these three.
        let gone = city.experts.prefix(3).map(\.id)
        try await city.db.write { tx in for one in gone { try ExpertStore.leave(one, tx) } }
        _ = try await city.review.draw(round.id, seed: "public chance", by: city.officer)
        let all = try await city.assignments(round)
        #expect(Set(all.filter { $0.state == .invited }.map(\.expert)) == Set(city.experts.suffix(3).map(\.id)))
        let replaced = all.filter { $0.state == .replaced }
        #expect(!replaced.isEmpty && replaced.allSatisfy { gone.contains($0.expert) && $0.cause == .left })
    }

    @Test("A reserve who is away is passed over, and asked once he is back", arguments: TestStore.engines)
    func reserves(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        let (round, outcome) = try await city.drawn(wanted: 2)
        let reserves = outcome.results[0].reserves
        let places = reserves.compactMap { one in city.experts.firstIndex { $0.id == one } }
        try await away(places[0], 0, 2, city)
        try await away(places[1], 1, 10, city)
        let open = try #require(try await city.assignments(round).first)
        try await city.review.replace(open.id, reason: "no answer", by: city.officer)
        #expect(try await city.assignments(round).last?.expert == reserves[2])
        city.clock.move(seconds: 11 * 86_400)
        let later = ReviewCity.day.adding(days: 20)
        _ = try await city.review.replaceLapsed(round.id, dueOn: later, by: city.officer)
        let now = try await city.assignments(round).filter { $0.state == .invited && $0.dueOn == later }
        #expect(Set(now.map(\.expert)) == Set([reserves[0], reserves[1]]))
    }

    @Test("The list of who is there says what each expert says, on any day, in one query", arguments: TestStore.engines)
    func same(_ engine: Engine) async throws {
        var random = SeededRandom(seed: 23)
        let city = try await ReviewCity.open(experts: 12, engine: engine)
        for expert in city.experts.indices {
            for _ in 0..<4 {
                let first = Int.random(in: 0...20, using: &random)
                let last = first + Int.random(in: 0...4, using: &random)
                _ = try await codes { try await away(expert, first, last, city) }
            }
        }
        let left = city.experts[0].id
        try await city.db.write { tx in
            try ExpertStore.leave(left, tx)
            try ExpertStore.confirm(city.experts[1].id, through: ReviewCity.day.adding(days: 12), tx)
        }
        let pool = try await city.db.read { tx in
            try ExpertStore.all(city.experts.map(\.id), tx).values.sorted { $0.id.text < $1.id.text }
        }
        #expect(pool.contains { $0.away.count > 1 })
        var counts: Set<Int> = []
        for day in (0...26).map({ ReviewCity.day.adding(days: $0) }) {
            let (listed, held) = try await city.db.read { tx in
                (
                    try ExpertStore.available(on: day, limit: 100, tx), try ExpertStore.holding(on: day, limit: 100, tx)
                )
            }
            #expect(Set(listed.map(\.id)) == Set(pool.filter { $0.isAvailable(on: day) }.map(\.id)), "\(day)")
            #expect(Set(held.map(\.id)) == Set(pool.filter { $0.holds(on: day) }.map(\.id)), "\(day)")
            for expert in pool { #expect((expert.obstacle(on: day) == nil) == expert.isAvailable(on: day)) }
            counts.insert(listed.count)
        }
        #expect(counts.count > 3)
        let asked = try await QueryCounter.count {
            _ = try await city.db.read { tx in try ExpertStore.available(on: ReviewCity.day, limit: 100, tx) }
        }
        #expect(asked == 1)
    }

    @Test(
        "Who is away on the day of a meeting is not on its panel; who is away today and then there may be",
        arguments: TestStore.engines)
    func meetings(_ engine: Engine) async throws {
        let city = try await MeetingCity.open(engine)
        let zone = city.meetings.zone
        let review = ReviewActions(db: city.db, clock: city.clock, ids: UUIDv7Source(clock: city.clock), zone: zone)
        let today = zone.day(of: city.clock.now())
        for (number, from, to) in [(1, 0, 1), (2, 7, 9), (4, 3, 3)] {
            try await review.addAbsence(
                AbsenceEntry(
                    from: today.adding(days: from).description, to: today.adding(days: to).description, note: ""),
                by: city.expert(number))
        }
        func plan(in days: Int) -> MeetingActions.Plan {
            MeetingActions.Plan(
                call: nil, title: "评审会", division: "planning", place: "一号会议室",
                startsAt: city.clock.now().adding(seconds: days * 86_400 + 3_600), chair: ID("expert0"),
                members: (0..<4).map { ID("expert\($0)") })
        }
        func told(_ body: () async throws -> Void) async throws -> [FieldProblem] {
            do {
                try await body()
                return []
            } catch MeetingError.incomplete(let problems) { return problems }
        }
        let late = try await told { _ = try await city.meetings.plan(plan(in: 8), by: city.officer) }
        #expect(late.map(\.code) == ["meeting.members"] && late[0].message.en.hasPrefix("委员2 is away: "))
        let early = try await told { _ = try await city.meetings.plan(plan(in: 1), by: city.officer) }
        #expect(early.map(\.code) == ["meeting.members"] && early[0].message.zh.hasPrefix("委员1："))
        let meeting = try await city.meetings.plan(plan(in: 3), by: city.officer)
        let refused = try await told {
            try await city.meetings.replace(ID("expert3"), with: ID("expert4"), of: meeting, by: city.officer)
        }
        #expect(refused.map(\.field) == ["other"])
        let other = try await city.meetings.plan(plan(in: 4), by: city.officer)
        try await city.meetings.replace(ID("expert3"), with: ID("expert4"), of: other, by: city.officer)
    }
}
