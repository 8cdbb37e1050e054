import Kernel
import Portal
import Review
import Store

/// Other identities of experts: an alias can only add conflicts, whether it is confirmed or not.
struct AliasDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("专家的其他身份", "Aliases of experts")
    private static let size = 50

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route("desk.aliases", .get, "/desk/aliases", access: TieDesk.readers, summary: AliasDesk.title) { visit in
                try await page(visit, nil)
            },
            Route(
                "desk.aliases.add", .post, "/desk/aliases", access: officer,
                summary: Bilingual("登记其他身份", "Record an alias"), handler: add),
            Route(
                "desk.aliases.confirm", .post, "/desk/aliases/confirm", access: officer,
                summary: Bilingual("确认其他身份", "Confirm an alias"), handler: confirm),
        ]
    }

    private struct Line: Sendable {
        let alias: ExpertAlias
        let expert: Bilingual?
        let person: String
        let orcid: String

        /// Two queries, whatever the length.
        static func lines(_ list: [ExpertAlias], _ tx: Tx) throws -> [Line] {
            let experts = try ExpertStore.all(Array(Set(list.map(\.expert))), tx)
            let people = try Registry.people(Array(Set(list.map(\.person))), tx)
            return list.map { alias in
                let person = people[alias.person]
                return Line(
                    alias: alias,
                    expert: experts[alias.expert]?.introduced,
                    person: person.map { $0.nameEn.isEmpty ? $0.name : "\($0.name) \($0.nameEn)" } ?? "",
                    orcid: person?.orcid ?? "")
            }
        }
    }

    private static func state(_ alias: ExpertAlias) -> Bilingual {
        alias.isVerified ? Bilingual("已确认", "Confirmed") : Bilingual("待确认", "To be confirmed")
    }

    private static func columns(_ language: Language) -> [ExportColumn<Line>] {
        [
            ExportColumn(Bilingual("专家", "Expert"), text: { $0.expert?[language] ?? "" }),
            ExportColumn(Bilingual("其他身份", "Alias"), text: \.person),
            ExportColumn(Bilingual("ORCID", "ORCID"), text: \.orcid),
            ExportColumn(Bilingual("来源", "Source"), text: \.alias.source),
            ExportColumn(Bilingual("状态", "State"), text: { state($0.alias)[language] }),
        ]
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let after = cursor.flatMap { cursor -> (expert: String, person: String)? in
            guard let expert = cursor.values[0].string, let person = cursor.values[1].string else { return nil }
            return (expert, person)
        }
        let db = house.db
        let file = try visit.export(AliasDesk.title, AliasDesk.columns(visit.language)) { last, limit in
            try await db.read { tx in
                try Line.lines(
                    try TieStore.aliasList(
                        after: last.map { ($0.alias.expert.text, $0.alias.person.text) }, limit: limit, tx), tx)
            }
        }
        if let file { return file }
        let found = try await db.read { tx in
            try Line.lines(try TieStore.aliasList(after: after, limit: AliasDesk.size + 1, tx), tx)
        }
        let next: SafeURL? =
            found.count > AliasDesk.size
            ? found.prefix(AliasDesk.size).last.map {
                "/desk/aliases?after=\(Cursor([.string($0.alias.expert.text), .string($0.alias.person.text)]).text)"
            } : nil
        let mayAct = Policy.may(visit.actor, .runReviews)
        let rows = found.prefix(AliasDesk.size).map { line -> [HTML] in
            let alias = line.alias
            let mayConfirm = mayAct && !alias.isVerified && alias.author != visit.actor.account?.text
            let button = Parts.post(
                "/desk/aliases/confirm", t("确认", "Confirm"), token: visit.csrfToken, .secondary,
                fields: [("expert", alias.expert.text), ("person", alias.person.text)])
            return [
                HTML(text: t(line.expert) ?? ""), HTML(text: line.person), HTML(text: line.orcid),
                HTML(text: alias.source),
                Parts.badge(t(AliasDesk.state(alias)), alias.isVerified ? .good : .warning),
                mayConfirm ? button : .empty,
            ]
        }
        let table = Parts.table(
            t(AliasDesk.title),
            [
                .init(t("专家", "Expert")), .init(t("其他身份", "Alias")), .init("ORCID"),
                .init(t("来源", "Source")), .init(t("状态", "State")), .init(t("操作", "Do")),
            ], Array(rows), empty: "<p>\(t("没有登记的其他身份。", "No alias is recorded."))</p>")
        let body: HTML = """
            <h1>\(t(AliasDesk.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problem?.fields ?? [], t))\
            <p class="lead">\(t("其他身份只会增加回避，从不解除回避：确认前后都一样计算。由另一位经办人确认。", "An alias can only add conflicts and never lifts one: it counts before it is confirmed as after. Another officer confirms."))</p>\
            \(visit.exports)\(table)\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/aliases", t))\
            \(if: mayAct, AliasDesk.form(visit, problem?.fields ?? []))
            """
        return .page(
            Page(title: AliasDesk.title, trail: TieDesk.trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private static func form(_ visit: Visit, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        func input(_ name: String, _ label: String, isWide: Bool = false) -> HTML {
            Fields.input(
                .init(name, label), value: visit.form[name] ?? "", problem: Fields.problem(name, problems, t),
                isWide: isWide, t)
        }
        let fields: HTML = """
            \(input("login", t("专家登录名", "Expert's login")))\(input("orcid", t("另一身份的 ORCID", "ORCID iD of the other identity")))\
            \(input("source", t("来源", "Source"), isWide: true))
            """
        return Parts.card(
            t("登记其他身份", "Record an alias"),
            Fields.form(
                "/desk/aliases", token: visit.csrfToken, fields,
                buttons: Fields.submit(t("登记", "Record"), .secondary)))
    }

    private func attempt(_ visit: Visit, _ act: () async throws -> Void) async throws -> Answer {
        do {
            try await act()
            return .redirect("/desk/aliases")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }

    private func add(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try await funding.review.actions.recordAlias(
                login: visit.form["login"] ?? "", orcid: visit.form["orcid"] ?? "",
                source: visit.form["source"] ?? "", by: visit.actor)
        }
    }

    private func confirm(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try await funding.review.actions.confirmAlias(
                ID(visit.form["expert"] ?? ""), ID(visit.form["person"] ?? ""), by: visit.actor)
        }
    }
}
