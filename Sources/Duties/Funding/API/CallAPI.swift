import Kernel
import Portal
import Store

/// The JSON API of the desk for calls: budgets, writing and publishing calls, findings of the formal check.
struct CallAPI: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] { writing + publishing + checking }

    private struct Draft: Decodable {
        let programme: String
        let titleZh: String
        let titleEn: String
        let opensOn: Day
        let closesOn: Day
    }

    private struct Reason: Decodable { let reason: String }
    private struct Settle: Decodable {
        let state: String
        let reason: String
    }

    private struct NewFinding: Decodable {
        let message: Bilingual
        let basis: Bilingual
        let field: String?
    }

    private struct Shown: Encodable {
        let call: Call
        /// The answers of the form by which it is changed.
        let answers: JSONValue
    }

    private func refused(_ field: String, _ message: Bilingual) -> PlainProblem {
        PlainProblem(
            .invalid, "body.shape", message, fields: [FieldProblem(field: field, code: "field.value", message: message)]
        )
    }

    private var writing: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "api.programmes", .get, "/api/v1/programmes", access: CallDesk.staff,
                summary: Bilingual("科技计划与年度预算", "Programmes and budgets"),
                api: APIDescription(
                    tag: "calls", scope: "desk:read",
                    query: [.init("year", Bilingual("年度", "Year"), schema: .integer())], answer: .array(.any))
            ) { visit in
                let year = visit.query("year").flatMap(Int.init) ?? house.today.parts.year
                return .json(try await house.db.read { tx in try ProgrammeStore.balances(year: year, tx) })
            },
            Route(
                "api.desk.calls.draft", .post, "/api/v1/desk/calls", access: officer,
                summary: Bilingual("编制申报指南", "Write a call"),
                api: APIDescription(
                    tag: "calls", scope: "desk:write",
                    body: .object([
                        "programme": .text(), "titleZh": .text(), "titleEn": .text(),
                        "opensOn": .text(format: "date"), "closesOn": .text(format: "date"),
                    ]), answer: .any, status: 201)
            ) { visit in
                let draft = try visit.json(as: Draft.self)
                let call = try await funding.calls.draft(
                    .standard(title: Bilingual(draft.titleZh, draft.titleEn)), programme: draft.programme,
                    year: draft.opensOn.parts.year, opensOn: draft.opensOn, closesOn: draft.closesOn, budget: .zero,
                    by: visit.actor)
                return .created(call, at: "/api/v1/desk/calls/\(call.id)", version: call.revision)
            },
            Route(
                "api.desk.calls.show", .get, "/api/v1/desk/calls/{id}", access: CallDesk.staff,
                summary: Bilingual("指南及其表单内容", "A call with the answers of its form"),
                api: APIDescription(tag: "calls", scope: "desk:read", answer: .any)
            ) { visit in
                let id: ID<Call> = try visit.id("id")
                let call = try await house.db.read { tx in try CallStore.require(id, tx) }
                return .json(Shown(call: call, answers: CallForm.answers(call)), version: call.revision)
            },
            Route(
                "api.desk.calls.save", .put, "/api/v1/desk/calls/{id}/answers", access: officer,
                summary: Bilingual("保存指南", "Save a call"),
                api: APIDescription(tag: "calls", scope: "desk:write", body: .any, answer: .any)
            ) { visit in
                let answers = try visit.json()
                guard answers.object != nil else {
                    throw PlainProblem(
                        .invalid, "body.shape", Bilingual("内容应为 JSON 对象", "The answers are a JSON object"))
                }
                guard let revision = visit.ifMatch.flatMap(Int.init) else { throw VersionProblem.missing }
                let problems = CallForm.form.problems(answers, complete: false) + CallForm.problems(answers)
                guard problems.isEmpty else { throw CallError.incomplete(problems) }
                let saved = try await funding.calls.save(try visit.id("id"), expecting: revision, by: visit.actor) {
                    CallForm.apply(answers, to: &$0)
                }
                return .json(saved, version: saved.revision)
            },
        ]
    }

    private var publishing: [Route] {
        func step(
            _ name: String, _ role: Role, _ summary: Bilingual, body: Schema? = nil,
            _ act: @escaping @Sendable (ID<Call>, Visit) async throws -> Call
        ) -> Route {
            Route(
                "api.desk.calls.\(name)", .post, "/api/v1/desk/calls/{id}/\(name)", access: .roles([role]),
                summary: summary,
                api: APIDescription(tag: "calls", scope: "desk:write", body: body, answer: .any)
            ) { visit in
                let call = try await act(try visit.id("id"), visit)
                return .json(call, version: call.revision)
            }
        }
        return [
            step("propose", .officer, Bilingual("提请发布", "Propose for publication")) { id, visit in
                try await funding.calls.propose(id, by: visit.actor)
            },
            step("publish", .leader, Bilingual("批准发布", "Publish")) { id, visit in
                try await funding.calls.publish(id, by: visit.actor)
            },
            step(
                "return", .leader, Bilingual("退回指南", "Send a call back"), body: .object(["reason": .text()])
            ) { id, visit in
                try await funding.calls.sendBack(
                    id, reason: try visit.json(as: Reason.self).reason, by: visit.actor)
            },
            step("finish", .officer, Bilingual("收回指南余额", "Free what a finished call did not award")) { id, visit in
                try await funding.calls.finish(id, by: visit.actor)
            },
        ]
    }

    private var checking: [Route] {
        [
            Route(
                "api.findings.list", .get, "/api/v1/applications/{id}/findings", access: .signedIn,
                summary: Bilingual("形式审查意见", "Findings of the formal check"),
                api: APIDescription(tag: "applications", scope: "applications:read", answer: .array(.any))
            ) { visit in
                let id: ApplicationID = try visit.id("id")
                let actor = visit.actor
                let found = try await house.db.read { tx -> [Finding] in
                    guard let file = try CaseStore.find(id, tx), Policy.maySee(actor, file) else {
                        throw ApplicationError.unknown
                    }
                    return try FindingStore.list(of: id, tx)
                }
                return .json(found)
            },
            Route(
                "api.findings.add", .post, "/api/v1/applications/{id}/findings", access: .roles([.officer]),
                summary: Bilingual("增加审查意见", "Add a finding"),
                api: APIDescription(
                    tag: "applications", scope: "desk:write",
                    body: .object(["message": .any, "basis": .any, "field": .text()], optional: ["field"]),
                    answer: nil)
            ) { visit in
                let made = try visit.json(as: NewFinding.self)
                try await funding.findings.add(
                    FindingDraft(
                        code: "officer.finding", field: made.field ?? "", message: made.message, basis: made.basis),
                    to: try visit.id("id"), by: visit.actor)
                return .noContent
            },
            Route(
                "api.findings.settle", .post, "/api/v1/findings/{id}/settle", access: .roles([.officer]),
                summary: Bilingual("核销审查意见", "Settle a finding"),
                api: APIDescription(
                    tag: "applications", scope: "desk:write",
                    body: .object(["state": .oneOf(["overridden", "withdrawn"]), "reason": .text()]), answer: nil)
            ) { visit in
                let wanted = try visit.json(as: Settle.self)
                guard let state = Finding.State(rawValue: wanted.state), [.overridden, .withdrawn].contains(state)
                else {
                    throw refused(
                        "state", Bilingual("state 应为 overridden 或 withdrawn", "state is overridden or withdrawn"))
                }
                try await funding.findings.settle(
                    try visit.id("id"), as: state, reason: wanted.reason, by: visit.actor)
                return .noContent
            },
        ]
    }
}
