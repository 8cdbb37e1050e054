import Kernel
import Portal
import Store

/// The policy laboratory: any rule over past or invented cases with other numbers. It reads and counts; no case is
/// touched.
struct LaboratoryPages: Sendable {
    let house: House

    /// Most invented cases of one page: they take about a second.
    static let mostSynthetic = 200_000
    /// Most past cases of one page.
    static let mostPast = 20_000

    var routes: [Route] {
        [
            Route(
                "rules.laboratory", .get, "/rules/laboratory", access: RulePages.readers,
                summary: Bilingual("政策试算", "Policy laboratory"), handler: show),
            Route(
                "rules.laboratory.export", .get, "/rules/laboratory.csv", access: RulePages.readers,
                summary: Bilingual("试算结果导出", "Export of the laboratory"), handler: export),
        ]
    }

    /// What was asked.
    private struct Question: Sendable {
        var entry: RuleEntry?
        var parameter: Parameter?
        var day: Day
        var value: ParameterValue?
        var typed: String
        var synthetic: Int
        var seed: UInt64
        var group: String?
        var problems: [FieldProblem] = []
    }

    private func question(_ visit: Visit) async throws -> Question {
        var asked = Question(
            day: visit.query("day").flatMap { Day($0) } ?? house.today, typed: visit.query("value") ?? "",
            synthetic: 0, seed: visit.query("seed").flatMap { UInt64($0) } ?? 1,
            group: visit.query("group").flatMap { $0.isEmpty ? nil : $0 })
        if let id = visit.query("rule"), !id.isEmpty { asked.entry = try house.rules.entry(id) }
        if let id = visit.query("parameter"), !id.isEmpty { asked.parameter = house.city.rules.parameter(id) }
        if let entry = asked.entry, let parameter = asked.parameter, !entry.reads(parameter.id) {
            asked.parameter = nil
        }
        if let id = visit.query("change"), asked.typed.isEmpty {
            let stored = try await house.db.read { tx in try RuleChangeStore.find(ID(id), tx) }
            if let stored, stored.change.parameter == asked.parameter?.id, let parameter = asked.parameter {
                asked.typed = ParameterText.text(stored.change.value, unit: parameter.unit)
            }
        }
        let count = visit.query("cases") ?? "10000"
        switch Int(count) {
        case let number? where (0...Self.mostSynthetic).contains(number): asked.synthetic = number
        default:
            asked.problems.append(
                FieldProblem(
                    field: "cases", code: "laboratory.cases",
                    message: Bilingual(
                        "请填写 0 至 \(Self.mostSynthetic) 的整数；0 为以往案例",
                        "Give a whole number from 0 to \(Self.mostSynthetic); 0 means past cases")))
        }
        if let parameter = asked.parameter, !asked.typed.isEmpty {
            do {
                asked.value = try ParameterText.parse(asked.typed, for: parameter)
            } catch { asked.problems += error.fields }
        }
        return asked
    }

    private func run(_ asked: Question, onChange: ((ReplayChange) -> Void)? = nil) async throws -> ReplayReport? {
        guard let entry = asked.entry, let parameter = asked.parameter, let value = asked.value,
            asked.problems.isEmpty
        else { return nil }
        let before = house.city.rules.law(on: asked.day)
        let replay = try entry.replay(
            before: before, after: before.replacing([parameter.id: value]), group: asked.group)
        if asked.synthetic > 0 {
            replay.addSynthetic(asked.synthetic, seed: asked.seed, onChange: onChange)
            return replay.report
        }
        var last = ""
        for _ in 0..<(Self.mostPast / 500) {
            let page = try await house.db.read { [last] tx in try RulingStore.page(rule: entry.id, after: last, tx) }
            for stored in page {
                if let change = replay.add(id: stored.id, facts: stored.ruling.facts) { onChange?(change) }
            }
            guard let end = page.last else { break }
            last = end.id
        }
        return replay.report
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let asked = try await question(visit)
        let report = try await run(asked)
        let body: HTML = """
            <h1>\(t("政策试算", "Policy laboratory"))</h1>\
            <p class="lead">\(t("换一个数值，看谁的结果会改变。只作计算，不影响任何真实办件。", "Try another number and see whose outcome changes. It only counts; no real case is touched."))</p>\
            \(Parts.errors(asked.problems, t))\(form(visit, asked))\(with: report, { result($0, asked, visit) })
            """
        return Page(title: Bilingual("政策试算", "Policy laboratory"), trail: RulePages.trail, width: .desk, body: body)
            .withProblems(asked.problems)
    }

    private func form(_ visit: Visit, _ asked: Question) -> HTML {
        let t = visit.say
        let rules = house.rules.entries.sorted { $0.id < $1.id }.map { ($0.id, t($0.title)) }
        let choose = Fields.filters(
            "/rules/laboratory", Fields.select(.init("rule", t("规则", "Rule")), rules, value: asked.entry?.id, t), t)
        guard let entry = asked.entry else { return choose }
        let parameters = house.city.rules.parameters.values.filter { entry.reads($0.id) }.sorted { $0.id < $1.id }
        let hidden = Parts.hidden([("rule", entry.id), ("day", asked.day.description)])
        let pick = Fields.filters(
            "/rules/laboratory",
            "\(hidden)\(Fields.select(.init("parameter", t("要改的数值", "Number to change")), parameters.map { ($0.id, t($0.title)) }, value: asked.parameter?.id, t))",
            t)
        guard let parameter = asked.parameter else { return "\(choose)\(pick)" }
        let now = parameter.value(on: asked.day)?.value ?? .unknown
        let typed = asked.typed.isEmpty ? ParameterText.text(now, unit: parameter.unit) : asked.typed
        let groups = entry.facts.map { ($0.name, t($0.label)) }
        func problem(_ name: String) -> String? { Fields.problem(name, asked.problems, t) }
        let trial: HTML = """
            <form method="get" action="/rules/laboratory">\(hidden)\(Parts.hidden([("parameter", parameter.id)]))\
            \(Fields.textarea(.init("value", t("试用的数值", "Value to try")), value: typed, rows: 7, problem: problem("value"), t))\
            \(Fields.input(.init("cases", t("虚拟案例数（0 为以往案例）", "Invented cases (0: past cases)")), value: visit.query("cases") ?? "10000", problem: problem("cases"), isWide: false, t))\
            \(Fields.input(.init("seed", t("种子", "Seed")), value: String(asked.seed), isWide: false, t))\
            \(Fields.select(.init("group", t("按此分组", "Count by"), required: false), groups, value: asked.group, t))\
            <div class="buttons">\(Fields.submit(t("试算", "Try it")))</div></form>
            """
        return "\(choose)\(pick)\(Parts.card(t(parameter.title), trial))"
    }

    private func result(_ report: ReplayReport, _ asked: Question, _ visit: Visit) -> HTML {
        let t = visit.say
        let moved = report.transitions.map { item in
            (
                label: item.before == item.after
                    ? t("\(item.before) 不变", "\(item.before) stays") : "\(item.before) → \(item.after)",
                value: item.count
            )
        }
        let groups = report.groups.map { (label: $0.name, values: [$0.changed, $0.cases - $0.changed]) }
        let before = Chart.bars(
            ChartText(
                id: "moves", title: t("前后对照", "Before and after"),
                description: t(
                    "\(report.cases) 个案例中有 \(report.changed) 个结果改变",
                    "\(report.changed) of \(counted(report.cases, "case changes", "cases change"))"
                )),
            moved, t)
        let grouped = Chart.stacked(
            ChartText(
                id: "groups", title: t("分组", "By group"),
                description: t("每组中结果改变和不变的案例", "Cases of each group that change and that stay")),
            series: [t("改变", "change"), t("不变", "stay")], groups, t)
        func kept(_ name: String) -> String { visit.query(name) ?? "" }
        let export: SafeURL = """
            /rules/laboratory.csv?rule=\(kept("rule"))&parameter=\(kept("parameter"))&day=\(kept("day"))&value=\(asked.typed)\
            &cases=\(String(asked.synthetic))&seed=\(String(asked.seed))&group=\(kept("group"))
            """
        return """
            \(Parts.tiles([(String(report.cases), t("案例", "cases"), nil), (String(report.changed), t("结果改变", "change"), nil), (String(report.unreadable), t("无法读取", "unreadable"), nil)]))\
            \(Parts.card(nil, before))\(if: !groups.isEmpty, Parts.card(nil, grouped))\
            <p><a href="\(export)">\(t("导出结果改变的案例（CSV）", "Export the cases that change (CSV)"))</a></p>
            """
    }

    private func export(_ visit: Visit) async throws -> Answer {
        let asked = try await question(visit)
        guard asked.problems.isEmpty else {
            throw ProcedureError.refused(asked.problems)
        }
        var lines: [[String]] = []
        _ = try await run(asked) { change in
            lines.append([
                change.id, change.summaryBefore, change.summaryAfter, change.facts.canonicalText,
                change.before.canonicalText, change.after.canonicalText,
            ])
        }
        let t = visit.say
        return .csv(
            name: "laboratory.csv",
            header: [
                t("案例", "case"), t("现行", "before"), t("试用", "after"), t("事实", "facts"), t("现行结果", "outcome before"),
                t("试用结果", "outcome after"),
            ]
        ) { [lines] csv in
            for line in lines { try await csv.row(line) }
        }
    }
}
