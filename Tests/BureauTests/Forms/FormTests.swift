import BureauTestSupport
import Foundation
import Funding
import Kernel
import Ledger
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What the important forms say of missing, oversized, malformed, duplicate, late and unauthorised input: which fields
/// they name. Every form is swept by ``NonsenseTests``; these are the exact answers of some.
@Suite("Forms")
struct FormTests {
    /// One line of the table: what is sent, by whom, and what the answer names.
    struct Line: Sendable, CustomTestStringConvertible {
        let kind: String
        let route: String
        let login: String?
        let form: [String: String]
        /// The fields that must be named, or the code of the problem.
        let names: Set<String>
        var testDescription: String { "\(route): \(kind)" }

        init(_ kind: String, _ route: String, _ login: String?, _ form: [String: String], _ names: Set<String>) {
            self.kind = kind
            self.route = route
            self.login = login
            self.form = form
            self.names = names
        }
    }

    static let long = String(repeating: "长", count: 20_000)
    static let person: [String: String] = [
        "name": "王小明", "number": "440305199001010034", "login": "wang.xm", "password": "a long password",
    ]

    static func with(_ form: [String: String], _ changes: [String: String]) -> [String: String] {
        form.merging(changes) { _, new in new }
    }

    /// On a house with a published call, an application at the formal check and a draft.
    static let early: [Line] = [
        Line("missing", "accounts.register", nil, [:], ["name", "number", "login", "password"]),
        Line(
            "oversized", "accounts.register", nil,
            with(person, ["name": long, "password": long, "number": "440305199001010013"]),
            ["name", "password", "number"]),
        Line(
            "malformed", "accounts.register", nil, with(person, ["orcid": "0000", "mail": "a@b@c", "number": "1"]),
            ["orcid", "mail", "number"]),
        Line("malformed", "session.start", nil, ["login": "officer", "password": "wrong"], ["access.wrong-login"]),
        Line("missing", "applications.start", "applicant", ["call": "{call}"], ["organisation"]),
        Line(
            "unauthorised", "applications.start", "officer", ["call": "{call}", "organisation": "{organisation}"],
            ["application.not-a-member"]),
        Line(
            "malformed", "applications.start", "applicant", ["call": "NO-SUCH-CALL", "organisation": "{organisation}"],
            ["call.unknown"]),
        Line(
            "malformed", "applications.save", "applicant", ["revision": "0", "requested": "很多钱", "term-months": "x"],
            ["requested", "term-months"]),
        Line(
            "oversized", "applications.save", "applicant", ["revision": "1", "title-zh": long, "abstract": long],
            ["title-zh", "abstract"]),
        Line("duplicate", "applications.save", "applicant", ["revision": "7", "title-zh": "甲"], ["case.stale"]),
        Line(
            "unauthorised", "applications.save", "organisation", ["revision": "0", "title-zh": "甲"],
            ["application.unknown"]),
        Line("missing", "desk.calls.create", "officer", [:], ["programme", "title-zh", "title-en"]),
        Line(
            "oversized", "desk.calls.create", "officer",
            ["programme": "natural-science", "title-zh": long, "title-en": "A"], ["title-zh"]),
        Line(
            "malformed", "desk.calls.create", "officer", ["programme": "nothing", "title-zh": "甲", "title-en": "A"],
            ["programme"]),
        Line("missing", "ledger.periods.propose", "treasurer", [:], ["reason"]),
        Line("malformed", "ledger.periods.propose", "treasurer", ["month": "2026", "reason": "核对"], ["month"]),
        Line(
            "early", "ledger.periods.propose", "treasurer", ["month": "2026-12", "act": "close", "reason": "核对"],
            ["ledger.period-running"]),
        Line(
            "late", "ledger.periods.propose", "treasurer", ["month": "2025-12", "act": "reopen", "reason": "核对"],
            ["ledger.period-state"]),
        Line("missing", "desk.findings.add", "officer", [:], ["message-zh", "message-en", "basis-zh"]),
        Line(
            "oversized", "desk.findings.add", "officer", ["message-zh": long, "message-en": "A", "basis-zh": "B"],
            ["message-zh"]),
        Line("late", "desk.review.open", "officer", ["load": "5", "due": "2026-06-01"], ["review.unfinished"]),
        Line("malformed", "desk.review.open", "officer", ["load": "0", "due": "1999-01-01"], ["load", "due"]),
        Line("missing", "organisations.register", "applicant", [:], ["name-zh", "name-en", "address", "uscc", "kind"]),
        Line(
            "malformed", "organisations.register", "applicant",
            ["name-zh": "甲", "name-en": "A", "address": "B", "kind": "university", "uscc": "91440300708461136X"],
            ["uscc"]),
        Line(
            "duplicate", "organisations.register", "applicant",
            ["name-zh": "甲", "name-en": "A", "address": "B", "kind": "university", "uscc": "{uscc}"], ["uscc"]),
        Line("missing", "account.token", "applicant", [:], ["label"]),
        Line("oversized", "account.token", "applicant", ["label": long], ["label"]),
        Line(
            "malformed", "account.password", "applicant", ["old": "wrong", "new": "a long password"],
            ["access.wrong-login"]),
        Line("oversized", "account.password", "applicant", ["old": "kechuang-demo", "new": "short"], ["new"]),
        Line("missing", "desk.organisations.affiliate", "officer", [:], ["parent", "kind", "from", "source"]),
        Line(
            "malformed", "desk.organisations.affiliate", "officer",
            ["parent": "{uscc}", "kind": "branch", "from": "2026-01-02", "to": "2026-01-01", "source": "x"], ["to"]),
        Line(
            "malformed", "desk.organisations.affiliate", "officer",
            ["parent": "{uscc}", "kind": "branch", "from": "2026-01-02", "source": "x"], ["registry.circular"]),
        Line(
            "malformed", "admin.account", "admin", ["roles": "officer", "division": "nowhere"],
            ["access.unknown-division"]),
        Line(
            "unauthorised", "admin.account", "admin", ["roles": "officer", "state": "active"], ["access.same-person"]),
        Line("malformed", "demo.move", nil, ["days": "-1"], ["demo.days"]),
    ]

    private func fill(_ text: String, _ known: [String: String]) -> String {
        known.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// Sends a form and gives what the answer names.
    private func send(
        _ line: Line, _ house: TestHouse, _ table: RouteTable, _ known: [String: String], _ language: Language
    ) async throws -> Set<String> {
        let route = try #require(table.route(line.route))
        let actor = if let login = line.login { try await house.actor(login) } else { Actor.everyone }
        #expect(route.access.allows(actor))
        var values: [String: String] = [:]
        for name in PathTemplate(route.path)?.names ?? [] {
            values[name] = known["\(line.route).\(name)"] ?? known[name]
        }
        let form = FormBody(
            fields: line.form.sorted { $0.key < $1.key }.map {
                FormBody.Field(name: $0.key, value: fill($0.value, known))
            })
        let visit = Visit(
            actor: actor, language: language, method: route.method, route: route.id, values: values, form: form,
            now: house.house.clock.now(), csrfToken: "t")
        do {
            let answer = try await route.handler(visit)
            #expect(answer.status >= 400, "\(line) was taken")
            guard case .page(let page) = answer.content else { return [] }
            let html = page.body.string
            let linked = html.matches(of: /href="#f-([a-z0-9.-]+)"/).map { String($0.1) }
            let marked = html.matches(of: /id="e-([a-z0-9.-]+)"/).map { String($0.1) }
            // A page that names no field says its problem in words; they are told apart by the code below.
            return Set(linked + marked).union(codes(html, language))
        } catch let problem as any Problem {
            #expect(problem.kind != .broken)
            return Set(problem.fields.map(\.field)).union([problem.code])
        }
    }

    /// Codes of the problems whose words stand on the page.
    private func codes(_ html: String, _ language: Language) -> Set<String> {
        let problems: [any Problem] = [
            AccessError.wrongLogin, AccessError.samePerson, AccessError.unknownDivision, AccessError.weakPassword,
            ProcedureError.stale, RegistryError.circular, ReviewError.unfinished(1), ReviewError.unfinished(0),
            DecisionError.noReasons, ReviewError.wrongState, ProjectError.trancheState, ProjectError.samePerson,
        ]
        let months: [any Problem] = [
            LedgerError.periodRunning(Month(Day(year: 2026, month: 12, day: 1)!)),
            LedgerError.periodState(Month(Day(year: 2025, month: 12, day: 1)!)),
        ]
        return Set((problems + months).filter { html.contains(HTML(text: $0.message[language]).string) }.map(\.code))
    }

    @Test("Each form names what to mend", arguments: Language.allCases)
    func early(language: Language) async throws {
        let house = try await TestHouse(.sqlite)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        let applicant = try await house.actor("applicant")
        let draft = try await house.funding.applications.start(
            call: call.number, organisation: item.organisation, by: applicant)
        let place = try await house.house.db.read { tx in try Registry.organisation(item.organisation, tx) }
        let admin = try await house.actor("admin")
        let known = [
            "call": call.number, "organisation": item.organisation.text, "uscc": try #require(place).uscc,
            "id": call.id.text, "applications.save.id": draft.id.text, "section": "basics",
            "desk.findings.add.id": item.id.text, "code": "natural-science",
            "desk.organisations.affiliate.id": item.organisation.text,
            "admin.account.id": admin.account?.text ?? "",
        ]
        let table = try house.services.routeTable()
        for line in Self.early {
            let named = try await send(line, house, table, known, language)
            #expect(named.isSuperset(of: line.names), "\(line.testDescription) named \(named.sorted())")
        }
        let after = try await house.house.db.read { tx in try CaseStore.answers(draft.id, tx).content }
        #expect(after["title-zh"]?.string != "甲")
    }

    @Test("Late, double and wrongly signed steps of the later round are told so", arguments: Language.allCases)
    func later(language: Language) async throws {
        let house = try await TestHouse(.sqlite)
        let call = try await house.call("natural-science")
        let decision = try await house.proposed(call)
        let table = try house.services.routeTable()
        let known = ["id": call.id.text, "call": call.number]
        func expect(_ line: Line, _ extra: [String: String] = [:]) async throws {
            let named = try await send(line, house, table, known.merging(extra) { _, new in new }, language)
            #expect(named.isSuperset(of: line.names), "\(line.testDescription) named \(named.sorted())")
        }
        try await expect(
            Line("missing", "desk.decisions.return", "leader", [:], ["decision.no-reasons"]), ["id": decision.id.text])
        try await expect(
            Line("oversized", "desk.decisions.approve", "leader", ["reason": Self.long], ["reason"]),
            ["id": decision.id.text])
        try await expect(Line("missing", "desk.decisions.propose", "officer", [:], ["decision.no-reasons"]))
        try await expect(Line("late", "desk.review.draw", "officer", ["seed": "x"], ["review.wrong-state"]))
        try await expect(
            Line(
                "late", "applications.start", "applicant",
                [
                    "call": call.number,
                    "organisation": try await house.actor("applicant").memberships[0].organisation.text,
                ],
                ["call.not-open"]))
        let round = try #require(
            try await house.house.db.read { tx in try RoundStore.find(subject: call.id.text, tx) })
        let one = try #require(try await house.assignments(round).first)
        let expert = try await house.actor(one.expert)
        let login = try #require(
            try await house.house.db.read { tx in try expert.account.flatMap { try AccountStore.find($0, tx) } }
        ).login
        try await expect(
            Line("late", "reviews.save", login, ["revision": "9", "score-novelty": "90"], ["review.wrong-state"]),
            ["id": one.id.text])
        try await expect(
            Line("missing", "reviews.answer", login, ["answer": "recuse"], ["reason"]), ["id": one.id.text])
        let other = login == "expert1" ? "expert2" : "expert1"
        try await expect(
            Line("unauthorised", "reviews.answer", other, ["answer": "accept"], ["review.unknown"]),
            ["id": one.id.text])
    }

    @Test("An objection names what is missing, and is not taken after the window")
    func objections() async throws {
        let house = try await TestHouse(.sqlite)
        let decision = try await house.proposed(try await house.call("natural-science"))
        let approved = try await house.funding.decisions.approve(
            decision.id, reason: "同意", by: try await house.actor("leader"))
        let notice = try #require(
            try await house.house.db.read { tx in try approved.notice.flatMap { try NoticeStore.find($0, tx) } })
        let table = try house.services.routeTable()
        let missing = try await send(
            Line("missing", "notices.file", nil, ["row": "9223372036854775807"], []), house, table,
            ["number": notice.number], .english)
        #expect(missing.isSuperset(of: ["name", "contact", "address", "statement", "signed-page", "row"]))
        house.move(days: 15)
        let late = try await send(
            Line("late", "notices.file", nil, [:], []), house, table, ["number": notice.number], .english)
        #expect(late == ["publicity.closed"])
    }

    @Test("Money is ordered once and confirmed by another person")
    func money() async throws {
        let house = try await TestHouse(.sqlite)
        let project = try await house.running(try await house.call("natural-science"))
        let first = try #require(try await house.tranches(project).first)
        let table = try house.services.routeTable()
        let known = ["id": first.id.text]
        let officer = try await house.actor("officer")
        _ = try await house.funding.tranches.order(first.id, note: "", by: officer)
        let twice = try await send(
            Line("duplicate", "desk.tranches.order", "officer", [:], []), house, table, known, .chinese)
        #expect(twice.contains("tranche.state"))
        let both = Actor(account: officer.account, name: "B", roles: [.officer, .treasurer])
        await #expect(throws: ProjectError.samePerson) {
            _ = try await house.funding.tranches.confirm(first.id, by: both)
        }
        let second = try #require(try await house.tranches(project).last)
        await #expect(throws: ProjectError.self) {
            _ = try await house.funding.tranches.order(second.id, note: "", by: officer)
        }
    }
}
