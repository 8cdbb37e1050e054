import Kernel
import Portal
import Store

/// A demand from its first word to its benefit, and the officer's pages of analysis and merging.
struct DemandPages: Sendable {
    let house: House

    static let staff = RouteAccess.roles([.officer, .leader, .auditor])
    static let desk = Crumb(Bilingual("重大专项", "Key projects"), "/desk/rooms/key-projects")

    var routes: [Route] {
        [
            Route(
                "key.demands.follow", .get, "/key-projects/demands/{number}", access: .session,
                summary: Bilingual("需求跟踪", "Follow a demand"), handler: follow),
            Route(
                "key.demands.link", .post, "/desk/key-projects/demands/{number}/links", access: .roles([.officer]),
                summary: Bilingual("登记后续环节", "Enter what followed"), handler: link),
            Route(
                "key.demands.merging", .get, "/desk/key-projects/merging", access: Self.staff,
                summary: Bilingual("需求归并", "Merge demands"), handler: merging),
            Route(
                "key.demands.analysis", .get, "/desk/key-projects/analysis", access: Self.staff,
                summary: Bilingual("需求分析", "Analysis of demand"), handler: analysis),
        ]
    }

    private var definition: RegisterDefinition {
        get throws { try house.registers.require(DemandTrail.register) }
    }

    private func title(_ field: String, _ value: String?, _ t: Say) -> String {
        let options = (try? definition)?.form.field(field)?.options ?? []
        return options.first { $0.value == value }.map { t($0.label) } ?? value ?? "—"
    }

    // MARK: Follow

    private func follow(_ visit: Visit) async throws -> Answer { try await followPage(visit, []) }

    private func followPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let number = visit.path("number")
        let (entry, links) = try await house.db.read { tx in
            (try RegisterStore.require(DemandTrail.register, number, tx), try DemandTrail.list(number, tx))
        }
        let done = Set(links.map(\.kind))
        let stations = HTML(each: TrailLink.Kind.allCases) { kind in
            let own = links.filter { $0.kind == kind }
            let body: HTML =
                own.isEmpty
                ? "<p class=\"hint\">\(t("尚无", "Nothing yet"))</p>"
                : HTML(each: own) { link in
                    """
                    <p><a href="/search?q=\(link.reference)">\(link.reference)</a> \(link.title)\(with: link.amount, { " · \($0.text(t.language))" }) · \(link.day.text(t.language))</p>
                    """
                }
            return "<li><h2>\(Parts.badge(t(kind.title), done.contains(kind) ? .good : .neutral))</h2>\(body)</li>"
        }
        let state = try definition.state(entry.state).map { t($0.title) } ?? entry.state
        let body: HTML = """
            <h1>\(entry.name)</h1><p>\(number) \(Parts.badge(state, entry.state == "solved" ? .good : .info))</p>\(Parts.errors(problems, t))\
            \(Parts.facts([
                (t("领域", "Field"), HTML(text: title("field", entry.content["field"]?.string, t))),
                (t("要解决的技术问题", "Problem"), Parts.paragraphs(entry.content["problem"]?.string ?? "—")),
                (t("指标要求", "What it must achieve"), Parts.paragraphs(entry.content["target"]?.string ?? "—")),
                (t("技术就绪水平", "Readiness"), HTML(text: "\(title("trl-now", entry.content["trl-now"]?.string, t)) → \(title("trl-goal", entry.content["trl-goal"]?.string, t))")),
                (t("紧迫程度", "Urgency"), HTML(text: title("urgency", entry.content["urgency"]?.string, t))),
                (t("可能的解决方", "Who could solve it"), Parts.paragraphs(entry.content["solvers"]?.string ?? "—")),
            ]))<ol class="timeline">\(stations)</ol>\(form(visit, number, problems, t))
            """
        return Page(
            title: Bilingual(entry.name, entry.name),
            trail: [Crumb(Bilingual("技术需求库", "Demands"), "/registers/key.demands")], body: body
        ).withProblems(problems)
    }

    private func form(_ visit: Visit, _ number: String, _ problems: [FieldProblem], _ t: Say) -> HTML {
        guard visit.actor.roles.contains(.officer) else { return .empty }
        let kinds = TrailLink.Kind.allCases.filter { $0 != .demand }.map { ($0.rawValue, t($0.title)) }
        func input(_ name: String, _ label: String, type: String = "text", required: Bool = true) -> HTML {
            Fields.input(
                .init(name, label, required: required), type: type, value: visit.form[name] ?? "",
                problem: Fields.problem(name, problems, t), isWide: type != "date", t)
        }
        return Parts.card(
            t("登记后续环节", "Enter what followed"),
            Fields.form(
                SafeURL(checking: "/desk/key-projects/demands/\(number)/links") ?? "#", token: visit.csrfToken,
                """
                \(Fields.choices(.init("kind", t("环节", "What")), kinds, chosen: [visit.form["kind"] ?? ""], isMany: false, problem: Fields.problem("kind", problems, t), t))\
                \(input("reference", t("编号（指南、项目、成果、合同）", "Number of the call, project, result or contract")))\(input("title", t("名称或说明", "Name")))\
                \(input("amount", t("金额（元）", "Amount in yuan"), required: false))\(input("day", t("日期", "Day"), type: "date"))
                """, buttons: Fields.submit(t("登记", "Enter"))))
    }

    private func link(_ visit: Visit) async throws -> Answer {
        let (number, form) = (visit.path("number"), visit.form)
        var problems: [FieldProblem] = []
        func add(_ field: String, _ zh: String, _ en: String) {
            problems.append(DemandHooks.problem(field, "demand.link", zh, en))
        }
        let kind = form["kind"].flatMap(TrailLink.Kind.init(rawValue:))
        if kind == nil || kind == .demand { add("kind", "请选择环节", "Choose what followed") }
        let (reference, title) = (form["reference"] ?? "", form["title"] ?? "")
        if reference.allSatisfy(\.isWhitespace) || reference.count > 60 {
            add("reference", "请填写编号（不超过 60 字）", "Give its number, in at most 60 characters")
        }
        if title.allSatisfy(\.isWhitespace) || title.count > 200 {
            add("title", "请填写名称（不超过 200 字）", "Name it, in at most 200 characters")
        }
        let day = form["day"].flatMap { Day($0) }
        if day == nil { add("day", "请填写日期，如 2026-11-24", "Give the day, such as 2026-11-24") }
        var amount: Money?
        if let typed = form["amount"], !typed.allSatisfy(\.isWhitespace) {
            amount = try? Money(parsing: typed)
            if amount == nil { add("amount", "不是有效金额", "is not a sum") }
        }
        guard problems.isEmpty, let kind, let day else { return try await followPage(visit, problems) }
        let (register, actor, now, today) = (try definition, visit.actor, visit.now, house.today)
        let link = TrailLink(kind, reference, title, amount: amount, on: day)
        try await house.db.write { tx in
            let entry = try RegisterStore.require(DemandTrail.register, number, tx)
            try DemandTrail.add(
                link, to: entry, of: register,
                RegisterAct(
                    by: actor, reason: Bilingual("\(kind.title.zh) \(reference)", "\(kind.title.en) \(reference)"),
                    at: now, on: today), tx)
        }
        return .redirect("/key-projects/demands/\(number)")
    }

    // MARK: Merging

    private func merging(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (waiting, known) = try await house.db.read { tx in
            (try Suggestions.waiting(limit: 100, tx), try Suggestions.known(tx))
        }
        let rows = waiting.map { item -> [HTML] in
            let matches = Suggestions.matches(item.answers, known)
            let hints: HTML =
                matches.isEmpty
                ? "—"
                : HTML(each: matches) { match in
                    "<p><a href=\"/key-projects/demands/\(match.number)\">\(match.number)</a> \(match.title) \(Parts.badge("\(match.thousandths / 10)%", .info))</p>"
                }
            return [
                "<a href=\"/cases/\(item.file.id.text)\">\(item.file.number)</a>",
                HTML(text: item.answers["title"]?.string ?? ""), hints,
            ]
        }
        let body: HTML = """
            <h1>\(t("需求归并", "Merge demands"))</h1>\
            <p>\(t("按名称和技术问题的文字相似程度提示；是否归并由经办人在办件中决定。", "Likeness of words suggests what may be the same; the officer decides in the case."))</p>\
            \(Parts.table(t("待分析的需求", "Demands that wait"), [
                .init(t("编号", "Number")), .init(t("需求", "Demand")), .init(t("可能相同的需求", "Maybe the same as")),
            ], rows, empty: "<p>\(t("没有待分析的需求。", "No demand waits for the analysis."))</p>"))
            """
        return .page(
            Page(title: Bilingual("需求归并", "Merge demands"), trail: [Self.desk], width: .desk, body: body))
    }

    // MARK: Analysis

    private func analysis(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let counts = try await house.db.read { tx in try DemandCount.all(tx) }
        let rows = counts.map { count -> [HTML] in
            [
                HTML(text: title("field", count.field, t)), HTML(text: String(count.count)),
                HTML(text: count.amount.yuanText), HTML(text: String(count.urgent)),
                HTML(text: Self.mean(count.gap, count.count)), HTML(text: String(count.solved)),
            ]
        }
        let body: HTML = """
            <h1>\(t("重点领域技术需求分析", "Demand in the key fields"))</h1>\(chart(counts, t))\
            \(Parts.table(t("按领域", "By field"), [
                .init(t("领域", "Field")), .init(t("需求数", "Demands"), numeric: true), .init(t("愿意投入（元）", "Offered (yuan)"), numeric: true),
                .init(t("一年内急需", "Within a year"), numeric: true), .init(t("平均成熟度差距（级）", "Mean gap of readiness"), numeric: true), .init(t("已解决", "Solved"), numeric: true),
            ], rows, empty: "<p>\(t("需求库还没有需求。", "The register has no demands yet."))</p>"))
            """
        return .page(
            Page(
                title: Bilingual("需求分析", "Analysis of demand"), trail: [Self.desk], width: .desk, body: body))
    }

    /// A mean with one place, in whole numbers, rounded half up.
    static func mean(_ sum: Int, _ count: Int) -> String {
        guard count > 0 else { return "—" }
        let tenths = (sum * 20 + count) / (count * 2)
        return "\(tenths / 10).\(tenths % 10)"
    }

    func chart(_ counts: [DemandCount], _ t: Say) -> HTML {
        guard !counts.isEmpty else { return .empty }
        let urgencies = ["now", "soon", "later"]
        return Chart.stacked(
            ChartText(
                id: "demand-fields", title: t("需求数（按领域和紧迫程度）", "Demands by field and urgency"),
                description: t("未关闭的企业技术需求。", "Demands of enterprises that are not closed.")),
            series: urgencies.map { title("urgency", $0, t) },
            counts.map { count in
                (label: title("field", count.field, t), values: urgencies.map { count.byUrgency[$0] ?? 0 })
            }, t)
    }
}
