import Kernel
import Portal
import Review

/// What the lists of questions have in common: their state, how they are filtered, and how somebody who looked says
/// what is to be made of one.
enum QuestionParts {
    static func state(_ disposition: Question.Disposition?, _ t: Say) -> HTML {
        switch disposition {
        case nil: Parts.badge(t("未处理", "Open"), .warning)
        case .explained: Parts.badge(t(Question.Disposition.explained.title), .good)
        case .mended: Parts.badge(t(Question.Disposition.mended.title), .info)
        case .watched: Parts.badge(t(Question.Disposition.watched.title), .info)
        case .passedOn: Parts.badge(t(Question.Disposition.passedOn.title), .bad)
        }
    }

    /// The kinds of a desk with their definitions and counts.
    static func kinds(
        _ kinds: [SheetCheck.Kind], _ counts: [String: (all: Int, open: Int)], _ base: String, _ t: Say
    ) -> HTML {
        let rows = kinds.map { kind -> [HTML] in
            let count = counts[kind.id] ?? (0, 0)
            return [
                "<a href=\"\(SafeURL(checking: "\(base)?kind=\(kind.id)") ?? "#")\">\(t(kind.title))</a>",
                HTML(text: t(kind.definition)), HTML(text: String(count.all)), HTML(text: String(count.open)),
            ]
        }
        return Parts.table(
            t("问什么", "What is asked"),
            [
                .init(t("问题", "Question")), .init(t("定义", "Definition")), .init(t("条数", "Found"), numeric: true),
                .init(t("未处理", "Open"), numeric: true),
            ], rows, empty: .empty)
    }

    static func filters(_ base: String, _ kinds: [SheetCheck.Kind], _ filter: QuestionFilter, _ t: Say) -> HTML {
        Fields.filters(
            SafeURL(checking: base) ?? "#",
            """
            \(Fields.select(.init("kind", t("问题", "Question")), kinds.map { ($0.id, t($0.title)) }, value: filter.kind, none: t("全部", "All"), t))\
            \(Fields.select(.init("state", t("状态", "State")), [("open", t("未处理", "Open"))], value: filter.isOpen ? "open" : nil, none: t("全部", "All"), t))
            """, t)
    }

    /// Reads the filter that an address asks for.
    static func filter(_ visit: Visit, _ filter: QuestionFilter) -> QuestionFilter {
        var filter = filter
        filter.kind = visit.query("kind").flatMap { $0.isEmpty ? nil : $0 }
        filter.isOpen = visit.query("state") == "open"
        return filter
    }

    /// Where the next page of a list begins.
    static func next(_ list: [Question], _ size: Int, _ base: String, _ filter: QuestionFilter) -> SafeURL? {
        guard list.count > size, let last = list.prefix(size).last else { return nil }
        let kind = SafeURL.encode(filter.kind ?? "")
        return SafeURL(
            checking: "\(base)?kind=\(kind)&state=\(filter.isOpen ? "open" : "")&before=\(last.id.text)")
    }

    /// The form of somebody who looked.
    static func form(_ url: SafeURL, _ visit: Visit, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        let options = Question.Disposition.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let fields: HTML = """
            \(Fields.choices(.init("disposition", t("处理", "Disposition")), options, chosen: visit.form.all("disposition"), isMany: false, problem: Fields.problem("disposition", problems, t), t))\
            \(Fields.textarea(.init("reason", t("理由", "Reason")), value: visit.form["reason"] ?? "", rows: 3, most: 2_000, problem: Fields.problem("reason", problems, t), t))
            """
        return Parts.card(
            t("记录处理结果", "What you make of it"),
            Fields.form(
                url, token: visit.csrfToken, fields, buttons: Fields.submit(t("记录处理结果", "Write it down"))))
    }

    static func looks(_ looks: [QuestionLook], _ zone: CityZone, _ t: Say) -> HTML {
        guard !looks.isEmpty else { return .empty }
        return Parts.card(
            t("处理记录", "Looks"),
            Parts.timeline(
                looks.map { (zone.clockText($0.at), t($0.disposition.title), $0.name, Parts.paragraphs($0.reason)) }))
    }

    /// What a form says that somebody makes of a question.
    /// - Throws: ``PlainProblem/incomplete(_:)`` with the fields `disposition` and `reason`.
    static func disposition(_ visit: Visit) throws -> (Question.Disposition, reason: String) {
        let reason = visit.form["reason"] ?? ""
        let found = visit.form["disposition"].flatMap(Question.Disposition.init(rawValue:))
        var wrong = Words.problems(reason, "reason", Bilingual("理由", "Reason"), most: 2_000)
        if found == nil {
            wrong.append(
                FieldProblem(
                    field: "disposition", code: "field.required", message: Bilingual("请选择处理结果", "Choose a disposition"))
            )
        }
        guard wrong.isEmpty, let found else { throw PlainProblem.incomplete(wrong) }
        return (found, reason)
    }
}
