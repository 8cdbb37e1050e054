import Kernel
import Portal

/// Rules of law that everybody may try with their own numbers: nothing is kept.
struct CalculatorPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "calculators", .get, "/transfer/calculators", access: .everyone,
                summary: Bilingual("转化政策计算", "Calculators of the rules"), handler: list),
            Route(
                "calculators.show", .get, "/transfer/calculators/{rule}", access: .everyone,
                summary: Bilingual("一项规则的计算", "A calculator"), handler: show),
        ]
    }

    private static let trail = [Crumb(Bilingual("成果转化", "Technology transfer"), "/rooms/transfer")]

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let items = HTML(each: Transfer.rules) { rule in
            "<li><a href=\"/transfer/calculators/\(rule.id)\">\(t(rule.title))</a></li>"
        }
        let body: HTML = """
            <h1>\(t("转化政策计算", "Calculators"))</h1><p class="lead">\(t("按现行规则试算合同金额、成果完成人奖励、税收优惠和进出口期限；不保存任何内容。", "Try contract amounts, rewards, tax relief and times of import and export under the rules of today. Nothing is kept."))</p><ul>\(items)</ul>
            """
        return .page(Page(title: Bilingual("转化政策计算", "Calculators"), trail: Self.trail, body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        guard let rule = Transfer.rules.first(where: { $0.id == visit.path("rule") }) else {
            throw RequestProblem.nothingHere
        }
        let typed: (String) -> String? = { visit.query($0) }
        let day = visit.query("day").flatMap { Day($0) } ?? house.today
        var (result, problems) = (HTML.empty, [FieldProblem]())
        if !visit.query.isEmpty {
            do {
                let ruling = try rule.ruling(
                    FactForm.json(rule.facts, typed: typed), under: house.city.rules.law(on: day))
                result = Parts.card(t("结果", "Result"), RulingView.show(ruling, labels: rule.facts, t))
            } catch let problem as FactsProblem {
                problems = problem.fields
            }
        }
        let address = SafeURL(checking: "/transfer/calculators/\(rule.id)") ?? "/transfer/calculators"
        let fields: HTML = """
            \(FactForm.fields(rule.facts, typed: typed, problems: problems, t))\
            \(Fields.input(.init("day", t("适用哪一天的规则", "Rules of which day"), required: false), type: "date", value: day.description, t))
            """
        let body: HTML = """
            <h1>\(t(rule.title))</h1>\(Parts.errors(problems, t))\(result)\(Fields.filters(address, fields, ask: Bilingual("计算", "Work it out"), t))
            """
        let page = Page(
            title: rule.title, trail: Self.trail + [Crumb(Bilingual("转化政策计算", "Calculators"), "/transfer/calculators")],
            body: body)
        return page.withProblems(problems)
    }
}
