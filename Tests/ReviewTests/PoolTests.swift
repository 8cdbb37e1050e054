import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("What the pool knows: files of ties, aliases, texts, own contests")
struct PoolTests {
    private static let orcid = "0000-0002-1825-0097"

    /// A city where the investigator of item 0 is registered.
    private func city(_ engine: Engine) async throws -> ReviewCity {
        let city = try await ReviewCity.open(experts: 8, engine: engine)
        try await city.db.write { tx in
            try tx.run(
                """
                INSERT INTO person (id, name, name_en, title, orcid, created_at)
                VALUES ('investigator0', '王小明', 'Wang Xiaoming', '', \(PoolTests.orcid), 0)
                """)
            try tx.run(
                """
                INSERT INTO organisation (id, name_zh, name_en, uscc, kind, address, created_at)
                VALUES ('firm1', '某厂', 'Firm', '91440300708461136T', 'enterprise', '', 0)
                """)
        }
        return city
    }

    private func ties(_ city: ReviewCity) async throws -> Int {
        try await city.db.read { tx in try tx.value("SELECT COUNT(*) FROM expert_tie") ?? 0 }
    }

    private func file(_ rows: [String]) -> [UInt8] {
        Array((["专家登录名,关系,对方,开始,结束,来源"] + rows).joined(separator: "\r\n").utf8)
    }

    @Test("A file of ties is kept whole or not at all, and once", arguments: TestStore.engines)
    func whole(_ engine: Engine) async throws {
        let city = try await city(engine)
        let good = [
            "account100,师生,\(PoolTests.orcid),2015-09-01,2019/6/30,学位论文",
            "account101,money,91440300708461136T,,,合同登记",
        ]
        let bad = [
            "nobody,nothing,0000,1999,2020-13-01,", "account102,relative,91440300708461136T,,,letter",
            "account100,师生,account100,,,letter",
            "account103,Adviser or student,\(PoolTests.orcid),2020-01-01,2019-01-01,x",
            good[1],
        ]
        let refused = try await city.review.importTies(file(good + bad), name: "t.csv", isDry: false, by: city.officer)
        #expect(!refused.isWritten)
        #expect(try await ties(city) == 0)
        #expect(refused.lines.map(\.outcome) == [.fits, .fits, .refused, .refused, .refused, .refused, .refused])
        // Everything that is wrong with a row is said at once.
        let codes = refused.lines.map { $0.problems.map(\.code) }
        #expect(
            codes[2...] == [
                ["tie.login", "tie.tie", "tie.with", "tie.from", "tie.to", "tie.source"], ["tie.person"], ["tie.self"],
                ["tie.order"], ["tie.twice"],
            ])
        let dry = try await city.review.importTies(file(good), name: "t.csv", isDry: true, by: city.officer)
        #expect(dry.lines.allSatisfy { $0.outcome == .fits })
        #expect(try await ties(city) == 0)
        let done = try await city.review.importTies(file(good), name: "t.csv", isDry: false, by: city.officer)
        #expect(done.isWritten && done.count(.imported) == 2)
        #expect(try await ties(city) == 2)
        let again = try await city.review.importTies(file(good), name: "t.csv", isDry: false, by: city.officer)
        #expect(!again.isWritten && again.count(.known) == 2)
        #expect(try await ties(city) == 2)
        await #expect(throws: FilledTableError.columns([Bilingual("关系", "Relation"), Bilingual("来源", "Source")])) {
            _ = try await city.review.importTies(
                Array("expert,对方\na,b".utf8), name: "t.csv", isDry: true, by: city.officer)
        }
        await #expect(throws: AccessError.self) {
            _ = try await city.review.importTies(
                file(good), name: "t.csv", isDry: true, by: try city.actor(city.experts[0].id))
        }
    }

    @Test("Imported ties recuse at once, and reserves come in", arguments: TestStore.engines)
    func recuses(_ engine: Engine) async throws {
        let city = try await city(engine)
        let (round, _) = try await city.drawn(items: 2, wanted: 2)
        let held = try await city.assignments(round).filter { $0.item == ID("item0") }.map(\.expert)
        let logins = city.experts.filter { held.contains($0.id) }.map(\.account.text)
        let rows = logins.map { "\($0),近亲属,\(PoolTests.orcid),,,户口簿" }
        let done = try await city.review.importTies(file(rows), name: "t.csv", isDry: false, by: city.officer)
        #expect(done.recused == 2)
        let after = try await city.assignments(round)
        #expect(after.filter { held.contains($0.expert) && $0.item == ID("item0") }.allSatisfy { $0.state == .recused })
        #expect(after.count { $0.item == ID("item0") && $0.state == .invited } == 2)
        #expect(try await ConflictPairTests.broken(city) == 0)
    }

    @Test("A file of experts is kept whole or not at all, and once", arguments: TestStore.engines)
    func experts(_ engine: Engine) async throws {
        let city = try await city(engine)
        try await city.db.write { tx in
            for (login, roles, person) in [
                ("new", [Role.applicant], "person1"), ("officer", [.officer], "person2"), ("nobody", [], nil),
            ] as [(String, Set<Role>, String?)] {
                let card = AccountCard(
                    id: ID("\(login)-id"), login: login, name: login, person: person.map { ID($0) }, roles: roles)
                try AccountStore.insert(card, passwordHash: "", at: city.clock.now(), tx)
            }
        }
        let head = "login,职称,Employer's credit code,学科代码,关键词,每轮最多项数"
        func take(_ rows: [String], dry: Bool = false) async throws -> PoolImport {
            try await city.review.importExperts(
                Array(([head] + rows).joined(separator: "\n").utf8), name: "e.csv", isDry: dry, by: city.officer)
        }
        func pool() async throws -> [Expert] { try await city.db.read { tx in try ExpertStore.active(tx) } }
        let place = "91440300708461136T"
        let good = ["new,教授,\(place),520; 510,深度学习；图,3", "account100,Professor,\(place),520,,"]
        let refused = try await take(
            good + ["officer,,0,,,0", "nobody,教授,\(place),520,,", "new,教授,\(place),520,,", "?,教授,\(place),520,,x"])
        #expect(!refused.isWritten)
        #expect(try await pool().count == 8)
        #expect(
            refused.lines.map { $0.problems.map(\.code) }[2...] == [
                ["expert.login", "expert.title", "expert.employer", "expert.fields", "expert.load"], ["expert.login"],
                ["expert.login"], ["expert.login", "expert.load"],
            ])
        #expect(try await take(good, dry: true).lines.map(\.outcome) == [.fits, .fits])
        #expect(try await pool().count == 8)
        let done = try await take(good)
        #expect(done.isWritten && done.count(.imported) == 2)
        let added = try #require(try await pool().first { $0.account == ID("new-id") })
        #expect(added.fields == ["510", "520"] && added.maxLoad == 3 && added.organisationName == "某厂")
        let (roles, texts, before) = try await city.db.read { tx in
            (
                try AccountStore.find(login: "new", tx)?.roles, try ExpertTexts.find(added.id, tx).keywords,
                try ExpertStore.employments(of: [city.experts[0].id], tx)[city.experts[0].id]
            )
        }
        #expect(roles == [.applicant, .expert] && texts == ["图", "深度学习"])
        // Who moved is still tied to the former employer.
        #expect(before?.map(\.organisation) == [city.experts[0].organisation])
        let again = try await take(good)
        #expect(!again.isWritten && again.count(.known) == 2)
    }

    @Test("An alias counts before it is confirmed as after, and another hand confirms", arguments: TestStore.engines)
    func alias(_ engine: Engine) async throws {
        let city = try await city(engine)
        let (round, _) = try await city.drawn(items: 1, wanted: 2)
        let expert = city.experts[0]
        await #expect(throws: ReviewError.self) {
            try await city.review.recordAlias(login: "nobody", orcid: "1", source: "", by: city.officer)
        }
        try await city.review.recordAlias(
            login: expert.account.text, orcid: "https://orcid.org/\(PoolTests.orcid)", source: "letter",
            by: city.officer)
        func conflicts() async throws -> [Conflict] {
            try await city.db.read { tx in
                try ConflictStore.list(round.id, expert: expert.id, limit: 10, tx).map(\.finding.kind)
            }
        }
        #expect(try await conflicts() == [.isApplicant])
        let person: ID<PersonMark> = ID("investigator0")
        await #expect(throws: ReviewError.sameHand) {
            try await city.review.confirmAlias(expert.id, person, by: city.officer)
        }
        let other = Actor(account: ID("other"), name: "Other", roles: [.officer])
        try await city.review.confirmAlias(expert.id, person, by: other)
        // Written down again it stays confirmed.
        try await city.review.recordAlias(
            login: expert.account.text, orcid: PoolTests.orcid, source: "letter", by: city.officer)
        let list = try await city.db.read { tx in try TieStore.aliasList(limit: 10, tx) }
        #expect(list.map(\.isVerified) == [true])
        #expect(try await conflicts() == [.isApplicant])
    }

    @Test(
        "Experts see and contest their own conflicts, but not who named or reported them", arguments: TestStore.engines)
    func own(_ engine: Engine) async throws {
        let city = try await city(engine)
        let (round, _) = try await city.drawn(items: 2, wanted: 2)
        let (expert, other) = (city.experts[0], city.experts[1])
        let actor = try city.actor(expert.id)
        for kind in [TieKind.adviser, .objection] {
            try await city.review.addTie(Tie(kind, "investigator0", source: "letter"), to: expert.id, by: city.officer)
        }
        let seen = try await city.db.read { tx in try ConflictStore.own(expert.id, limit: 10, tx) }
        #expect(seen.map(\.kept.finding.kind) == [.adviser] && seen[0].isUnderWay)
        func contest(_ kind: Conflict, of expert: ID<Expert>, by actor: Actor) async throws -> ID<Contest> {
            try await city.review.contest(
                round.id, expert, item: "item0", kind: kind, subject: "investigator0", statement: "不是我的学生", by: actor)
        }
        await #expect(throws: ReviewError.unknown) { _ = try await contest(.objection, of: expert.id, by: actor) }
        await #expect(throws: ReviewError.unknown) {
            _ = try await contest(.adviser, of: expert.id, by: try city.actor(other.id))
        }
        let id = try await contest(.adviser, of: expert.id, by: actor)
        let judge = Actor(account: ID("judge"), name: "Judge", roles: [.officer])
        try await city.review.rule(id, in: round.id, lifts: true, ruling: "学籍记录有误", by: judge)
        let after = try await city.db.read { tx in
            (
                try ConflictStore.own(expert.id, limit: 10, tx).map(\.kept.state),
                try Contest.filed(by: expert.account, limit: 10, tx).map(\.state),
                try Messages.unread(expert.account, tx)
            )
        }
        #expect(after.0 == [.lifted] && after.1 == [.lifted])
        #expect(after.2 >= 1)
    }

    @Test(
        "Experts keep their own keywords, titles and abstracts; all that is too much is said",
        arguments: TestStore.engines)
    func texts(_ engine: Engine) async throws {
        let city = try await city(engine)
        let expert = city.experts[0]
        let actor = try city.actor(expert.id)
        try await city.review.setTexts(keywords: Keywords.list("深度学习；graph  learning;\n"), titles: ["题目"], by: actor)
        try await city.review.addWork(title: "固态电解质", abstract: "研究界面。", by: actor)
        let all = try await city.db.read { tx in try ExpertTexts.all(tx) }
        #expect(all[expert.id]?.keywords == ["graph learning", "深度学习"])
        #expect(all[expert.id]?.titles == ["题目", "固态电解质", "研究界面。"])
        let long = String(repeating: "长", count: 301)
        do {
            try await city.review.setTexts(
                keywords: (0..<51).map(String.init), titles: [long, long], by: actor)
            Issue.record("too much was kept")
        } catch ReviewError.incomplete(let problems) {
            #expect(problems.map(\.field) == ["keywords", "titles", "titles"])
        }
        let works = try await city.db.read { tx in try ExpertTexts.works(of: expert.id, tx) }
        try await city.review.removeWork(works[0].id, by: try city.actor(city.experts[1].id))
        #expect(try await city.db.read { tx in try ExpertTexts.works(of: expert.id, tx) }.count == 1)
        try await city.review.removeWork(works[0].id, by: actor)
        #expect(try await city.db.read { tx in try ExpertTexts.works(of: expert.id, tx) }.isEmpty)
        await #expect(throws: ReviewError.unknown) {
            try await city.review.addWork(title: "x", abstract: "", by: city.officer)
        }
    }

    @Test("Disciplines are suggested from names, experts and awards, the same each time", arguments: TestStore.engines)
    func disciplines(_ engine: Engine) async throws {
        let city = try await city(engine)
        try await city.db.write { tx in
            try ExpertTexts.set(
                keywords: ["强化学习"], titles: ["面向交通调度的强化学习"], of: city.experts[0].id, tx)
        }
        let names = [
            FormOption("430", Bilingual("430 材料科学", "430 Materials")),
            FormOption("520", Bilingual("520 计算机科学技术", "520 Computing")),
        ]
        let guide = DisciplineGuide(names) { _, _ in
            [.init("430", texts: ["高熵合金的组织调控"]), .init("999", texts: ["强化学习与调度"])]
        }
        @Sendable func ask(_ keywords: [String], _ texts: [String]) async throws -> [SuggestedDiscipline] {
            try await city.db.read { tx in
                try guide.suggestions(keywords: keywords, texts: texts, on: ReviewCity.day, tx)
            }
        }
        let first = try await ask(["强化学习"], ["城市交通调度方法"])
        #expect(first.first?.code == "520" && !first.contains { $0.code == "999" })
        #expect(first.first?.terms.contains("强化学习") == true)
        #expect(try await ask(["强化学习"], ["城市交通调度方法"]) == first)
        #expect(try await ask([], ["一种高熵合金"]).map(\.code) == ["430"])
        #expect(try await ask(["材料科学"], []).first?.code == "430")
        #expect(try await ask([], ["", "qqq"]).isEmpty)
        let asked = try await QueryCounter.count { _ = try await ask(["材料科学"], []) }
        #expect(asked == 0)
    }
}
