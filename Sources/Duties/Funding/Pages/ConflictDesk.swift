import Kernel
import Portal
import Review
import Store

/// The kept conflicts of a call's review: reason, window, source, and how to contest one.
struct ConflictDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private let trail = [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")]

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.conflicts", .get, "/desk/calls/{id}/conflicts", access: CallDesk.staff,
                summary: Bilingual("回避情形", "Conflicts of interest")
            ) { visit in try await page(visit, nil) },
            Route(
                "desk.conflicts.tie", .post, "/desk/calls/{id}/conflicts/ties", access: officer,
                summary: Bilingual("登记利害关系", "Record a relation"), handler: tie),
            Route(
                "desk.conflicts.contest", .post, "/desk/calls/{id}/conflicts/contests", access: officer,
                summary: Bilingual("对回避提出异议", "Contest a conflict"), handler: contest),
            Route(
                "desk.conflicts.rule", .post, "/desk/calls/{id}/conflicts/rulings", access: officer,
                summary: Bilingual("裁定回避异议", "Rule on a contest"), handler: rule),
        ]
    }

    private static func columns(_ language: Language) -> [ExportColumn<ConflictLine>] {
        [
            ExportColumn(Bilingual("申请编号（空为全部）", "Application; empty for all"), text: \.number),
            ExportColumn(Bilingual("专家", "Expert"), text: { $0.expert?[language] ?? "" }),
            ExportColumn(Bilingual("情形", "Conflict"), text: { $0.kept.finding.kind.text[language] }),
            ExportColumn(Bilingual("对方", "With"), text: { $0.subject?[language] ?? "" }),
            ExportColumn(Bilingual("自", "From")) { $0.kept.finding.from.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("至", "Until")) { $0.kept.finding.until.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("来源", "Source"), text: { $0.kept.finding.source.text[language] }),
            ExportColumn(Bilingual("说明", "Note"), text: \.kept.finding.note),
            ExportColumn(Bilingual("状态", "State"), text: { $0.kept.state.title[language] }),
        ]
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<Call> = try visit.id("id")
        let kind = visit.query("kind").flatMap(Conflict.init(rawValue:))
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 4) }
        let after = cursor.map { $0.values.compactMap(\.string) }
        let db = house.db
        let (call, round) = try await db.read { tx in
            (try CallStore.require(id, tx), try RoundStore.find(subject: id.text, tx))
        }
        guard let round else { throw ReviewError.notDrawn }
        let file = try visit.export(Bilingual("回避情形", "Conflicts"), Self.columns(visit.language)) { last, limit in
            try await db.read { tx in
                try ConflictLine.lines(
                    try ConflictStore.list(round.id, kind: kind, after: last?.place, limit: limit, tx), tx)
            }
        }
        if let file { return file }
        let (procedures, actor) = (house.procedures, visit.actor)
        let (found, counts, contests, behind) = try await db.read { tx in
            let contests = try Contest.list(round.id, limit: 50, tx)
            return (
                try ConflictLine.lines(
                    try ConflictStore.list(round.id, kind: kind, after: after, limit: 51, tx), tx),
                try ConflictStore.counts(round.id, tx), contests,
                try ContestedFacts.cases(behind: contests, for: actor, procedures, tx)
            )
        }
        let kinds = Conflict.allCases.filter { counts[$0] != nil }.map {
            (value: $0.rawValue, title: t($0.text) + t.beside(String(counts[$0] ?? 0)))
        }
        let next: SafeURL? =
            found.count > 50
            ? found.prefix(50).last.map { last in
                let cursor = Cursor(last.place.map { .string($0) }).text
                return "/desk/calls/\(id.text)/conflicts?kind=\(kind?.rawValue ?? "")&after=\(cursor)"
            } : nil
        let body: HTML = """
            <h1>\(t("回避情形", "Conflicts of interest"))</h1>\(CallDesk.tabs(call, "review", visit))\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\
            <p class="lead">\(t("有回避情形的专家不能被安排评审该项，数据库也会拒绝。", "An expert in conflict cannot be given the application; the database refuses it too."))</p>\
            \(Fields.filters("/desk/calls/\(id.text)/conflicts", Fields.select(.init("kind", t("情形", "Conflict")), kinds, value: kind?.rawValue, none: t("全部", "All"), t), t))\
            \(visit.exports)\(table(visit, id, Array(found.prefix(50))))\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/calls/\(id.text)/conflicts", t))\
            \(rulings(visit, id, contests, behind))\(if: Policy.may(visit.actor, .runReviews), recording(visit, id))
            """
        return .page(
            Page(title: Bilingual("回避情形", "Conflicts of interest"), trail: trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func table(_ visit: Visit, _ id: ID<Call>, _ lines: [ConflictLine]) -> HTML {
        let t = visit.say
        let rows = lines.map { line -> [HTML] in
            let finding = line.kept.finding
            let mayContest = line.kept.state == .stands && Policy.may(visit.actor, .runReviews)
            let hidden = zip(["item", "expert", "kind", "subject"], line.place).map { ($0, $1) }
            let label = t("异议理由", "Why it does not hold")
            let expert = t(line.expert) ?? ""
            let form = Fields.form(
                "/desk/calls/\(id.text)/conflicts/contests", token: visit.csrfToken,
                "\(Parts.hidden(hidden))<input name=\"statement\" aria-label=\"\(label) \(line.number) \(expert)\">",
                buttons: Fields.submit(t("提出异议", "Contest"), .secondary))
            let from = finding.from.map { $0.text(t.language) } ?? "—"
            let until = finding.until.map { $0.text(t.language) } ?? t("长期", "no end")
            return [
                finding.item.map { "<a href=\"/cases/\($0.text)\">\(line.number)</a>" } ?? HTML(text: t("全部", "All")),
                HTML(text: expert), "\(t(finding.kind.text)) <span class=\"hint\">\(t(line.subject) ?? "")</span>",
                HTML(text: "\(from) – \(until)"),
                "\(t(finding.source.text)) <span class=\"hint\">\(finding.note)</span>",
                Parts.badge(t(line.kept.state.title), line.kept.state == .stands ? .warning : .neutral),
                mayContest ? form : .empty,
            ]
        }
        return Parts.table(
            t("回避情形", "Conflicts"),
            [
                .init(t("申请", "Application")), .init(t("专家", "Expert")), .init(t("情形", "Conflict")),
                .init(t("期间", "Window")), .init(t("来源", "Source")), .init(t("状态", "State")),
                .init(t("操作", "Do")),
            ], rows, empty: "<p>\(t("没有发现回避情形。", "No conflict was found."))</p>")
    }

    private func rulings(
        _ visit: Visit, _ id: ID<Call>, _ contests: [Contest], _ behind: [ID<Contest>: [CaseFile]]
    ) -> HTML {
        let t = visit.say
        guard !contests.isEmpty else { return .empty }
        let rows = contests.map { one -> [HTML] in
            let field: HTML = """
                \(Parts.hidden([("contest", one.id.text)]))<input name="ruling" aria-label="\(t("裁定理由", "Reasons of the ruling"))">
                """
            let form = Fields.form(
                "/desk/calls/\(id.text)/conflicts/rulings", token: visit.csrfToken, field,
                buttons: """
                    \(Fields.submit(t("维持回避", "Uphold"), .secondary, name: "lifts", value: "no"))\
                    \(Fields.submit(t("解除回避", "Lift"), .secondary, name: "lifts", value: "yes"))
                    """)
            let told = one.told(to: visit.actor)
            let isElsewhere = one.isProtected && !one.isRuled(by: visit.actor)
            let ruling: HTML =
                isElsewhere
                ? HTML(text: t("由监督诚信处裁定", "Integrity rules")) : HTML(text: told.map { "\($0.ruling) \($0.by)" } ?? "")
            let files = HTML(each: behind[one.id] ?? []) { file in
                " <a href=\"/cases/\(file.id.text)\">\(file.number)</a>"
            }
            return [
                "\(t(one.kind.text))\(files)", HTML(text: one.statement), HTML(text: one.filedName),
                Parts.badge(t(one.state.title), one.state == .open ? .warning : .neutral),
                one.state == .open && one.isRuled(by: visit.actor) ? form : ruling,
            ]
        }
        return Parts.table(
            t("对回避的异议", "Contests"),
            [
                .init(t("情形", "Conflict")), .init(t("异议理由", "Statement")), .init(t("提出人", "By")),
                .init(t("状态", "State")), .init(t("裁定", "Ruling")),
            ], rows, empty: .empty)
    }

    private func recording(_ visit: Visit, _ id: ID<Call>) -> HTML {
        let t = visit.say
        let kinds = TieKind.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let read = visit.form
        let fields: HTML = """
            \(Fields.input(.init("login", t("专家登录名", "Expert's login")), value: read["login"] ?? "", isWide: false, t))\
            \(Fields.select(.init("tie", t("关系", "Relation")), kinds, value: read["tie"], t))\
            \(Fields.input(.init("number", t("申请编号（与其申请人）", "Number of an application: with its applicant")), value: read["number"] ?? "", isWide: false, t))\
            \(Fields.input(.init("from", t("开始", "From"), required: false), type: "date", value: read["from"] ?? "", isWide: false, t))\
            \(Fields.input(.init("to", t("结束", "To"), required: false), type: "date", value: read["to"] ?? "", isWide: false, t))\
            \(Fields.input(.init("source", t("来源", "Source")), value: read["source"] ?? "", t))
            """
        return Parts.card(
            t("登记利害关系", "Record a relation"),
            Fields.form(
                "/desk/calls/\(id.text)/conflicts/ties", token: visit.csrfToken, fields,
                buttons: Fields.submit(t("登记", "Record"), .secondary)))
    }

    private func attempt(_ visit: Visit, _ act: () async throws -> Void) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        do {
            try await act()
            return .redirect("/desk/calls/\(id)/conflicts")
        } catch let problem as any Problem {
            return try await page(visit, problem)
        }
    }

    private func contest(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            let form = visit.form
            let round = try await funding.review.round(try visit.id("id"), by: visit.actor)
            guard let kind = form["kind"].flatMap(Conflict.init(rawValue:)) else { throw ReviewError.unknown }
            try await funding.review.actions.contest(
                round.id, ID(form["expert"] ?? ""), item: form["item"] ?? "", kind: kind,
                subject: form["subject"] ?? "", statement: form["statement"] ?? "", by: visit.actor)
        }
    }

    private func rule(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        return try await attempt(visit) {
            try await funding.review.rule(
                ID(form["contest"] ?? ""), of: try visit.id("id"), lifts: form["lifts"] == "yes",
                ruling: form["ruling"] ?? "", by: visit.actor)
        }
    }

    private func tie(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            let form = visit.form
            let round = try await funding.review.round(try visit.id("id"), by: visit.actor)
            func read(_ name: String) -> String { form[name] ?? "" }
            try await funding.review.record(
                CallReview.WrittenTie(
                    login: read("login"), tie: read("tie"), number: read("number"), from: read("from"),
                    to: read("to"), source: read("source")), in: round, by: visit.actor)
        }
    }
}
