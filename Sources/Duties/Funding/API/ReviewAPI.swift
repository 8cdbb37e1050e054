import Kernel
import Portal
import Review
import Store

/// The JSON API of a review: what the officer runs, and what an expert fills in.
struct ReviewAPI: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] { officerRoutes + expertRoutes }

    private static func call(_ visit: Visit) throws -> ID<Call> { try visit.id("id") }

    private struct Plan: Decodable {
        let load: Int
        let due: Day
    }

    private struct Seed: Decodable { let seed: String }
    private struct Reason: Decodable { let reason: String }
    private struct Note: Decodable {
        let item: String
        let note: String
    }

    /// A round with one page of its assignments; experts are named to the bureau alone.
    private struct Shown: Encodable {
        struct Item: Encodable {
            let id: ID<Assignment>
            let application: ID<CaseFile>
            let expert: String
            /// Codes of the languages in which the expert judges.
            let languages: [ReviewLanguage]
            let state: Assignment.State
            let dueOn: Day
            let total: Int?
            let verdict: String?
        }

        let round: Round
        let counts: [String: Int]
        let assignments: [Item]
        let next: String?
    }

    private var officerRoutes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "api.review.show", .get, "/api/v1/calls/{id}/review", access: CallDesk.staff,
                summary: Bilingual("评审进展", "A review"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read", query: APIDescription.Parameter.paging, answer: .any),
                handler: show),
            Route(
                "api.review.open", .post, "/api/v1/calls/{id}/review", access: officer,
                summary: Bilingual("固定抽签方案", "Fix the plan of the draw"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write",
                    body: .object(["load": .integer(minimum: 1, maximum: 200), "due": .text(format: "date")]),
                    answer: .any, status: 201)
            ) { visit in
                let plan = try visit.json(as: Plan.self)
                try ReviewDesk.check(load: plan.load, due: plan.due, today: house.today)
                let round = try await funding.review.open(
                    try ReviewAPI.call(visit), load: plan.load, dueOn: plan.due, by: visit.actor)
                return .created(round, at: "/api/v1/calls/\(round.subject)/review")
            },
            Route(
                "api.review.draw", .post, "/api/v1/calls/{id}/review/draw", access: officer,
                summary: Bilingual("抽取并邀请专家", "Draw and invite experts"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write", body: .object(["seed": .text(maxLength: 200)]), answer: .any)
            ) { visit in
                .json(
                    try await funding.review.draw(
                        try ReviewAPI.call(visit), seed: try visit.json(as: Seed.self).seed, by: visit.actor))
            },
            Route(
                "api.review.protocol", .get, "/api/v1/calls/{id}/review/protocol", access: .everyone,
                summary: Bilingual("抽签记录", "Protocol of the draw"), api: APIDescription(tag: "reviews", answer: .any)
            ) { visit in
                let call = try ReviewAPI.call(visit)
                let found = try await DrawPages(funding).outcome(for: visit.actor) { tx in
                    try RoundStore.find(subject: call.text, tx)
                }
                return .json(found.json)
            },
            Route(
                "api.review.remind", .post, "/api/v1/calls/{id}/review/remind", access: officer,
                summary: Bilingual("催办", "Remind"),
                api: APIDescription(tag: "reviews", scope: "desk:write", answer: .object(["reminded": .integer()]))
            ) { visit in
                .json(["reminded": try await funding.review.remind(try ReviewAPI.call(visit), by: visit.actor)])
            },
            Route(
                "api.review.close", .post, "/api/v1/calls/{id}/review/close", access: officer,
                summary: Bilingual("结束评审", "Close the review"),
                api: APIDescription(tag: "reviews", scope: "desk:write", answer: nil)
            ) { visit in
                try await funding.review.close(try ReviewAPI.call(visit), by: visit.actor)
                return .noContent
            },
            Route(
                "api.review.note", .post, "/api/v1/calls/{id}/review/notes", access: officer,
                summary: Bilingual("记录会议意见", "Note of the panel"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write",
                    body: .object(["item": .text(format: "uuid"), "note": .text(maxLength: 4_000)]), answer: nil)
            ) { visit in
                let note = try visit.json(as: Note.self)
                try await funding.review.note(
                    note.note, on: ID(note.item), in: try ReviewAPI.call(visit), by: visit.actor)
                return .noContent
            },
            Route(
                "api.review.replace", .post, "/api/v1/assignments/{id}/replace", access: officer,
                summary: Bilingual("更换专家", "Replace an expert"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write", body: .object(["reason": .text()]), answer: nil)
            ) { visit in
                let reason = try visit.json(as: Reason.self).reason
                try await funding.review.replace(try visit.id("id"), reason: reason, by: visit.actor)
                return .noContent
            },
        ]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        let paging = try visit.paging(values: 2)
        let after = paging.after.flatMap { cursor -> (String, String)? in
            guard let item = cursor.values[0].string, let id = cursor.values[1].string else { return nil }
            return (item, id)
        }
        let shown = try await house.db.read { tx -> Shown in
            guard let round = try RoundStore.find(subject: id.text, tx) else { throw ReviewError.notDrawn }
            let rows = try RoundStore.assignments(round.id, after: after, limit: paging.limit + 1, tx)
            let experts = try ExpertStore.all(Array(Set(rows.map(\.expert))), tx)
            let states = try RoundStore.counts(round.id, tx).map { ($0.key.rawValue, $0.value) }
            let listing = Listing(
                rows, paging, cursor: { Cursor([.string($0.item.text), .string($0.id.text)]) },
                item: { one in
                    Shown.Item(
                        id: one.id, application: one.item, expert: experts[one.expert]?.name ?? "",
                        languages: experts[one.expert]?.languages ?? [], state: one.state, dueOn: one.dueOn,
                        total: one.total, verdict: one.verdict)
                })
            return Shown(
                round: round, counts: Dictionary(uniqueKeysWithValues: states), assignments: listing.items,
                next: listing.next)
        }
        return .json(shown)
    }

    private struct Declaration: Decodable {
        let answer: String
        let reason: String?
    }

    /// What an expert sees of an assignment.
    private struct Task: Encodable {
        let id: ID<Assignment>
        let title: Bilingual
        let state: Assignment.State
        let dueOn: Day
        let sheet: ScoringSheet
        let answers: JSONValue
        /// The application, once the invitation is accepted.
        let application: JSONValue?
        let files: [Document]?
    }

    private var expertRoutes: [Route] {
        let expert: RouteAccess = .roles([.expert])
        return [
            Route(
                "api.reviews.list", .get, "/api/v1/reviews", access: expert, summary: Bilingual("我的评审", "My reviews"),
                api: APIDescription(tag: "reviews", scope: "reviews:read", answer: .array(.any))
            ) { visit in
                let actor = visit.actor
                let tasks = try await house.db.read { tx -> [Assignment] in
                    guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else {
                        return []
                    }
                    return try RoundStore.open(of: expert.id, tx)
                }
                return .json(tasks)
            },
            Route(
                "api.reviews.show", .get, "/api/v1/reviews/{id}", access: expert,
                summary: Bilingual("评审任务", "A review"),
                api: APIDescription(tag: "reviews", scope: "reviews:read", answer: .any), handler: task),
            Route(
                "api.reviews.answer", .post, "/api/v1/reviews/{id}/answer", access: expert,
                summary: Bilingual("答复邀请", "Answer an invitation"),
                api: APIDescription(
                    tag: "reviews", scope: "reviews:write",
                    body: .object(
                        ["answer": .oneOf(["accept", "decline", "recuse"]), "reason": .text()], optional: ["reason"]),
                    answer: nil), handler: answer),
            Route(
                "api.reviews.save", .put, "/api/v1/reviews/{id}/sheet", access: expert,
                summary: Bilingual("保存评审表", "Save the sheet"),
                api: APIDescription(
                    tag: "reviews", scope: "reviews:write", body: .any, answer: .object(["revision": .integer()]))
            ) { visit in
                let body = try visit.json()
                guard let members = body.object else {
                    throw PlainProblem(.invalid, "body.shape", Bilingual("内容应为 JSON 对象", "The sheet is a JSON object"))
                }
                guard let revision = visit.ifMatch.flatMap(Int.init) else { throw VersionProblem.missing }
                // The same reading as of a browser's form: one set of checks for both.
                let typed = members.mapValues { $0.string ?? $0.integer.map(String.init) ?? "" }
                let saved = try await funding.sheets.save(
                    try visit.id("id"), values: { typed[$0].map { [$0] } ?? [] }, expecting: revision, by: visit.actor)
                guard saved.problems.isEmpty else { throw ReviewError.incomplete(saved.problems) }
                return .json(["revision": saved.revision], version: saved.revision)
            },
            Route(
                "api.reviews.submit", .post, "/api/v1/reviews/{id}/submit", access: expert,
                summary: Bilingual("提交评审意见", "Submit the sheet"),
                api: APIDescription(tag: "reviews", scope: "reviews:write", answer: nil)
            ) { visit in
                try await funding.sheets.submit(try visit.id("id"), by: visit.actor)
                return .noContent
            },
        ]
    }

    private func task(_ visit: Visit) async throws -> Answer {
        let id: ID<Assignment> = try visit.id("id")
        let actor = visit.actor
        let (task, revision) = try await house.db.read { tx -> (Task, Int) in
            let one = try SheetActions.mine(id, actor, tx)
            guard let round = try RoundStore.find(one.round, tx) else { throw ReviewError.unknown }
            let isReader = [.accepted, .submitted].contains(one.state)
            let application = try ApplicationStore.require(one.item, tx)
            let call = try CallStore.require(application.call, tx)
            let seen = try BlindReview.load(application, call, or: .data, tx)
            return (
                Task(
                    id: one.id, title: seen.title, state: one.state, dueOn: one.dueOn, sheet: round.sheet,
                    answers: one.answers, application: isReader ? seen.answers : nil,
                    files: isReader ? seen.files : nil), one.revision
            )
        }
        return .json(task, version: revision)
    }

    private func answer(_ visit: Visit) async throws -> Answer {
        let id: ID<Assignment> = try visit.id("id")
        let said = try visit.json(as: Declaration.self)
        switch said.answer {
        case "accept": try await funding.sheets.accept(id, by: visit.actor)
        case "recuse": try await funding.sheets.recuse(id, reason: said.reason ?? "", by: visit.actor)
        case "decline": try await funding.sheets.decline(id, reason: said.reason ?? "", by: visit.actor)
        default:
            throw PlainProblem(
                .invalid, "body.shape",
                Bilingual("answer 应为 accept、decline 或 recuse", "answer is accept, decline or recuse"),
                fields: [
                    FieldProblem(
                        field: "answer", code: "field.choice",
                        message: Bilingual("应为 accept、decline 或 recuse", "is accept, decline or recuse"))
                ])
        }
        return .noContent
    }
}
