import Kernel
import Portal
import Review
import Store

/// What the case page shows of an application: facts, findings, opinions, answers.
struct ApplicationPanel: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    /// How a step is coloured in lists.
    static func tone(_ step: String) -> Parts.Tone {
        switch step {
        case "awarded", "closed": .good
        case "refused", "not-funded", "terminated": .bad
        case "correction", "publicity": .warning
        case "withdrawn", "draft": .neutral
        default: .info
        }
    }

    var panel: CasePanel {
        { file, actor, t, token, tx in
            let application = try ApplicationStore.require(file.id, tx)
            let call = try CallStore.require(application.call, tx)
            let organisation = try Registry.organisation(application.organisation, tx)
            let (form, vault) = (call.content.wholeForm, funding.house.vault)
            let mine = actor.account == application.applicant
            let kept = try CaseStore.answers(file.id, tx).content
            let words = Withheld.words(in: t.language)
            let answers = mine ? kept.readable(by: vault, or: words) : kept.readable(form, by: vault, or: words)
            let files = try DocumentStore.list(of: file.id, tx)
            let findings = try FindingStore.list(of: file.id, tx)
            let facts: [(String, HTML)] = [
                (t("指南", "Call"), "<a href=\"/calls/\(call.number)\">\(t(call.title))</a>"),
                (t("申报单位", "Organisation"), HTML(text: organisation.map { t($0.name) } ?? "")),
                (t("项目负责人", "Investigator"), HTML(text: application.investigatorName)),
                (
                    t("学科", "Discipline"),
                    HTML(text: application.field.isEmpty ? "—" : t(Disciplines.name(application.field)))
                ),
                (t("关键词", "Keywords"), HTML(text: application.keywords.isEmpty ? "—" : application.keywords)),
                (t("申请金额", "Asked for"), HTML(text: application.requested.text(t.language))),
                (t("立项金额", "Awarded"), HTML(text: application.awarded?.text(t.language) ?? "—")),
                (t("内容摘要（SHA-256）", "Content digest (SHA-256)"), "<code>\(application.contentHash ?? "—")</code>"),
            ]
            let edit: HTML =
                mine && ["draft", "correction"].contains(file.step)
                ? "<p>\(Parts.button(t("继续填写", "Go on filling in"), to: "/applications/\(file.id.text)"))</p>" : .empty
            let opinions = try ApplicationPanel.opinions(file, actor, call, t, tx)
            return """
                \(edit)\(Parts.card(t("概况", "Facts"), Parts.facts(facts)))\
                \(funding.findingDesk.panel(findings, file, actor, title: Bilingual("形式审查意见", "Findings of the formal check"), token: token, t))\(try funding.disciplines.panel(application, call, file, answers, actor, token, t, tx))\(opinions)\
                \(Parts.card(t("申报内容", "The application"), FormView.read(form, answers, files: files, t)))
                """
        }
    }

    /// Opinions without names: for those who handle the case, leaders and auditors once they are handed in, for the
    /// applicant and everybody else who may see the case after the decision.
    private static func opinions(_ file: CaseFile, _ actor: Actor, _ call: Call, _ t: Say, _ tx: Tx) throws -> HTML {
        let watches = !actor.roles.isDisjoint(with: [.leader, .auditor]) && !Policy.isOwn(actor, file)
        let isStaff = Policy.handles(actor, file) || watches
        guard isStaff || ["awarded", "not-funded"].contains(file.step) else { return .empty }
        let sheet = call.content.sheet
        let opinions = try FeedbackStore.list(of: file.id, sheet, tx)
        guard !opinions.isEmpty else { return .empty }
        let body = HTML(each: opinions.enumerated()) { index, one in
            let isHeld = !isStaff && !one.isReleased
            let text: HTML =
                isHeld
                ? "<p>\(t("这份意见正在整理，整理后显示。", "This opinion is being prepared and will be shown then."))</p>"
                : FormView.read(sheet.form, isStaff ? one.assignment.answers : one.answers, t)
            return
                "<h3>\(t("专家 \(index + 1)", "Expert \(index + 1)")) · \(points(one.assignment.total ?? 0))</h3>\(text)"
        }
        return Parts.card(t("专家评审意见", "Opinions of the experts"), body)
    }

    /// Thousandths of a point, shown with two decimals.
    static func points(_ thousandths: Int) -> String {
        let hundredths = (thousandths + 5) / 10
        return "\(hundredths / 100).\(padded(hundredths % 100, 2))"
    }
}
