import Kernel
import Portal
import Store

/// What the case page shows of a proposed change of a legal number: old beside new, and what past cases say.
struct RuleChangePanel: Sendable {
    let house: House

    var panel: CasePanel {
        let house = house
        return { file, _, t, _, tx in
            guard let stored = try RuleChangeStore.find(file.id, tx),
                let parameter = house.city.rules.parameter(stored.change.parameter)
            else { return .empty }
            let change = stored.change
            let before = parameter.value(on: change.from.adding(days: -1))
            let tested = (stored.tested.object ?? [:]).sorted { $0.key < $1.key }.map { rule, counts -> [HTML] in
                [
                    HTML(text: (try? house.rules.entry(rule)).map { t($0.title) } ?? rule),
                    HTML(text: String(counts["cases"]?.integer ?? 0)),
                    HTML(text: String(counts["changed"]?.integer ?? 0)),
                ]
            }
            let rules = HTML(each: house.rules.readers(of: parameter.id)) { entry in
                """
                <li><a href="/rules/laboratory?rule=\(entry.id)&amp;day=\(change.from.description)&amp;parameter=\(parameter.id)&amp;change=\(file.id.text)">\
                \(t("在政策试算中查看：\(entry.title.zh)", "See it in the laboratory: \(entry.title.en)"))</a></li>
                """
            }
            return """
                \(Parts.card(t("调整内容", "The change"), """
                    \(Parts.facts([
                        (t("参数", "Number"), "<a href=\"/rules/parameters/\(parameter.id)\">\(t(parameter.title))</a>"),
                        (t("自", "From"), HTML(text: change.from.text(t.language))),
                        (t("现值", "Value before"), before.map { RuleValue.full($0.value, parameter, t) } ?? "—"),
                        (t("新值", "New value"), RuleValue.full(change.value, parameter, t)),
                        (t("依据", "Source"), "\(t(change.source.cited)) \(t(change.source.confidence.title))\(if: change.source.confidence.needsChecking, " \(Parts.toBeChecked(t))")"),
                        (t("说明", "Note"), HTML(text: change.note.map { t($0) } ?? "—")),
                    ]))
                    """))\
                \(Parts.card(t("用以往案例试算", "Tried on past cases"), """
                    \(Parts.table(t("试算", "Trial"), [.init(t("规则", "Rule")), .init(t("案例", "Cases"), numeric: true), .init(t("结果改变", "Changed"), numeric: true)], tested, empty: HTML(text: t("报批时自动试算。", "It is tried when it is submitted."))))<ul>\(rules)</ul>
                    """))
                """
        }
    }
}
