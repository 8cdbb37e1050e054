public import Kernel

/// What the bureau sees of bars (限制措施).
public enum BarView {
    /// Whether the actor reads bars with their reasons: the bureau.
    public static func isShown(to actor: Actor) -> Bool {
        !actor.roles.isDisjoint(with: [.officer, .leader, .auditor])
    }

    /// A notice above a case whose applicant or organisation is barred now; nothing where nobody is.
    public static func notice(_ bars: [Bar], _ t: Say) -> HTML {
        guard !bars.isEmpty else { return .empty }
        let items = bars.map { bar -> HTML in
            let who = bar.person == nil ? t("单位", "Organisation") : t("申请人", "Applicant")
            return """
                <li>\(who) · \(t(bar.what)) · \(t(bar.term)) · \(t(bar.reason))\
                \(t.beside(html: "\(source(bar))\(t("，", ", "))\(t(bar.basis))"))</li>
                """
        }
        return Parts.notice(.bad, t("限制措施在期", "A bar is in force"), "<ul>\(HTML.join(items))</ul>")
    }

    /// Everything ever imposed on a subject.
    public static func history(_ bars: [Bar], on today: Day, _ t: Say) -> HTML {
        let rows = bars.map { bar -> [HTML] in
            let state: HTML =
                bar.liftedOn.map { Parts.badge(t("已解除 \($0)", "lifted \($0)")) }
                ?? (bar.isInForce(on: today)
                    ? Parts.badge(t("在期", "in force"), .bad) : Parts.badge(t("不在期", "not in force")))
            return [
                HTML(text: t(bar.what)), HTML(text: "\(bar.from.text(t.language)) – \(t(bar.term))"),
                HTML(text: t(bar.reason)), source(bar), state,
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("限制事项", "Barred from")), .init(t("期限", "Term")), .init(t("理由", "Reason")),
            .init(t("来源", "Source")), .init(t("状态", "State")),
        ]
        return Parts.table(
            t("限制措施", "Bars"), columns, rows, empty: "<p>\(t("没有限制措施。", "No bars are recorded."))</p>")
    }

    private static func source(_ bar: Bar) -> HTML {
        guard let id = bar.source else { return HTML(text: bar.number) }
        return "<a href=\"/cases/\(id.text)\">\(bar.number)</a>"
    }
}
