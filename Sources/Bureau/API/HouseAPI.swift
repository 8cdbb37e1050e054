import Kernel
import Portal
import Store

/// The JSON API of what all duties share: cases and their actions, the worklist, notices, search, the record.
struct HouseAPI: Sendable {
    let house: House

    var routes: [Route] {
        [
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
            Route(
                "api.notices.list", .get, "/api/v1/notices", access: .everyone, summary: Bilingual("公示列表", "Notices"),
                api: APIDescription(tag: "notices", answer: .array(.any))
            ) { visit in
                .json(try await house.db.read { tx in try NoticeStore.list(openOn: nil, before: nil, limit: 50, tx) })
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

    private func work(_ visit: Visit) async throws -> Answer {
        let actor = visit.actor
        let after = visit.query("after")
        let items = try await house.db.read { tx in try Worklist.mine(actor, after: after, limit: 51, tx) }
        return .json(Work(items: items.prefix(50).map(\.file), next: items.count > 50 ? items[49].cursor : nil))
    }

    private struct Work: Encodable {
        let items: [CaseFile]
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
            guard Policy.maySee(actor, file) else { throw ProcedureError.unknownCase }
            return Shown(
                file: file, actions: try procedures.available(file, to: actor, tx).map(\.id),
                clocks: try CaseStore.clocks(id, tx), answers: try CaseStore.answers(id, tx).content,
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
        let moved = try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, revision: revision, as: actor, at: now, in: tx)
        }
        return .json(moved, version: moved.revision)
    }
}
