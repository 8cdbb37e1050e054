import Kernel
import Portal
import Review

/// The times in which an expert cannot judge, on the expert's own page and on the bureau's.
enum AbsenceParts {
    /// The list with the form that adds to it.
    /// - Parameters:
    ///   - base: where the form is sent; a time is taken off below it.
    ///   - problems: of the form, where it was sent back.
    static func card(
        _ absences: [Absence], at base: SafeURL, mayEdit: Bool, _ visit: Visit, _ problems: [FieldProblem]
    ) -> HTML {
        let t = visit.say
        let rows = absences.map { one -> [HTML] in
            let known = [
                HTML(text: one.from.text(t.language)), HTML(text: one.to.text(t.language)),
                HTML(text: one.note.isEmpty ? "—" : one.note),
            ]
            guard mayEdit else { return known }
            return known + [
                Parts.post("\(base)/\(one.id.text)/remove", t("移除", "Take off"), token: visit.csrfToken, .danger)
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("开始", "From")), .init(t("结束", "Through")), .init(t("说明", "Note")), .init(t("操作", "Do")),
        ]
        let title = t("不能评审的时间", "Times away")
        let table = Parts.table(
            title, mayEdit ? columns : Array(columns.dropLast()), rows,
            empty: "<p>\(t("没有登记。", "None is kept."))</p>")
        let lead = t(
            "首尾两天都算在内。这些日子里不抽取、不分配新的评审，不安排当天的会议；手头的评审不变，无法完成的请谢绝。",
            "Both days count. On these days no new review is drawn or assigned, and no meeting is planned for them; what is in hand stays, so decline what you cannot do."
        )
        return Parts.card(title, "<p>\(lead)</p>\(table)\(if: mayEdit, form(base, visit, problems))", id: "absences")
    }

    private static func form(_ base: SafeURL, _ visit: Visit, _ problems: [FieldProblem]) -> HTML {
        let (t, typed) = (visit.say, visit.form)
        func problem(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let hint = t("不必写原因；健康等情况请不要写。", "No reason is needed; leave health and the like out.")
        let fields: HTML = """
            \(Fields.input(.init("from", t("开始日期", "First day")), type: "date", value: typed["from"] ?? "", problem: problem("from"), isWide: false, t))\
            \(Fields.input(.init("to", t("结束日期", "Last day")), type: "date", value: typed["to"] ?? "", problem: problem("to"), isWide: false, t))\
            \(Fields.input(.init("note", t("说明", "Note"), hint: hint, required: false), value: typed["note"] ?? "", problem: problem("note"), t))
            """
        return Fields.form(
            base, token: visit.csrfToken, fields, buttons: Fields.submit(t("登记", "Keep"), .secondary))
    }

    /// What the form sent.
    static func typed(_ visit: Visit) -> AbsenceEntry {
        let form = visit.form
        return AbsenceEntry(from: form["from"] ?? "", to: form["to"] ?? "", note: form["note"] ?? "")
    }
}
