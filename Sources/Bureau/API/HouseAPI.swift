import Funding
import Kernel
import Portal
import Store

/// The JSON API of what all duties share: cases and their actions, the worklist, notices, search, the record.
struct HouseAPI: Sendable {
    let house: House

    var routes: [Route] { caseRoutes + publicRoutes + registryRoutes }

    private static let staff: RouteAccess = .roles([.officer, .leader, .auditor])

    private var caseRoutes: [Route] {
        [
            Route(
                "api.cases.letters", .get, "/api/v1/cases/{id}/letters", access: .signedIn,
                summary: Bilingual("办件的函件", "Letters of a case"),
                api: APIDescription(tag: "cases", scope: "cases:read", answer: .array(.any))
            ) { visit in
                let id: ID<CaseFile> = try visit.id("id")
                let actor = visit.actor
                let procedures = house.procedures
                let letters = try await house.db.read { tx -> [Letter] in
                    guard procedures.maySee(actor, try CaseStore.require(id, tx)) else {
                        throw ProcedureError.unknownCase
                    }
                    return try Letters.list(of: id, tx)
                }
                return .json(letters)
            },
            Route(
                "api.cases.package", .get, "/api/v1/cases/{id}/package", access: HouseAPI.staff,
                summary: Bilingual("办件包（ZIP）", "A case as one package (ZIP)"),
                api: APIDescription(tag: "cases", scope: "cases:read", file: "application/zip")
            ) { visit in try await CasePages(house: house, panels: [:]).package(visit) },
            Route(
                "api.work", .get, "/api/v1/work", access: .signedIn, summary: Bilingual("待我办理", "What waits for me"),
                api: APIDescription(
                    tag: "cases", scope: "cases:read", query: APIDescription.Parameter.paging, answer: .any),
                handler: work),
            Route(
                "api.cases.show", .get, "/api/v1/cases/{id}", access: .signedIn, summary: Bilingual("办件", "A case"),
                api: APIDescription(tag: "cases", scope: "cases:read", answer: .any), handler: show),
            Route(
                "api.cases.act", .post, "/api/v1/cases/{id}/actions/{action}", access: .signedIn,
                summary: Bilingual("办理一步", "Do an action"),
                api: APIDescription(tag: "cases", scope: "cases:write", body: .any, answer: .any), handler: act),
        ]
    }

    private var publicRoutes: [Route] {
        [
            Route(
                "api.notices.show", .get, "/api/v1/notices/{number}", access: .everyone,
                summary: Bilingual("公示", "A notice"),
                api: APIDescription(
                    tag: "notices",
                    query: [.init("after", Bilingual("在此序号之后", "After this line"), schema: .integer(minimum: 0))],
                    answer: .any), handler: notice),
            Route(
                "api.notices.object", .post, "/api/v1/notices/{number}/objections", access: .signedIn,
                summary: Bilingual(
                    "提出异议（multipart/form-data：objector、name、contact、address、row、statement、signed-page）",
                    "File an objection as multipart/form-data: objector, name, contact, address, row, statement, signed-page"
                ),
                limits: .uploads(files: 1),
                api: APIDescription(tag: "notices", scope: "notices:write", answer: .any, status: 201)
            ) { visit in
                let filed = try await NoticePages(house: house).take(visit)
                return .created(Filed(number: filed.number), at: "/notices/\(visit.path("number"))")
            },
            Route(
                "api.notices.list", .get, "/api/v1/notices", access: .everyone, summary: Bilingual("公示列表", "Notices"),
                api: APIDescription(tag: "notices", answer: .array(.any))
            ) { visit in
                .json(try await house.db.read { tx in try NoticeStore.list(limit: 50, tx) })
            },
            Route(
                "api.search", .get, "/api/v1/search", access: .everyone, summary: Bilingual("检索", "Search"),
                api: APIDescription(
                    tag: "search", query: [.init("q", Bilingual("词语", "Words"), required: true)], answer: .array(.any))
            ) { visit in
                let words = visit.query("q") ?? ""
                return .json(
                    try await house.db.read { tx in try Search.find(words, limit: 50, tx).map(\.entry) })
            },
            Route(
                "api.letters.verify", .get, "/api/v1/letters/{code}", access: .everyone,
                summary: Bilingual("函件验证", "Verify a letter"), api: APIDescription(tag: "letters", answer: .any)
            ) { visit in
                let code = visit.path("code")
                guard let letter = try await house.db.read({ tx in try Letters.find(checkCode: code, tx) }) else {
                    throw DocumentError.missing
                }
                return .json(
                    Verified(
                        number: letter.number, title: letter.title, writtenAt: letter.writtenAt, hash: letter.hash,
                        isIntact: letter.isIntact))
            },
            Route(
                "api.events", .get, "/api/v1/events", access: .roles([.auditor]),
                summary: Bilingual("办理记录", "The record"),
                api: APIDescription(
                    tag: "record", scope: "record:read",
                    query: [.init("before", Bilingual("早于此事件", "Before this event"))], answer: .array(.any))
            ) { visit in
                let before = visit.query("before")
                return .json(
                    try await house.db.read { tx in try Record.page(kind: nil, before: before, limit: 100, tx) })
            },
        ]
    }

    private var registryRoutes: [Route] {
        [
            Route(
                "api.organisations.parents", .get, "/api/v1/organisations/{id}/parents",
                access: .roles([.officer, .leader, .treasurer, .auditor]),
                summary: Bilingual("单位的隶属关系", "Parents and branches of an organisation"),
                api: APIDescription(tag: "registry", scope: "desk:read", answer: .array(.any))
            ) { visit in
                let id: ID<OrganisationMark> = try visit.id("id")
                return .json(try await house.db.read { tx in try Registry.affiliations(of: id, tx) })
            },
            Route(
                "api.organisations.affiliate", .post, "/api/v1/organisations/{id}/parents", access: .roles([.officer]),
                summary: Bilingual("登记隶属关系", "Record a parent"),
                api: APIDescription(
                    tag: "registry", scope: "desk:write",
                    body: .object(
                        [
                            "parent": .text(), "kind": .oneOf(Affiliation.Kind.allCases.map(\.rawValue)),
                            "from": .text(format: "date"), "to": .text(format: "date"), "source": .text(),
                        ], optional: ["to"]), answer: nil)
            ) { visit in
                try Policy.require(visit.actor, .editRegistry)
                try await visit.json(as: AffiliationDraft.self).record(on: try visit.id("id"), by: visit.actor, house)
                return .noContent
            },
        ]
    }

    private struct Filed: Encodable { let number: String }

    private struct Verified: Encodable {
        let number: String
        let title: Bilingual
        let writtenAt: Instant
        let hash: String
        let isIntact: Bool
    }

    private struct ShownNotice: Encodable {
        let notice: Notice
        let rows: [NoticeRow]
    }

    private func notice(_ visit: Visit) async throws -> Answer {
        let number = visit.path("number")
        let after = visit.query("after").flatMap(Int.init) ?? 0
        let shown = try await house.db.read { tx -> ShownNotice in
            guard let notice = try NoticeStore.find(number: number, tx) else { throw PublicityError.unknown }
            return ShownNotice(
                notice: notice, rows: try NoticeStore.rows(of: notice.id, after: max(0, after), limit: 200, tx))
        }
        return .json(shown)
    }

    private func work(_ visit: Visit) async throws -> Answer {
        let actor = visit.actor
        let after = visit.query("after")
        let today = house.today
        let (items, tasks) = try await house.db.read { tx in
            (
                try Worklist.mine(actor, after: after, limit: 51, tx),
                after == nil ? try Services.waiting(actor, on: today, tx) : []
            )
        }
        return .json(
            Work(items: items.prefix(50).map(\.file), tasks: tasks, next: items.count > 50 ? items[49].cursor : nil))
    }

    private struct Work: Encodable {
        let items: [CaseFile]
        /// What waits and is no case.
        let tasks: [WaitingItem]
        let next: String?
    }

    private struct Shown: Encodable {
        let file: CaseFile
        let actions: [String]
        let clocks: [CaseClock]
        let answers: JSONValue
        let events: [StoredEvent]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let actor = visit.actor
        let procedures = house.procedures
        // Names of officers and contents of events are for the bureau; others see what happened and when.
        let isStaff = !actor.roles.isDisjoint(with: [.officer, .leader, .auditor, .treasurer])
        let shown = try await house.db.read { tx -> Shown in
            let file = try CaseStore.require(id, tx)
            guard procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
            return Shown(
                file: file, actions: try procedures.available(file, to: actor, tx).map(\.id),
                clocks: try CaseStore.clocks(id, tx), answers: try ShownAnswers.of(file, to: actor, house, tx),
                events: isStaff ? try Record.events(of: id, tx) : [])
        }
        return .json(shown, version: shown.file.revision)
    }

    private func act(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let action = visit.path("action")
        let answers = try visit.json()
        let revision = visit.ifMatch.flatMap(Int.init)
        let (actor, now, procedures) = (visit.actor, house.clock.now(), house.procedures)
        let moved = try await house.db.write(locking: [Letters.lock]) { tx in
            try procedures.act(id, action, answers: answers, revision: revision, as: actor, at: now, in: tx)
        }
        return .json(moved, version: moved.revision)
    }
}
