import Kernel
public import Portal
import Review
import Store

/// The JSON API of the funding round: the same actions as the pages, for programs.
public struct FundingAPI: Sendable {
    let funding: Funding

    public init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    /// Money is in fen, moments in microseconds, days as `YYYY-MM-DD`.
    public var routes: [Route] {
        callRoutes + CallAPI(funding).routes + applicationRoutes + fileRoutes + ReviewAPI(funding).routes
            + AssignmentAPI(funding).routes + ConflictAPI(funding).routes
            + decisionRoutes
            + moneyRoutes + ProjectAPI(funding).routes
    }

    private static let staff: RouteAccess = .roles([.officer, .leader, .treasurer, .auditor])

    private var callRoutes: [Route] {
        [
            Route(
                "api.calls.list", .get, "/api/v1/calls", access: .everyone,
                summary: Bilingual("申报指南列表", "List of calls"),
                api: APIDescription(tag: "calls", query: APIDescription.Parameter.paging, answer: .listing(.any))
            ) { visit in
                let paging = try visit.paging(values: 2)
                let (today, after) = (house.today, paging.after?.dayAndID)
                let calls = try await house.db.read { tx in
                    try CallStore.list(CallFilter(phase: .all), today: today, after: after, limit: paging.limit + 1, tx)
                }
                let shown = Array(calls.prefix(paging.limit))
                let next =
                    calls.count > paging.limit
                    ? shown.last.map { Cursor($0.closesOn, $0.id.text) } : nil
                return .json(Listing(items: shown, next: next))
            },
            Route(
                "api.calls.show", .get, "/api/v1/calls/{number}", access: .everyone,
                summary: Bilingual("申报指南", "A call"),
                api: APIDescription(tag: "calls", answer: .any)
            ) { visit in
                let number = visit.path("number")
                let call = try await house.db.read { tx -> Call in
                    guard let call = try CallStore.find(number: number, tx), call.state == .published else {
                        throw CallError.unknown
                    }
                    return call
                }
                return .json(call, version: call.revision)
            },
        ]
    }

    private struct Start: Decodable {
        let call: String
        let organisation: String
    }

    private struct Shown: Encodable {
        let application: Application
        let answers: JSONValue
        let files: [Document]
        let problems: [FieldProblem]
    }

    private var applicationRoutes: [Route] {
        [
            Route(
                "api.applications.start", .post, "/api/v1/applications", access: .signedIn,
                summary: Bilingual("新建申请", "Start an application"),
                api: APIDescription(
                    tag: "applications", scope: "applications:write",
                    body: .object(["call": .text(), "organisation": .text(format: "uuid")]), answer: .any, status: 201)
            ) { visit in
                let start = try visit.json(as: Start.self)
                let made = try await funding.applications.start(
                    call: start.call, organisation: ID(start.organisation), by: visit.actor)
                return .created(made, at: "/api/v1/applications/\(made.id)", version: 0)
            },
            Route(
                "api.applications.show", .get, "/api/v1/applications/{id}", access: .signedIn,
                summary: Bilingual("申请", "An application"),
                api: APIDescription(tag: "applications", scope: "applications:read", answer: .any)
            ) { visit in
                let id: ApplicationID = try visit.id("id")
                let (actor, vault, rules, day) = (visit.actor, house.vault, house.city.rules, house.today)
                let shown = try await house.db.read { tx -> (Shown, Int) in
                    guard let file = try CaseStore.find(id, tx), Policy.maySee(actor, file) else {
                        throw ApplicationError.unknown
                    }
                    let application = try ApplicationStore.require(id, tx)
                    let answers = try CaseStore.answers(id, tx)
                    let form = try CallStore.require(application.call, tx).content.wholeForm
                    let shown =
                        actor.account == application.applicant
                        ? answers.content.readable(by: vault, or: .data)
                        : answers.content.readable(form, by: vault, or: .data)
                    let check = try ApplicationCheck.run(application, vault: vault, rules: rules, on: day, tx)
                    return (
                        Shown(
                            application: application, answers: shown,
                            files: try DocumentStore.list(of: id, tx), problems: check.blocking), answers.revision
                    )
                }
                return .json(shown.0, version: shown.1)
            },
            Route(
                "api.applications.answers", .put, "/api/v1/applications/{id}/answers", access: .signedIn,
                summary: Bilingual("保存申请内容", "Save the answers"),
                api: APIDescription(tag: "applications", scope: "applications:write", body: .any, answer: .any)
            ) { visit in
                let id: ApplicationID = try visit.id("id")
                let answers = try visit.json()
                guard answers.object != nil else {
                    throw PlainProblem(
                        .invalid, "body.shape", Bilingual("内容应为 JSON 对象", "The answers are a JSON object"))
                }
                guard let revision = visit.ifMatch.flatMap(Int.init) else { throw VersionProblem.missing }
                let next = try await funding.applications.replace(
                    id, answers: answers, expecting: revision, by: visit.actor)
                return .json(["revision": next], version: next)
            },
        ]
    }

    private var fileRoutes: [Route] {
        [
            Route(
                "api.applications.attach", .post, "/api/v1/applications/{id}/files/{field}", access: .signedIn,
                summary: Bilingual(
                    "上传附件（multipart/form-data，文件字段与表单字段同名）",
                    "Attach a file as multipart/form-data, its part named like the field"),
                limits: .uploads(files: 1),
                api: APIDescription(tag: "applications", scope: "applications:write", answer: .any, status: 201)
            ) { visit in
                let id: ApplicationID = try visit.id("id")
                let field = visit.path("field")
                guard let file = visit.form.file(field) else { throw DocumentError.empty(field: field) }
                let bytes = try await file.bytes(upTo: DocumentStore.largest)
                let made = try await funding.applications.drafts.attach(
                    id, field: field, name: file.name, bytes: bytes, by: visit.actor)
                return .created(made, at: "/documents/\(made.id)")
            },
            Route(
                "api.applications.detach", .delete, "/api/v1/applications/{id}/files/{document}", access: .signedIn,
                summary: Bilingual("移除附件", "Take a file off"),
                api: APIDescription(tag: "applications", scope: "applications:write", answer: nil)
            ) { visit in
                try await funding.applications.drafts.detach(
                    try visit.id("document"), from: try visit.id("id"), by: visit.actor)
                return .noContent
            },
        ]
    }

    private struct Proposal: Decodable {
        let method: String
        let floor: Int
        let share: Int
        let reasons: String
    }

    private func scores(_ visit: Visit) async throws -> CallRanking {
        let found = try await CallRanking.load(
            try visit.id("id"), line: try RankingPage.line(visit), funding.review.scores, house.db)
        guard found.round != nil else { throw ReviewError.notDrawn }
        return found
    }

    private var decisionRoutes: [Route] {
        [
            Route(
                "api.ranking", .get, "/api/v1/calls/{id}/ranking", access: FundingAPI.staff,
                summary: Bilingual("评审排序", "Ranking"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read",
                    query: [.init("line", Bilingual("立项数", "How many can be funded"), schema: .integer(minimum: 0))],
                    answer: .any)
            ) { visit in
                let found = try await scores(visit)
                return .json(found.ranking.ranked.map { RankedScore(ranked: $0, score: found.scores[$0.item]) })
            },
            Route(
                "api.scores", .get, "/api/v1/calls/{id}/scores", access: FundingAPI.staff,
                summary: Bilingual("校准分", "Calibrated scores"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read",
                    query: [.init("line", Bilingual("立项数", "How many can be funded"), schema: .integer(minimum: 0))],
                    answer: .any)
            ) { visit in .json(ShownScores(try await scores(visit).scores)) },
            Route(
                "api.decisions.propose", .post, "/api/v1/calls/{id}/decisions", access: .roles([.officer]),
                summary: Bilingual("提出立项建议", "Propose awards"),
                api: APIDescription(
                    tag: "decisions", scope: "desk:write",
                    body: .object([
                        "method": .oneOf(FundingLine.Method.allCases.map(\.rawValue)),
                        "floor": .integer(minimum: 0, maximum: 100), "share": .integer(minimum: 1, maximum: 100),
                        "reasons": .text(),
                    ]), answer: .any, status: 201)
            ) { visit in
                let wanted = try visit.json(as: Proposal.self)
                guard let method = FundingLine.Method(rawValue: wanted.method) else {
                    throw PlainProblem(
                        .invalid, "body.shape", Bilingual("method 不存在", "There is no such method"),
                        fields: [
                            FieldProblem(
                                field: "method", code: "field.choice", message: Bilingual("取值不正确", "is not known"))
                        ])
                }
                let made = try await funding.proposeLine(
                    try visit.id("id"), method: method, floor: wanted.floor, share: wanted.share,
                    reasons: wanted.reasons, by: visit.actor)
                return .created(made, at: "/api/v1/decisions/\(made.id)")
            },
            Route(
                "api.decisions.list", .get, "/api/v1/decisions", access: FundingAPI.staff,
                summary: Bilingual("立项决定列表", "Decisions"),
                api: APIDescription(
                    tag: "decisions", scope: "desk:read", query: APIDescription.Parameter.paging,
                    answer: .listing(.any))
            ) { visit in
                let paging = try visit.paging(values: 1)
                let before = paging.after?.values[0].string.map { ID<Decision>($0) }
                let rows = try await house.db.read { tx in
                    try DecisionStore.list(before: before, limit: paging.limit + 1, tx)
                }
                return .json(Listing(rows, paging, cursor: { Cursor([.string($0.id.text)]) }, item: { $0 }))
            },
            Route(
                "api.decisions.return", .post, "/api/v1/decisions/{id}/return", access: .roles([.leader]),
                summary: Bilingual("退回立项建议", "Return a proposal"),
                api: APIDescription(
                    tag: "decisions", scope: "desk:write", body: .object(["reason": .text()]), answer: .any)
            ) { visit in
                .json(
                    try await funding.decisions.sendBack(
                        try visit.id("id"), reason: try visit.json()["reason"]?.string ?? "", by: visit.actor))
            },
            Route(
                "api.decisions.show", .get, "/api/v1/decisions/{id}", access: FundingAPI.staff,
                summary: Bilingual("立项决定", "A decision"),
                api: APIDescription(tag: "decisions", scope: "desk:read", answer: .any)
            ) { visit in
                let id: ID<Decision> = try visit.id("id")
                return .json(try await house.db.read { tx in try DecisionStore.require(id, tx) })
            },
            Route(
                "api.decisions.approve", .post, "/api/v1/decisions/{id}/approve", access: .roles([.leader]),
                summary: Bilingual("批准立项建议", "Approve a proposal"),
                api: APIDescription(tag: "decisions", scope: "desk:write", body: .any, answer: .any)
            ) { visit in
                .json(
                    try await funding.decisions.approve(
                        try visit.id("id"), reason: try visit.json()["reason"]?.string ?? "", by: visit.actor))
            },
            Route(
                "api.decisions.effect", .post, "/api/v1/decisions/{id}/effect", access: .roles([.officer, .leader]),
                summary: Bilingual("立项生效", "Give effect"),
                api: APIDescription(tag: "decisions", scope: "desk:write", body: .any, answer: .any)
            ) { visit in .json(try await funding.decisions.takeEffect(try visit.id("id"), by: visit.actor)) },
        ]
    }

    private var moneyRoutes: [Route] {
        [
            Route(
                "api.projects.list", .get, "/api/v1/projects", access: .everyone,
                summary: Bilingual("资助项目列表", "Funded projects"),
                api: APIDescription(tag: "projects", query: APIDescription.Parameter.paging, answer: .listing(.any))
            ) { visit in
                let paging = try visit.paging(values: 2)
                let after = paging.after.flatMap { cursor -> (Int, String)? in
                    guard let year = cursor.values[0].integer, let number = cursor.values[1].string else { return nil }
                    return (Int(year), number)
                }
                let list = try await house.db.read { tx in
                    try ProjectStore.list(ProjectFilter(), after: after, limit: paging.limit + 1, tx)
                }
                let shown = list.prefix(paging.limit).map(PublicProject.init)
                let next =
                    list.count > paging.limit
                    ? shown.last.map { Cursor([.integer(Int64($0.year)), .string($0.number)]) } : nil
                return .json(Listing(items: shown, next: next))
            },
            Route(
                "api.tranches.order", .post, "/api/v1/tranches/{id}/order", access: .roles([.officer]),
                summary: Bilingual("开具拨款单", "Order a tranche"),
                api: APIDescription(tag: "tranches", scope: "desk:write", body: .any, answer: .any)
            ) { visit in
                .json(
                    try await funding.tranches.order(
                        try visit.id("id"), note: try visit.json()["note"]?.string ?? "", by: visit.actor))
            },
            Route(
                "api.tranches.confirm", .post, "/api/v1/tranches/{id}/confirm", access: .roles([.treasurer]),
                summary: Bilingual("复核拨款单", "Confirm a tranche"),
                api: APIDescription(tag: "tranches", scope: "desk:write", body: .any, answer: .any)
            ) { visit in .json(try await funding.tranches.confirm(try visit.id("id"), by: visit.actor)) },
        ]
    }

    /// A project without what only the bureau should see.
    private struct PublicProject: Encodable {
        let number: String
        let year: Int
        let title: Bilingual
        let organisation: Bilingual
        let investigator: String
        let amount: Money
        let step: String

        init(_ project: Project) {
            number = project.number
            year = project.year
            title = project.title
            organisation = project.organisationName
            investigator = project.investigatorName
            amount = project.amount
            step = project.step
        }
    }
}
