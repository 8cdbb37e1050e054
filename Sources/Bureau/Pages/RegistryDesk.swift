import Kernel
import Portal
import Store

/// The bureau's view of organisations: what is known of them, and to whom they belong.
struct RegistryDesk: Sendable {
    let house: House

    private static let staff: RouteAccess = .roles([.officer, .leader, .treasurer, .auditor])
    private static let crumbs = [
        Crumb.desk, Crumb(Bilingual("单位", "Organisations"), "/desk/organisations"),
    ]

    var routes: [Route] {
        [
            Route(
                "desk.organisations", .get, "/desk/organisations", access: RegistryDesk.staff,
                summary: Bilingual("单位", "Organisations"), handler: list),
            Route(
                "desk.organisations.show", .get, "/desk/organisations/{id}", access: RegistryDesk.staff,
                summary: Bilingual("一个单位", "An organisation"), handler: show),
            Route(
                "desk.organisations.affiliate", .post, "/desk/organisations/{id}/parents", access: .roles([.officer]),
                summary: Bilingual("登记隶属关系", "Record a parent"), handler: affiliate),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let words = visit.query("q") ?? ""
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (String, String)? in
            guard let name = cursor.values[0].string, let id = cursor.values[1].string else { return nil }
            return (name, id)
        }
        let found = try await house.db.read { tx in try Registry.list(words: words, after: place, limit: 51, tx) }
        let rows = found.prefix(50).map { item -> [HTML] in
            [
                "<a href=\"/desk/organisations/\(item.id.text)\">\(t(item.name))</a>", HTML(text: item.uscc),
                HTML(text: t(item.kind.title)), HTML(text: t(written: item.address)),
            ]
        }
        let next: SafeURL? =
            found.count > 50
            ? found.prefix(50).last.map {
                "/desk/organisations?q=\(words)&after=\(Cursor([.string($0.name.zh), .string($0.id.text)]).text)"
            } : nil
        let body: HTML = """
            <h1>\(t("单位", "Organisations"))</h1>\(Fields.filters("/desk/organisations", Fields.input(.init("q", t("名称或信用代码的开头", "Beginning of name or credit code")), type: "search", value: words, t), t))\
            \(Parts.table(t("单位", "Organisations"), [
                .init(t("名称", "Name")), .init(t("统一社会信用代码", "Credit code")), .init(t("类型", "Kind")), .init(t("地址", "Address")),
            ], Array(rows), empty: "<p>\(t("没有找到单位。请核对名称或代码的开头几个字。", "No organisation fits. Check how the name or code begins."))</p>"))\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/organisations", t))
            """
        return .page(
            Page(
                title: Bilingual("单位", "Organisations"), trail: [.desk], width: .desk,
                body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, [], nil) }

    private func page(_ visit: Visit, _ problems: [FieldProblem], _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<OrganisationMark> = try visit.id("id")
        let (item, facts, links, others, bars) = try await house.db.read { tx in
            guard let item = try Registry.organisation(id, tx) else { throw RegistryError.unknown }
            let links = try Registry.affiliations(of: id, tx)
            return (
                item, try Registry.history(of: id.text, tx), links,
                try Registry.organisations(Array(Set(links.flatMap { [$0.organisation, $0.parent] })), tx),
                try Bars.history(of: id.text, tx)
            )
        }
        func name(_ id: ID<OrganisationMark>) -> HTML {
            "<a href=\"/desk/organisations/\(id.text)\">\(others[id].map { t($0.name) } ?? "")</a>"
        }
        let rows = links.map { link -> [HTML] in
            [
                name(link.organisation), name(link.parent), HTML(text: t(link.kind.title)),
                HTML(text: link.from.text(t.language)), HTML(text: link.to?.text(t.language) ?? t("至今", "to date")),
                HTML(text: t(Parts.source(link.source))),
            ]
        }
        let known = facts.map { fact -> [HTML] in
            [
                HTML(text: t(FactNames.name(fact.name))), HTML(text: FactNames.value(fact, t)),
                HTML(text: fact.from.text(t.language)), HTML(text: t(Parts.source(fact.source))),
            ]
        }
        let form: HTML =
            Policy.may(visit.actor, .editRegistry)
            ? Parts.errors(problems, t) + parentForm(visit, id, problems, t) : .empty
        let body: HTML = """
            <h1>\(t(item.name))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(t("隶属关系", "Parents and branches"), """
                <p class="hint">\(t("只登记法人隶属关系：分支机构、下属单位、子公司。同一上级之下的专家须回避。", "Only legal ties: branches, subordinate bodies, subsidiaries. Experts under the same parent are excluded as conflicted."))</p>\
                \(Parts.table(t("隶属关系", "Parents and branches"), [
                    .init(t("单位", "Organisation")), .init(t("上级", "Parent")), .init(t("关系", "Tie")), .init(t("自", "From")), .init(t("至", "To")), .init(t("来源", "Source")),
                ], rows, empty: "<p>\(t("没有登记隶属关系。", "No ties are recorded."))</p>"))\(form)
                """))\
            \(Parts.card(t("限制措施", "Bars"), BarView.history(bars, on: house.today, t)))\
            \(Parts.card(t("主体库中的信息", "Facts on file"), Parts.table(t("信息", "Facts"), [.init(t("项目", "Fact")), .init(t("内容", "Value")), .init(t("自", "From")), .init(t("来源", "Source"))], known, empty: "—")))
            """
        return .page(
            Page(title: item.name, trail: RegistryDesk.crumbs, width: .desk, body: body),
            status: problem?.kind.status ?? (problems.isEmpty ? 200 : 422))
    }

    private func parentForm(
        _ visit: Visit, _ id: ID<OrganisationMark>, _ problems: [FieldProblem], _ t: Say
    ) -> HTML {
        let form = visit.form
        func input(
            _ name: String, _ label: String, type: String = "text", hint: String? = nil, required: Bool = true
        )
            -> HTML
        {
            Fields.input(
                .init(name, label, hint: hint, required: required), type: type, value: form[name] ?? "",
                problem: Fields.problem(name, problems, t), isWide: type != "date", t)
        }
        let fields: HTML = """
            \(input("parent", t("上级单位的统一社会信用代码", "Credit code of the parent")))\
            \(Fields.choices(.init("kind", t("关系", "Tie")), Affiliation.Kind.allCases.map { ($0.rawValue, t($0.title)) }, chosen: [form["kind"] ?? ""], isMany: false, problem: Fields.problem("kind", problems, t), t))\
            \(input("from", t("自", "From"), type: "date"))\
            \(input("to", t("至", "To"), type: "date", hint: t("留空表示持续至今；以同一开始日期再次登记可改正或结束。", "Empty while it lasts; the same first day again corrects or ends it."), required: false))\
            \(input("source", t("来源（文件、登记信息等）", "Source, such as a register or document")))
            """
        return """
            <details\(attribute: "open", if: !problems.isEmpty)><summary>\(t("登记上级单位", "Record a parent"))</summary>\
            \(Fields.form("/desk/organisations/\(id.text)/parents", token: visit.csrfToken, fields, buttons: Fields.submit(t("登记", "Record"))))</details>
            """
    }

    private func affiliate(_ visit: Visit) async throws -> Answer {
        let id: ID<OrganisationMark> = try visit.id("id")
        try Policy.require(visit.actor, .editRegistry)
        let draft = AffiliationDraft(
            parent: visit.form["parent"] ?? "", kind: visit.form["kind"] ?? "", from: visit.form["from"] ?? "",
            to: visit.form["to"] ?? "", source: visit.form["source"] ?? "")
        do {
            try await draft.record(on: id, by: visit.actor, house)
            return .redirect("/desk/organisations/\(id)")
        } catch let problem as PlainProblem where !problem.fields.isEmpty {
            return try await page(visit, problem.fields, nil)
        } catch let problem as RegistryError where problem == .circular {
            return try await page(visit, [], problem)
        }
    }
}

/// A tie as it was typed.
struct AffiliationDraft: Decodable, Sendable {
    let parent: String
    let kind: String
    let from: String
    let to: String?
    let source: String

    /// Checks everything and records it.
    /// - Throws: a ``PlainProblem`` with every problem; ``RegistryError``.
    func record(on id: ID<OrganisationMark>, by actor: Actor, _ house: House) async throws {
        var problems: [FieldProblem] = []
        func add(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "affiliation.\(field)", message: Bilingual(zh, en)))
        }
        let code = try? USCC(parsing: parent).text
        let above = try await house.db.read { tx in try code.flatMap { try Registry.organisation(uscc: $0, tx) } }
        if code == nil {
            add("parent", "不是有效的统一社会信用代码", "This is not a valid credit code")
        } else if above == nil {
            add("parent", "主体库中没有这个代码的单位", "No organisation with this code is registered")
        }
        let tie = Affiliation.Kind(rawValue: kind)
        if tie == nil { add("kind", "请选择是分支机构还是下属单位", "Choose branch or subsidiary") }
        let (first, last) = (Day(from), (to ?? "").isEmpty ? nil : Day(to ?? ""))
        if first == nil { add("from", "请填写开始日期，如 2026-01-01", "Give the first day, such as 2026-01-01") }
        if let to, !to.isEmpty, last == nil || first.map({ (last ?? $0) < $0 }) ?? false {
            add("to", "结束日期无效，或早于开始日期", "The last day is no date, or before the first")
        }
        if source.isEmpty || source.count > 200 {
            add("source", "请填写来源（不超过 200 字）", "Give the source, at most 200 characters")
        }
        guard problems.isEmpty, let above, let tie, let first else {
            throw PlainProblem(
                .invalid, "affiliation.incomplete",
                Bilingual("还不能登记，请逐项改正。", "This cannot be recorded yet; mend each point."),
                fields: problems)
        }
        let item = Affiliation(organisation: id, parent: above.id, kind: tie, source: source, from: first, to: last)
        let now = house.clock.now()
        try await house.db.write { tx in try Registry.affiliate(item, by: actor, at: now, tx) }
    }
}
