import Kernel
import Portal
import Store

/// The JSON API of awarded projects: contract, changes, checks, money, and money that comes back.
struct ProjectAPI: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] { projectRoutes + moneyRoutes }

    /// A project as its own people and the bureau see it.
    private struct Shown: Encodable {
        let project: Project
        let answers: JSONValue
        let tranches: [Tranche]
        let recoveries: [Recovery]
        let children: [CaseFile]
    }

    private struct Reason: Decodable { let reason: String }

    /// What was sent, read as a browser's form is: tables by row, budgets by heading.
    private func values(_ visit: Visit) throws -> (values: @Sendable (String) -> [String], revision: Int) {
        guard let members = try visit.json().object else {
            throw PlainProblem(.invalid, "body.shape", Bilingual("内容应为 JSON 对象", "The answers are a JSON object"))
        }
        guard let revision = visit.ifMatch.flatMap(Int.init) else { throw VersionProblem.missing }
        let typed = members.mapValues { $0.string ?? $0.integer.map(String.init) ?? "" }
        return ({ typed[$0].map { [$0] } ?? [] }, revision)
    }

    private var projectRoutes: [Route] {
        let flat = Bilingual(
            "字段与网页表单同名，如 indicators.0.name、budget.equipment.amount",
            "Members are named as in the page's form, such as indicators.0.name or budget.equipment.amount")
        return [
            Route(
                "api.projects.show", .get, "/api/v1/projects/{id}/file", access: .signedIn,
                summary: Bilingual("项目档案", "A project's file"),
                api: APIDescription(tag: "projects", scope: "cases:read", answer: .any), handler: show),
            Route(
                "api.projects.save", .put, "/api/v1/projects/{id}/answers", access: .signedIn,
                summary: Bilingual("保存合同书或验收申请。\(flat.zh)", "Save contract or acceptance file. \(flat.en)"),
                api: APIDescription(
                    tag: "projects", scope: "cases:write", body: .any, answer: .object(["revision": .integer()]))
            ) { visit in
                let (values, revision) = try values(visit)
                let saved = try await funding.projects.save(
                    try visit.id("id"), values: values, expecting: revision, by: visit.actor)
                guard saved.problems.isEmpty else { throw ProcedureError.refused(saved.problems) }
                return .json(["revision": saved.revision], version: saved.revision)
            },
            Route(
                "api.projects.change", .post, "/api/v1/projects/{id}/changes", access: .signedIn,
                summary: Bilingual("申请变更", "Ask for a change"),
                api: APIDescription(tag: "projects", scope: "cases:write", answer: .any, status: 201)
            ) { visit in
                let child = try await funding.projects.openChange(try visit.id("id"), by: visit.actor)
                return .created(child, at: "/api/v1/cases/\(child.id)")
            },
            Route(
                "api.changes.save", .put, "/api/v1/changes/{id}/answers", access: .signedIn,
                summary: Bilingual("保存变更申请", "Save a change request"),
                api: APIDescription(
                    tag: "projects", scope: "cases:write", body: .any, answer: .object(["revision": .integer()]))
            ) { visit in
                let (values, revision) = try values(visit)
                let saved = try await funding.projects.saveChange(
                    try visit.id("id"), values: values, expecting: revision, by: visit.actor)
                guard saved.problems.isEmpty else { throw ProcedureError.refused(saved.problems) }
                return .json(["revision": saved.revision], version: saved.revision)
            },
            Route(
                "api.projects.midterm", .post, "/api/v1/projects/{id}/midterm", access: .roles([.officer]),
                summary: Bilingual("发起中期检查", "Open a mid-term check"),
                api: APIDescription(tag: "projects", scope: "desk:write", answer: .any, status: 201)
            ) { visit in
                let child = try await funding.projects.openMidterm(try visit.id("id"), by: visit.actor)
                return .created(child, at: "/api/v1/cases/\(child.id)")
            },
        ]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let actor = visit.actor
        let (shown, revision) = try await house.db.read { tx -> (Shown, Int) in
            guard let file = try CaseStore.find(id, tx), Policy.maySee(actor, file) else { throw ProjectError.unknown }
            let answers = try CaseStore.answers(id, tx)
            return (
                Shown(
                    project: try ProjectStore.require(id, tx), answers: answers.content,
                    tranches: try TrancheStore.list(project: id, tx),
                    recoveries: try RecoveryStore.list(project: id, tx), children: try CaseStore.children(of: id, tx)),
                answers.revision
            )
        }
        return .json(shown, version: revision)
    }

    private var moneyRoutes: [Route] {
        [
            Route(
                "api.tranches.list", .get, "/api/v1/tranches", access: CallDesk.staff,
                summary: Bilingual("拨款列表", "Tranches"),
                api: APIDescription(
                    tag: "tranches", scope: "desk:read",
                    query: [
                        .init(
                            "state", Bilingual("状态", "State"), schema: .oneOf(Tranche.State.allCases.map(\.rawValue)),
                            required: true)
                    ] + APIDescription.Parameter.paging, answer: .listing(.any))
            ) { visit in
                guard let state = visit.query("state").flatMap(Tranche.State.init(rawValue:)) else {
                    throw PlainProblem(
                        .invalid, "query.state",
                        Bilingual(
                            "请给出 state：planned、ordered、confirmed 或 cancelled",
                            "Give state: planned, ordered, confirmed or cancelled"),
                        fields: [
                            FieldProblem(
                                field: "state", code: "field.choice", message: Bilingual("取值不正确", "is not known"))
                        ])
                }
                let paging = try visit.paging(values: 2)
                let after = paging.after.flatMap { cursor -> (Day, String)? in
                    guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string
                    else { return nil }
                    return (day, id)
                }
                let rows = try await house.db.read { tx in
                    try TrancheStore.list(state: state, after: after, limit: paging.limit + 1, tx)
                }
                return .json(
                    Listing(
                        rows, paging,
                        cursor: { Cursor([.string($0.dueOn?.description ?? ""), .string($0.id.text)]) }, item: { $0 }))
            },
            Route(
                "api.tranches.return", .post, "/api/v1/tranches/{id}/return", access: .roles([.treasurer]),
                summary: Bilingual("退回拨款单", "Return an order"),
                api: APIDescription(
                    tag: "tranches", scope: "desk:write", body: .object(["reason": .text()]), answer: .any)
            ) { visit in
                .json(
                    try await funding.tranches.sendBack(
                        try visit.id("id"), reason: try visit.json(as: Reason.self).reason, by: visit.actor))
            },
            Route(
                "api.recoveries.settle", .post, "/api/v1/recoveries/{id}/settle", access: .roles([.treasurer]),
                summary: Bilingual("确认退款到账", "Settle a recovery"),
                api: APIDescription(tag: "tranches", scope: "desk:write", answer: nil)
            ) { visit in
                try await funding.projects.settle(visit.path("id"), by: visit.actor)
                return .noContent
            },
        ]
    }
}
