import Kernel
import Portal
import Review
import Store

/// The JSON API of conflicts of interest: what is kept with reason, window and source, and how one is contested.
struct ConflictAPI: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    private struct Shown: Encodable {
        /// Nil for every application of the round.
        let application: ApplicationID?
        let number: String
        let expert: ID<Expert>
        let name: String
        let kind: Conflict
        let reason: Bilingual
        let subject: String
        let subjectName: String
        let from: Day?
        /// Nil where it has no end.
        let until: Day?
        let source: ConflictFinding.Source
        let sourceName: Bilingual
        let note: String
        let state: KeptConflict.State
        let foundAt: Instant
    }

    private struct ShownContest: Encodable {
        let id: ID<Contest>
        let application: String
        let expert: ID<Expert>
        let kind: Conflict
        let subject: String
        let statement: String
        let filedBy: String
        let filedAt: Instant
        let state: Contest.State
        let ruling: String?
        let ruledBy: String?
    }

    private struct NewContest: Decodable {
        let expert: String
        let application: String?
        let kind: Conflict
        let subject: String
        let statement: String
    }

    private struct Ruling: Decodable {
        let lifts: Bool
        let ruling: String
    }

    private struct NewTie: Decodable {
        let login: String
        let tie: String
        let number: String
        let from: String?
        let to: String?
        let source: String
    }

    var routes: [Route] { reading + changing }

    private var reading: [Route] {
        let kinds = Conflict.allCases.map(\.rawValue)
        let filter: [APIDescription.Parameter] = [
            .init("application", Bilingual("某项申请", "Of one application"), schema: .text(format: "uuid")),
            .init("expert", Bilingual("某位专家", "Of one expert"), schema: .text(format: "uuid")),
            .init("kind", Bilingual("情形", "Kind"), schema: .oneOf(kinds)),
            .init(
                "state", Bilingual("状态", "State"), schema: .oneOf(KeptConflict.State.allCases.map(\.rawValue))),
        ]
        return [
            Route(
                "api.conflicts.list", .get, "/api/v1/calls/{id}/conflicts", access: CallDesk.staff,
                summary: Bilingual("回避情形：理由、期间、来源", "Conflicts of interest: reason, window, source"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read", query: filter + APIDescription.Parameter.paging,
                    answer: .listing(.any)), handler: list),
            Route(
                "api.contests.list", .get, "/api/v1/calls/{id}/conflicts/contests", access: CallDesk.staff,
                summary: Bilingual("对回避的异议", "Contests of conflicts"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read", query: APIDescription.Parameter.paging, answer: .listing(.any)),
                handler: contests),
        ]
    }

    private var changing: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "api.contests.file", .post, "/api/v1/calls/{id}/conflicts/contests", access: officer,
                summary: Bilingual("对回避提出异议", "Contest a conflict"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write",
                    body: .object(
                        [
                            "expert": .text(format: "uuid"), "application": .text(format: "uuid"),
                            "kind": .oneOf(Conflict.allCases.map(\.rawValue)), "subject": .text(),
                            "statement": .text(maxLength: 1_000),
                        ], optional: ["application"]), answer: .object(["id": .text(format: "uuid")]), status: 201)
            ) { visit in
                let id: ID<Call> = try visit.id("id")
                let wanted = try visit.json(as: NewContest.self)
                let round = try await funding.review.round(id, by: visit.actor)
                let made = try await funding.review.actions.contest(
                    round.id, ID(wanted.expert), item: wanted.application ?? "", kind: wanted.kind,
                    subject: wanted.subject, statement: wanted.statement, by: visit.actor)
                return .created(["id": made.text], at: "/api/v1/calls/\(id)/conflicts/contests")
            },
            Route(
                "api.contests.rule", .post, "/api/v1/calls/{id}/conflicts/contests/{contest}/ruling", access: officer,
                summary: Bilingual(
                    "裁定回避异议（须由另一位经办人；关系限制由监督诚信处）",
                    "Rule on a contest; another officer must, and Integrity on protected facts"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write",
                    body: .object(["lifts": .boolean, "ruling": .text(maxLength: 1_000)]), answer: nil)
            ) { visit in
                let wanted = try visit.json(as: Ruling.self)
                try await funding.review.rule(
                    try visit.id("contest"), of: try visit.id("id"), lifts: wanted.lifts, ruling: wanted.ruling,
                    by: visit.actor)
                return .noContent
            },
            Route(
                "api.conflicts.tie", .post, "/api/v1/calls/{id}/conflicts/ties", access: officer,
                summary: Bilingual("登记利害关系", "Record a relation"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write",
                    body: .object(
                        [
                            "login": .text(), "tie": .oneOf(TieKind.allCases.map(\.rawValue)), "number": .text(),
                            "from": .text(format: "date"), "to": .text(format: "date"),
                            "source": .text(maxLength: 300),
                        ], optional: ["from", "to"]), answer: nil)
            ) { visit in
                let wanted = try visit.json(as: NewTie.self)
                let round = try await funding.review.round(try visit.id("id"), by: visit.actor)
                try await funding.review.record(
                    CallReview.WrittenTie(
                        login: wanted.login, tie: wanted.tie, number: wanted.number, from: wanted.from ?? "",
                        to: wanted.to ?? "", source: wanted.source), in: round, by: visit.actor)
                return .noContent
            },
        ]
    }

    /// One value of a query field that is chosen from a list.
    private static func chosen<Value: RawRepresentable>(_ name: String, _ visit: Visit) throws -> Value?
    where Value.RawValue == String {
        guard let text = visit.query(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw ReviewError.incomplete([
                FieldProblem(field: name, code: "field.choice", message: Bilingual("取值不正确", "is not known"))
            ])
        }
        return value
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        let paging = try visit.paging(values: 4)
        let after = try paging.after.map { cursor -> [String] in
            let values = cursor.values.compactMap(\.string)
            guard values.count == 4 else { throw ReviewError.unknown }
            return values
        }
        let kind: Conflict? = try Self.chosen("kind", visit)
        let state: KeptConflict.State? = try Self.chosen("state", visit)
        let item: ApplicationID? = visit.query("application").map { ID($0) }
        let expert: ID<Expert>? = visit.query("expert").map { ID($0) }
        let lines = try await house.db.read { tx -> [ConflictLine] in
            guard let round = try RoundStore.find(subject: id.text, tx) else { throw ReviewError.notDrawn }
            return try ConflictLine.lines(
                try ConflictStore.list(
                    round.id, kind: kind, item: item, expert: expert, state: state, after: after,
                    limit: paging.limit + 1, tx), tx)
        }
        return .json(
            Listing(lines, paging, cursor: { Cursor($0.place.map { .string($0) }) }) { line in
                let finding = line.kept.finding
                return Shown(
                    application: finding.item, number: line.number, expert: finding.expert, name: line.expert?.zh ?? "",
                    kind: finding.kind, reason: finding.kind.text, subject: finding.subject,
                    subjectName: line.subject?.zh ?? "", from: finding.from, until: finding.until,
                    source: finding.source,
                    sourceName: finding.source.text, note: finding.note, state: line.kept.state,
                    foundAt: line.kept.foundAt)
            })
    }

    private func contests(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        let paging = try visit.paging(values: 1)
        let before = paging.after?.values[0].string.map { ID<Contest>($0) }
        let rows = try await house.db.read { tx -> [Contest] in
            guard let round = try RoundStore.find(subject: id.text, tx) else { throw ReviewError.notDrawn }
            return try Contest.list(round.id, before: before, limit: paging.limit + 1, tx)
        }
        let actor = visit.actor
        return .json(
            Listing(rows, paging, cursor: { Cursor([.string($0.id.text)]) }) { one in
                let told = one.told(to: actor)
                return ShownContest(
                    id: one.id, application: one.item, expert: one.expert, kind: one.kind, subject: one.subject,
                    statement: one.statement, filedBy: one.filedName, filedAt: one.filedAt, state: one.state,
                    ruling: told?.ruling, ruledBy: told?.by)
            })
    }
}
