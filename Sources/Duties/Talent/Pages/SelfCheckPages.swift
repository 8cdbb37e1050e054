import Kernel
import Portal

/// "Which category would I be?": for anyone, without an account; nothing that is typed is stored.
struct SelfCheckPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "talent.check", .get, "/talent/check", access: .session,
                summary: Bilingual("我属于哪一类？", "Which category would I be?"), handler: ask),
            Route(
                "talent.check.answer", .post, "/talent/check", access: .session,
                summary: Bilingual("自测结果", "Answer of the self-check"), handler: answer),
        ]
    }

    private static let facts = RuleEntry(CategoryRule.self).facts

    private func ask(_ visit: Visit) async throws -> Answer { .page(page(visit, problems: [], result: .empty)) }

    private func answer(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        do {
            let facts = try CategoryFacts(json: FactForm.json(Self.facts) { visit.form[$0] })
            let rule = try CategoryRule(house.city.rules.law(on: house.today))
            let ruling = rule.ruling(facts, on: house.today)
            return .page(page(visit, problems: [], result: result(ruling, NearestWay.find(facts, rule), t)))
        } catch let problem as FactsProblem {
            return page(visit, problems: problem.fields, result: .empty).withProblems(problem.fields)
        }
    }

    private func result(_ ruling: Ruling, _ ways: [NearestWay], _ t: Say) -> HTML {
        let category = ruling.outcome["category"]?.string
        let tone: Parts.Tone = category == nil ? .warning : category == PermitCategory.none.rawValue ? .info : .good
        let better = HTML(each: ways) { way in
            let changes = way.changes.map { "\(t($0.label)) → \($0.value.text(t.language))" }
            return
                "<li>\(changes.joined(separator: t("，并且 ", ", and "))) ⇒ <strong>\(t(way.category.title))</strong></li>"
        }
        return """
            <section aria-live="polite" id="result">\(Parts.notice(tone, t(ruling.words), """
                <p>\(t("这是按公开标准的自测，不是许可决定；决定由主管部门依材料作出。", "This applies the published standard to what you typed. It is no decision; the authority decides on papers."))</p>
                """))\
            \(if: !ways.isEmpty, Parts.card(t("怎样才能改变结果", "What would change the answer"), "<ul>\(better)</ul>"))\
            \(Parts.card(t("逐项说明", "Step by step"), RulingView.show(ruling, labels: Self.facts, t)))</section>
            """
    }

    private func page(_ visit: Visit, problems: [FieldProblem], result: HTML) -> Page {
        let t = visit.say
        let count = PointsFacts.fields.count
        func fields(_ facts: some Collection<FactDescription>) -> HTML {
            FactForm.fields(Array(facts), typed: { visit.form[$0] }, problems: problems, t)
        }
        let body: HTML = """
            <h1>\(t("我属于哪一类？", "Which category would I be?"))</h1>\
            <p class="lead">\(t("外国人来华工作许可分为 A、B、C 三类。填写您知道的内容即可；不需要账号，不保存任何内容。", "Work permits for foreigners come in categories A, B and C. Fill in what you know. No account is needed and nothing is stored."))</p>\
            \(result)\(Parts.errors(problems, t))\
            \(Fields.form("/talent/check", token: visit.csrfToken, """
                <fieldset class="group"><legend>\(t("积分项目", "Points"))</legend>\(fields(Self.facts.prefix(count)))</fieldset>\
                <details\(attribute: "open", if: problems.contains { problem in Self.facts.dropFirst(count).contains { $0.name == problem.field } })>\
                <summary>\(t("其他途径（人才计划、岗位、工资、语言教学、毕业生等）", "Other routes: programmes, posts, wages, teaching, graduates and so on"))</summary>\
                \(fields(Self.facts.dropFirst(count)))</details>
                """, buttons: Fields.submit(t("查看结果", "See the answer"))))\
            <p class="hint">\(t("依据：外国人来华工作分类标准（试行）外专发〔2017〕40号附件3，适用今天的数值。", "Standard: SAFEA No. 2017-40, annex 3, with the numbers of today."))</p>
            """
        return Page(title: Bilingual("我属于哪一类？", "Which category would I be?"), body: body)
    }
}
