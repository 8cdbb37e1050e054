import Kernel
import Portal
import Review
import Store

/// An expert's own conflicts, and how to contest one in a round under way. No application is named, and neither whom
/// applicants would rather not have nor who objected is told.
struct OwnConflictPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("我的回避情形", "My conflicts of interest")
    private static let size = 50

    var routes: [Route] {
        let expert: RouteAccess = .roles([.expert])
        return [
            Route("reviews.conflicts", .get, "/reviews/conflicts", access: expert, summary: OwnConflictPages.title) {
                visit in try await page(visit, nil)
            },
            Route(
                "reviews.conflicts.contest", .post, "/reviews/conflicts/contests", access: expert,
                summary: Bilingual("对自己的回避提出异议", "Contest an own conflict"), handler: contest),
        ]
    }

    private struct Line: Sendable {
        let kept: KeptConflict
        let isUnderWay: Bool
        let call: Bilingual
        let subject: Bilingual?

        /// Three queries, whatever the length.
        static func lines(_ list: [OwnConflict], _ tx: Tx) throws -> [Line] {
            let calls = try CallStore.titles(list.map { ID($0.subject) }, tx)
            let names = try Registry.called(Array(Set(list.map(\.kept.finding.subject))), tx)
            return list.map { own in
                Line(
                    kept: own.kept, isUnderWay: own.isUnderWay,
                    call: calls[ID(own.subject)] ?? Bilingual("评审", "Review"),
                    subject: names[own.kept.finding.subject])
            }
        }

        var place: [String] {
            let finding = kept.finding
            return [kept.round.text, finding.item?.text ?? "", finding.kind.rawValue, finding.subject]
        }
    }

    private static func columns(_ language: Language) -> [ExportColumn<Line>] {
        [
            ExportColumn(Bilingual("指南", "Call"), text: { $0.call[language] }),
            ExportColumn(Bilingual("情形", "Conflict"), text: { $0.kept.finding.kind.text[language] }),
            ExportColumn(Bilingual("对方", "With"), text: { $0.subject?[language] ?? "" }),
            ExportColumn(Bilingual("自", "From")) { $0.kept.finding.from.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("至", "Until")) { $0.kept.finding.until.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("来源", "Source"), text: { $0.kept.finding.source.text[language] }),
            ExportColumn(Bilingual("状态", "State"), text: { $0.kept.state.title[language] }),
        ]
    }

    private func expert(_ actor: Actor) async throws -> Expert? {
        try await house.db.read { tx in try actor.account.flatMap { try ExpertStore.find(account: $0, tx) } }
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 4) }
        let db = house.db
        guard let expert = try await expert(actor), let account = actor.account else { throw ReviewError.unknown }
        let file = try visit.export(OwnConflictPages.title, OwnConflictPages.columns(visit.language)) { last, limit in
            try await db.read { tx in
                try Line.lines(try ConflictStore.own(expert.id, after: last?.place, limit: limit, tx), tx)
            }
        }
        if let file { return file }
        let (found, contests) = try await db.read { tx in
            (
                try Line.lines(
                    try ConflictStore.own(
                        expert.id, after: cursor?.values.compactMap(\.string), limit: OwnConflictPages.size + 1, tx), tx
                ),
                try Contest.filed(by: account, limit: OwnConflictPages.size, tx)
            )
        }
        let next: SafeURL? =
            found.count > OwnConflictPages.size
            ? found.prefix(OwnConflictPages.size).last.map {
                "/reviews/conflicts?after=\(Cursor($0.place.map { .string($0) }).text)"
            } : nil
        let body: HTML = """
            <h1>\(t(OwnConflictPages.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problem?.fields ?? [], t))\
            <p class="lead">\(t("与您有关的回避情形。评审进行中认为有误的，可以说明理由提出异议，由未参与登记的经办人裁定。出于保密，不显示是哪项申请。", "What keeps you from judging. If one of a round under way is wrong, say why: an officer who had no part in it rules. Which application it is stays confidential."))</p>\
            \(visit.exports)\(table(visit, Array(found.prefix(OwnConflictPages.size)), contests))\
            \(Parts.pager(next: next, first: cursor == nil ? nil : "/reviews/conflicts", t))\(OwnConflictPages.rulings(contests, t))
            """
        return .page(
            Page(
                title: OwnConflictPages.title, trail: [.reviews], width: .desk,
                body: body), status: problem?.kind.status ?? 200)
    }

    private func table(_ visit: Visit, _ lines: [Line], _ contests: [Contest]) -> HTML {
        let t = visit.say
        let open = Set(
            contests.filter { $0.state == .open }.map { [$0.round.text, $0.item, $0.kind.rawValue, $0.subject] })
        let rows = lines.enumerated().map { number, line -> [HTML] in
            let finding = line.kept.finding
            let hidden = zip(["round", "item", "kind", "subject"], line.place).map { ($0, $1) }
            let label = t("第 \(number + 1) 项的异议理由", "Why number \(number + 1) does not hold")
            let form = Fields.form(
                "/reviews/conflicts/contests", token: visit.csrfToken,
                "\(Parts.hidden(hidden))<input name=\"statement\" aria-label=\"\(label)\">",
                buttons: Fields.submit(t("提出异议", "Contest"), .secondary))
            let from = finding.from.map { $0.text(t.language) } ?? "—"
            let until = finding.until.map { $0.text(t.language) } ?? t("长期", "no end")
            let action: HTML =
                open.contains(line.place)
                ? Parts.badge(t("异议待裁定", "Contested")) : line.isUnderWay && line.kept.state == .stands ? form : .empty
            return [
                HTML(text: t(line.call)),
                "\(t(finding.kind.text)) <span class=\"hint\">\(t(line.subject) ?? "")</span>",
                HTML(text: "\(from) – \(until)"), HTML(text: t(finding.source.text)),
                Parts.badge(t(line.kept.state.title), line.kept.state == .stands ? .warning : .neutral), action,
            ]
        }
        return Parts.table(
            t(OwnConflictPages.title),
            [
                .init(t("指南", "Call")), .init(t("情形", "Conflict")), .init(t("期间", "Window")),
                .init(t("来源", "Source")), .init(t("状态", "State")), .init(t("操作", "Do")),
            ], rows, empty: "<p>\(t("没有与您有关的回避情形。", "Nothing keeps you from judging."))</p>")
    }

    private static func rulings(_ contests: [Contest], _ t: Say) -> HTML {
        guard !contests.isEmpty else { return .empty }
        let rows = contests.map { one -> [HTML] in
            [
                HTML(text: t(one.kind.text)), HTML(text: one.statement),
                Parts.badge(t(one.state.title), one.state == .open ? .warning : .neutral),
                HTML(text: one.ruling ?? ""),
            ]
        }
        return Parts.table(
            t("我提出的异议", "My contests"),
            [
                .init(t("情形", "Conflict")), .init(t("异议理由", "Statement")), .init(t("状态", "State")),
                .init(t("裁定理由", "Reasons of the ruling")),
            ], rows, empty: .empty)
    }

    private func contest(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        let actor = visit.actor
        do {
            guard let expert = try await expert(actor), let kind = form["kind"].flatMap(Conflict.init(rawValue:)) else {
                throw ReviewError.unknown
            }
            try await funding.review.actions.contest(
                ID(form["round"] ?? ""), expert.id, item: form["item"] ?? "", kind: kind,
                subject: form["subject"] ?? "", statement: form["statement"] ?? "", by: actor)
            return .redirect("/reviews/conflicts")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }
}
