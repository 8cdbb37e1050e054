import BureauTestSupport
import Foundation
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What other rooms know keeps experts from judging; of what is protected no page, no answer and no event says more
/// than that it does.
@Suite("Conflicts out of what other rooms know")
struct RecordedFactTests {
    private static let orcid = "0000-0002-1825-0097"

    private func body(_ answer: Answer) throws -> String {
        switch answer.content {
        case .page(let page): return page.body.string
        case .encoded(_, let make): return String(decoding: try make(), as: UTF8.self)
        default: return ""
        }
    }

    private func events(_ house: TestHouse) async throws -> [String] {
        try await house.house.db.read { tx in
            try tx.rows("SELECT kind, content FROM event WHERE room = 'review' ORDER BY id") { row in
                "\(try row["kind"] as String) \(try row["content"] as String)"
            }
        }
    }

    private func dealings(of party: String, _ house: TestHouse) async throws -> [Dealing] {
        try await house.house.db.read { tx in try Dealings.of("SELECT \(party)", tx) }
    }

    /// A tip on an organisation.
    private func tip(_ house: TestHouse, on place: ID<OrganisationMark>, by author: Actor) async throws -> CaseFile {
        let found = try await house.house.db.read { tx in try Registry.organisation(place, tx) }
        let code = try #require(found).uscc
        let filings = Filings(house.house)
        let file = try await filings.start("integrity.tip", Filings.Start(), by: author)
        _ = try await filings.drafts.replace(
            file.id,
            answers: [
                "kind": "fabrication", "subject-name": "某研究团队", "subject-uscc": .string(code),
                "facts": "Qztipfacts：测试数据与原始记录不一致，两组图表完全相同。", "protection": "protected",
                "contact": "0755-12345678", "truth": true,
            ], expecting: 0, by: author)
        return try await house.act(file.id, "submit", author)
    }

    @Test("Whoever reported the applicant is not drawn, and nothing says why", arguments: TestStore.engines)
    func reported(engine: Engine) async throws {
        let (house, call, item) = try await TestHouse.closed(engine)
        let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
        let expert = try #require(pool.first { $0.organisation != item.organisation })
        let author = try await house.actor(expert.id)
        let before = try await events(house)
        let file = try await tip(house, on: item.organisation, by: author)
        #expect(try await events(house) == before)
        let round = try await house.draw(call)
        let kept = try await house.house.db.read { tx in
            try ConflictStore.list(round.id, kind: .protected, limit: 10, tx)
        }
        #expect(kept.map(\.finding.expert) == [expert.id] && kept.map(\.finding.item) == [item.id])
        let judges = try await house.assignments(round).map(\.expert)
        #expect(!judges.contains(expert.id))
        // The database itself refuses the pair.
        await #expect(throws: StoreError.self) {
            try await house.house.db.write { tx in
                try tx.run(
                    """
                    UPDATE review_assignment SET expert = \(expert.id)
                    WHERE round = \(round.id) AND item = \(item.id) AND expert = \(judges[0])
                    """)
            }
        }
        let secrets = [file.number, file.id.text, "qztipfacts", "integrity.tip"].map { $0.lowercased() }
        let planner = Actor(account: ID("planner"), name: "P", roles: [.officer], division: call.division)
        let (at, applicant) = (["id": call.id.text], try await house.actor("applicant"))
        let looks: [(String, [String: String], Actor)] = [
            ("desk.conflicts", at, planner), ("api.conflicts.list", at, planner), ("desk.review", at, planner),
            ("api.contests.list", at, planner), ("desk.conflicts", at, try await house.actor("officer")),
            ("reviews.conflicts", [:], author), ("reviews.list", [:], author),
            ("cases.show", ["id": item.id.text], applicant), ("draws.show", ["id": round.id.text], applicant),
        ]
        for (route, values, actor) in looks {
            for language in Language.allCases {
                let text = try body(try await house.visit(route, actor, values: values, language: language))
                #expect(!text.isEmpty, "\(route)")
                for word in secrets { #expect(!text.lowercased().contains(word), "\(route) holds \(word)") }
                let word = language == .chinese ? "关系限制" : "is barred by a protected fact"
                if route == "desk.conflicts" { #expect(text.contains(word)) }
                if actor == author || actor == applicant { #expect(!text.contains(word), "\(route)") }
            }
        }
        let listed = try body(
            try await house.visit("api.conflicts.list", planner, values: at, query: [("kind", "protected")]))
        let shown = try JSONValue(parsing: Array(listed.utf8))
        let line = shown["items"]?.array?.first { $0["kind"]?.string == "protected" }
        #expect(line?["subject"]?.string == expert.id.text && line?["subjectName"]?.string == "")
        #expect(line?["note"]?.string == "" && line?["from"]?.string == nil && line?["until"]?.string == nil)
        let said = try await events(house).joined(separator: "\n").lowercased()
        for word in secrets { #expect(!said.contains(word), "the record holds \(word)") }
        try await contest(kept[0], of: call, file, house)
    }

    /// An officer of the call contests, Integrity rules, and its reasons stay there.
    private func contest(_ kept: KeptConflict, of call: Call, _ tip: CaseFile, _ house: TestHouse) async throws {
        let (at, finding) = (["id": call.id.text], kept.finding)
        let planner = Actor(account: ID("planner"), name: "P", roles: [.officer], division: call.division)
        let integrity = try await house.actor("officer")
        let asked = try await house.visit(
            "desk.conflicts.contest", planner, values: at,
            form: [
                ("item", finding.item?.text ?? ""), ("expert", finding.expert.text), ("kind", "protected"),
                ("subject", finding.subject), ("statement", "并无此事"),
            ])
        #expect(asked.status == 303)
        let found = try await house.house.db.read { tx in try Contest.list(kept.round, limit: 10, tx) }
        let filed = try #require(found.first)
        func page(_ actor: Actor) async throws -> String {
            try body(try await house.visit("desk.conflicts", actor, values: at))
        }
        func rule(_ actor: Actor) async throws -> Int {
            try await house.visit(
                "desk.conflicts.rule", actor, values: at,
                form: [("contest", filed.id.text), ("lifts", "yes"), ("ruling", "Qzreason")]
            ).status
        }
        #expect(try await page(planner).contains("Integrity rules"))
        #expect(try await !page(planner).contains(tip.id.text))
        // Integrity sees the tip anyway.
        #expect(try await page(integrity).contains("/cases/\(tip.id.text)"))
        #expect(try await rule(planner) == 404)
        #expect(try await rule(integrity) == 303)
        #expect(try await page(integrity).contains("Qzreason"))
        #expect(try await !page(planner).contains("Qzreason"))
        let state = try await house.house.db.read { tx in
            try ConflictStore.list(kept.round, kind: .protected, limit: 10, tx).first?.state
        }
        #expect(state == .lifted)
    }

    @Test("An investigation tells the person; both directions count", arguments: TestStore.engines)
    func investigated(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let author = try await house.actor("expert1")
        let (me, place) = (try #require(author.person).text, applicant.memberships[0].organisation)
        let file = try await tip(house, on: place, by: author)
        #expect(try await dealings(of: me, house).map(\.other) == [place.text])
        try await house.act(file.id, "accept", officer, ["reason": "线索具体，予以受理。"])
        let opened = try await house.house.db.read { tx in try CaseStore.children(of: file.id, tx).first }
        let id = try #require(opened).id
        let (person, now) = (try #require(applicant.person), house.house.clock.now())
        try await house.house.db.write { tx in
            try tx.run("UPDATE person SET orcid = NULL WHERE orcid = \(Self.orcid)")
            try tx.run("UPDATE person SET orcid = \(Self.orcid) WHERE id = \(person)")
            let known = try CaseStore.answers(id, tx)
            var values = known.content.object ?? [:]
            values["subject-kind"] = "person"
            values["subject-orcid"] = .string(Self.orcid)
            values["role"] = "investigator"
            try CaseStore.saveAnswers(
                .object(values), of: id, expecting: known.revision, by: .system, at: now, tx)
        }
        try await house.act(id, "start", officer)
        let found = try await dealings(of: me, house)
        #expect(Set(found.map(\.other)) == [place.text, person.text] && found.allSatisfy { $0.kind == .protected })
        #expect(try await dealings(of: person.text, house).map(\.other) == [me])
    }

    @Test("Whoever objects while signed in does not judge the applicant; a typed name does not tell who it is")
    func objected() async throws {
        let house = try await TestHouse(.sqlite)
        let decision = try await house.proposed(try await house.call("natural-science"))
        let approved = try await house.funding.decisions.approve(
            decision.id, reason: "同意", by: try await house.actor("leader"))
        let notice = try #require(
            try await house.house.db.read { tx in try approved.notice.flatMap { try NoticeStore.find($0, tx) } })
        let home = house.house
        let objections = Objections(vault: home.vault, zone: home.city.zone, division: home.city.objectionsDivision)
        func file(_ statement: String, _ actor: Actor) async throws {
            let (procedures, now, id) = (home.procedures, home.clock.now(), home.ids.make(CaseFile.self))
            let bytes = Array("%PDF-1.4 signed".utf8)
            let page = Document(
                id: home.ids.make(), caseID: id, field: "signed-page", name: "signed.pdf", size: bytes.count,
                hash: try home.files.keep(bytes), type: "application/pdf", uploadedBy: "", uploadedAt: now)
            let draft = ObjectionDraft(
                objector: .person, name: "某人", contact: "0755-12345678", address: "深圳", row: 1,
                statement: statement, signedPage: page)
            _ = try await home.db.write { tx in
                try objections.file(
                    draft, against: notice.number, as: id, procedures: procedures, by: actor, at: now, tx)
            }
        }
        let (author, applicant) = (try await house.actor("expert2"), try await house.actor("applicant"))
        let person = try #require(applicant.person).text
        try await file("内容重复", .everyone)
        #expect(try await dealings(of: person, house).isEmpty)
        try await file("成果不属实", author)
        let found = try await dealings(of: try #require(author.person).text, house)
        #expect(Set(found.map(\.other)) == [person, applicant.memberships[0].organisation.text])
        #expect(found.allSatisfy { $0.kind == .protected })
    }

    @Test("The pool is looked after though a payment cannot be followed up", arguments: TestStore.engines)
    func failing(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
        let (broken, new, today) = (pool[0], pool[1].id, house.house.today)
        try await house.house.db.write { tx in
            try tx.run(
                """
                INSERT INTO expert_employment (expert, organisation, from_day) VALUES (\(broken.id), 'x', 'never')
                """)
            try Dealings.set(
                [Dealing(.money, broken.organisation.text, "elsewhere", from: today, to: today)], of: "contract", tx)
            try tx.run("UPDATE expert SET confirm_by = NULL WHERE id = \(new)")
        }
        await #expect(throws: (any Error).self) { try await house.funding.review.tend() }
        let (left, looked) = try await house.house.db.read { tx in
            (try Dealings.changed(limit: 100, tx), try ExpertStore.all([new], tx)[new])
        }
        #expect(left.contains(broken.organisation.text))
        #expect(looked?.confirmBy != nil)
    }

    @Test("What a project pays to another organisation counts from the city's sum on", arguments: TestStore.engines)
    func paid(engine: Engine) async throws {
        let (house, project) = try await TestHouse.paidProject(engine)
        let known = try await house.house.db.read { tx -> Organisation? in
            let id: ID<OrganisationMark>? = try tx.value(
                "SELECT id FROM organisation WHERE id <> \(project.organisation) ORDER BY id DESC LIMIT 1")
            return try id.flatMap { try Registry.organisation($0, tx) }
        }
        let other = try #require(known)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        func enter(_ number: String, _ fen: Int64, _ code: String) async throws -> Voucher {
            var draft = house.voucher(number, fen, payee: other.name.zh)
            draft.payeeCode = code
            draft.reason = "合同约定"
            return try await house.funding.spending.enter(draft, into: report.id, by: applicant)
        }
        _ = try await enter("F-1", 2_500_100, other.uscc)
        let second = try await enter("F-2", 2_600_300, other.uscc)
        // Only a name is no party.
        _ = try await enter("F-3", 2_700_500, "")
        #expect(try await dealings(of: other.id.text, house).isEmpty)
        try await house.accept(report)
        let found = try await dealings(of: other.id.text, house)
        #expect(found.map(\.other) == [project.organisation.text] && found.map(\.kind) == [.money])
        #expect(found.first?.from == second.draft.day && found.first?.to == second.draft.day)
        // Without the second it is less than the sum.
        try await house.funding.spending.askBack(second.id, reason: "开错票", by: applicant)
        try await house.funding.spending.decideBack(second.id, agreed: true, by: try await house.actor("officer"))
        #expect(try await dealings(of: other.id.text, house).isEmpty)
    }
}
