import Foundation
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Talent

@Suite("The register of foreign experts")
struct ExpertTests {
    @Test(
        "Facts are stated with source and day, and what did not change is not stated again",
        arguments: TestStore.engines)
    func facts(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        let expert = try await room.expert("MUELLER ANNA")
        room.move(days: 3)
        var changed = expert
        changed.field = "materials"
        try await room.talent.experts.save(changed, over: expert.id, source: "单位来函", by: room.officer)
        let history = try await room.house.db.read { tx in try Registry.history(of: expert.person.text, tx) }
        let fields = history.filter { $0.name == "talent.field" }
        #expect(fields.map(\.value) == ["biology", "materials"] && fields.map(\.source) == ["护照原件", "单位来函"])
        #expect(fields.map(\.from) == [PeopleHouse.start, PeopleHouse.start.adding(days: 3)])
        #expect(history.filter { $0.name == "talent.country" }.count == 1)
        let contents = try await room.house.db.read { tx in try Personal.list(of: expert.person, tx) }
        #expect(Set(contents.map(\.kind)) == ["passport", "birth-date", "contact"])
    }

    @Test(
        "An entry with mistakes is refused with all of them, and by anyone but an officer", arguments: TestStore.engines
    )
    func mistakes(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        let draft = ForeignExpert(
            id: room.house.ids.make(), person: room.house.ids.make(), name: "", country: "XX", field: "x", category: "D"
        )
        do {
            try await room.talent.experts.save(
                draft, papers: ExpertPapers(birth: "31.1.1980"), source: "", by: room.officer)
            Issue.record("an entry full of mistakes was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(Set(problems.map(\.field)) == ["name", "country", "field", "category", "source", "birth"])
        }
        for actor in [room.handler, room.expertActor, Actor(account: ID("l"), name: "", roles: [.leader])] {
            await #expect(throws: AccessError.self) {
                try await room.talent.experts.save(draft, source: "x", by: actor)
            }
        }
    }

    @Test("One work permit number belongs to one expert", arguments: TestStore.engines)
    func onePermit(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        try await room.permit(1, endsIn: 100)
        _ = try await room.expert("A", foreigner: "f1")
        do {
            _ = try await room.expert("B", foreigner: "f1")
            Issue.record("two experts hold one permit number")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.code) == ["expert.permit-taken"])
        }
    }

    @Test("Pages of every filter are the whole list, in order and without doubles", arguments: TestStore.engines)
    func paging(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        for number in 0..<23 {
            _ = try await room.expert(
                "NAME \(number % 7)", country: number % 2 == 0 ? "DEU" : "FRA",
                field: number % 3 == 0 ? "energy" : "biology")
        }
        let filters = [
            ExpertFilter(), ExpertFilter(country: "DEU"), ExpertFilter(field: "energy"), ExpertFilter(words: "NAME 3"),
            ExpertFilter(country: "FRA", category: "B", organisation: room.place),
        ]
        for filter in filters {
            let (whole, pages) = try await room.house.db.read { tx -> ([ForeignExpert], [ForeignExpert]) in
                let whole = try ForeignExpertStore.list(filter, after: nil, limit: 1_000, tx)
                var pages: [ForeignExpert] = []
                while true {
                    let page = try ForeignExpertStore.list(
                        filter, after: pages.last.map { ($0.name, $0.id.text) }, limit: 4, tx)
                    pages += page
                    if page.count < 4 { return (whole, pages) }
                }
            }
            #expect(whole == pages && Set(whole.map(\.id)).count == whole.count && !whole.isEmpty)
            #expect(whole.allSatisfy { filter.country.map($0.country.contains) ?? true })
        }
    }

    @Test(
        "What an expert needs is kept while they work here, and its time starts when they leave",
        arguments: TestStore.engines)
    func needs(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        let stays = try await room.expert("STAYS")
        let leaves = try await room.expert("LEAVES", state: .left)
        room.move(days: 10)
        try await ExpertDuty.tick(room.house)
        let today = room.house.today
        let (first, second) = try await room.house.db.read { tx in
            (try Personal.list(of: stays.person, tx), try Personal.list(of: leaves.person, tx))
        }
        #expect(first.allSatisfy { $0.neededUntil == today })
        #expect(second.allSatisfy { $0.neededUntil == PeopleHouse.start })
    }

    @Test("A foreigner's papers are needed while a permit or a filing runs", arguments: TestStore.engines)
    func foreigners(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        try await room.permit(1, endsIn: -900)
        try await room.permit(2, endsIn: 10)
        try await room.permit(3, endsIn: -900)
        try await room.house.db.write { tx in
            try tx.run(
                """
                INSERT INTO permit_filing (case_id, number, procedure, step, organisation, applicant, foreigner, name,
                    category, deemed_accepted)
                VALUES ('x', 'x', 'x', 'x', 'x', 'x', 'f3', 'x', 'B', \(false))
                """)
        }
        let done = try await Retention(room.house, columns: Talent.sealed).run(
            today: room.house.today, now: room.clock.now())
        #expect(done.contents == 2, "passport and birth of the first")
        let left: [String] = try await room.house.db.read { tx in
            try tx.rows(
                "SELECT id FROM foreigner WHERE sealed_passport IS NOT NULL AND sealed_birth IS NOT NULL ORDER BY id"
            ) {
                try $0["id"]
            }
        }
        #expect(left == ["f2", "f3"])
    }
}

@Suite("Requests, complaints and notices")
struct ExpertCaseTests {
    @Test("A complaint is sealed, answered with a letter, and the expert is told", arguments: TestStore.engines)
    func complaint(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        let expert = try await room.expert("MUELLER ANNA", account: room.expertAccount)
        let text = "My employer keeps my passport in a safe and does not give it back."
        let file = try await room.talent.experts.file(
            .init(kind: .complaint, topic: "papers", text: text), by: room.expertActor)
        #expect(file.step == "filed" && file.dueOn != nil && file.division == "talent")
        let plain: [String] = try await room.house.db.read { tx in
            try tx.rows("SELECT content FROM event UNION ALL SELECT content FROM case_answers") { try $0["content"] }
        }
        #expect(plain.allSatisfy { !$0.contains("safe") })
        let contents = try await room.house.db.read { tx in try Personal.list(of: expert.person, tx) }
        let sealed = try #require(contents.first { $0.kind == "statement" })
        #expect(sealed.caseID == file.id)
        try await room.act(file.id, "accept")
        try await room.act(
            file.id, "answer", ["reason-zh": "已责令归还。", "reason-en": "The employer was told to return it."])
        let (row, letters, faults) = try await room.house.db.read { tx in
            (
                try ExpertCaseStore.find(file.id, tx), try Letters.list(of: file.id, tx),
                try Record.faults(inChainOf: file.id, tx)
            )
        }
        #expect(row?.state == "done" && letters.count == 1 && letters[0].body.en.contains("told to return it"))
        #expect(faults.isEmpty)
        #expect(try await room.messages(room.expertAccount).count == 1)
    }

    @Test(
        "A complaint of before reviews asked for it stands between expert and employer of then, kept once",
        arguments: TestStore.engines)
    func carriedOver(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        let expert = try await room.expert("MUELLER ANNA", account: room.expertAccount)
        let (me, today) = (expert.person.text, room.house.today)
        func dealings() async throws -> [Dealing] {
            try await room.house.db.read { tx in try Dealings.of("SELECT \(me)", tx) }
        }
        func forget() async throws {
            try await room.house.db.write { tx in try tx.run("DELETE FROM registry_dealing") }
        }
        let file = try await room.talent.experts.file(
            .init(kind: .complaint, topic: "papers", text: "My employer keeps my passport in a safe."),
            by: room.expertActor)
        // About the bureau's own work, which is no employer's.
        _ = try await room.talent.experts.file(
            .init(kind: .complaint, topic: "bureau", text: "Nobody has answered my letter for weeks."),
            by: room.expertActor)
        let known = [Dealing(.protected, me, room.place.text, from: today, to: today)]
        #expect(try await dealings() == known)
        room.move(days: 3)
        try await forget()
        try await ComplaintDealings.carryOver(room.house)
        #expect(try await dealings() == known)
        #expect(try await room.house.db.read { tx in try Dealings.isKnown(file.id.text, tx) })
        try await forget()
        try await ExpertDuty.tick(room.house)
        #expect(try await dealings().isEmpty)
    }

    @Test(
        "Of an expert who has changed employers since, the complaint is about the holder of the permit of then",
        arguments: TestStore.engines)
    func formerEmployer(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        try await room.permit(1, endsIn: 100)
        let expert = try await room.expert("MUELLER ANNA", account: room.expertAccount, foreigner: "f1")
        _ = try await room.talent.experts.file(
            .init(kind: .complaint, topic: "contract", text: "My employer has not paid me since January."),
            by: room.expertActor)
        room.move(days: 3)
        var moved = expert
        (moved.organisation, moved.employer) = (room.other, "乙公司")
        try await room.talent.experts.save(moved, over: expert.id, source: "单位来函", by: room.officer)
        try await room.house.db.write { tx in try tx.run("DELETE FROM registry_dealing") }
        try await ComplaintDealings.carryOver(room.house)
        let me = expert.person.text
        let found = try await room.house.db.read { tx in try Dealings.of("SELECT \(me)", tx) }
        #expect(found.map(\.other) == [room.place.text])
    }

    @Test("Who is not in the register, or not the employer, files nothing", arguments: TestStore.engines)
    func strangers(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        let expert = try await room.expert("MUELLER ANNA")
        let stranger = Actor(
            account: ID("stranger"), name: "", roles: [.applicant],
            memberships: [Membership(organisation: room.other, roles: [.handler])])
        await #expect(throws: PrivacyError.unknown) {
            try await room.talent.experts.file(
                .init(kind: .service, topic: "tax", text: "How do I pay tax here?"), by: stranger)
        }
        func leaving(_ place: ID<OrganisationMark>) -> ExpertActions.Filing {
            .init(
                kind: .departure, topic: "ended", text: "", day: "2026-03-01", expert: expert.id, organisation: place)
        }
        await #expect(throws: PrivacyError.unknown) {
            try await room.talent.experts.file(leaving(room.place), by: stranger)
        }
        // An employer is told of somebody else's expert what it is told of nobody.
        do {
            _ = try await room.talent.experts.file(leaving(room.other), by: stranger)
            Issue.record("an employer reported somebody else's expert")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.field) == ["expert"])
        }
        do {
            _ = try await room.talent.experts.file(
                .init(kind: .departure, topic: "first", text: "", day: "1 March", organisation: room.place),
                by: room.handler)
            Issue.record("a notice with mistakes was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.field) == ["topic", "expert", "day"])
        }
    }

    @Test("An arrival names one whom a permit lets work there, and nobody else's expert", arguments: TestStore.engines)
    func arrival(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        let stranger = Actor(
            account: ID("stranger"), name: "", roles: [.applicant],
            memberships: [Membership(organisation: room.other, roles: [.handler])])
        try await room.permit(1, endsIn: 200)
        let expert = try await room.expert("MUELLER ANNA", foreigner: "f1")
        let filing = ExpertActions.Filing(
            kind: .arrival, topic: "first", text: "", day: "2026-03-02", expert: expert.id, organisation: room.other)
        do {
            _ = try await room.talent.experts.file(filing, by: stranger)
            Issue.record("an employer saw the name of somebody else's expert")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.field) == ["expert"])
        }
        // The expert changes the employer: the new one holds a permit before the register knows.
        try await room.house.db.write { [other = room.other] tx in
            try tx.run("UPDATE permit SET organisation = \(other) WHERE id = 'p1'")
        }
        let file = try await room.talent.experts.file(filing, by: stranger)
        try await room.act(file.id, "confirm")
        let after = try await room.house.db.read { tx in try ForeignExpertStore.find(expert.id, tx) }
        #expect(after?.organisation == room.other && after?.employer == "乙公司")
    }

    @Test(
        "A departure that was checked changes the register, with the notice as its source", arguments: TestStore.engines
    )
    func departure(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        room.move(days: 5)
        // The second notice tells of a day before the register knew the expert.
        for (number, day) in [(1, 3), (2, -3)] {
            let registered = number == 1 ? 0 : 5
            if number == 1 { room.move(days: -5) }
            let expert = try await room.expert("MUELLER ANNA \(number)")
            if number == 1 { room.move(days: 5) }
            let left = PeopleHouse.start.adding(days: day)
            let file = try await room.talent.experts.file(
                .init(
                    kind: .departure, topic: "resigned", text: "", day: left.description, expert: expert.id,
                    organisation: room.place), by: room.handler)
            try await room.act(file.id, "confirm")
            let today = room.house.today
            let (after, fact, contents) = try await room.house.db.read { tx in
                (
                    try ForeignExpertStore.find(expert.id, tx),
                    try Registry.fact("talent.state", of: expert.person.text, on: today, tx),
                    try Personal.list(of: expert.person, tx)
                )
            }
            #expect(after?.state == .left)
            #expect(fact?.source == file.number && fact?.value == "left")
            #expect(fact?.from == PeopleHouse.start.adding(days: max(day, registered)))
            #expect(contents.allSatisfy { $0.neededUntil == PeopleHouse.start.adding(days: max(day, registered)) })
        }
    }
}
