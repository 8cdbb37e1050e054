import Kernel
import Portal
import Store

/// What the case page shows of a permit filing: facts, findings, papers, answers; the ruling stands beside them.
struct FilingPanel: Sendable {
    let permits: PermitRoom

    var panel: CasePanel {
        { file, actor, t, token, tx in
            let filing = try FilingStore.require(file.id, tx)
            let vault = permits.house.vault
            let kept = try CaseStore.answers(file.id, tx).content
            let answers = kept.readable(by: vault, or: .words(in: t.language))
            let definition = try permits.house.procedures.definition(of: file)
            let form = FilingForm(city: permits.house.city).form(filing.kind, definition, answers)
            let files = try DocumentStore.list(of: file.id, tx)
            let findings = try FindingStore.list(of: file.id, tx)
            let papers = PaperList(FilingForm.paperFacts(filing.kind, answers))
            let organisation = try Registry.organisation(filing.organisation, tx)
            let mine = actor.account == filing.applicant && ["draft", "correction"].contains(file.step)
            let edit: HTML =
                mine
                ? "<p>\(Parts.button(t("继续填写", "Go on filling in"), to: "/permits/filings/\(file.id.text)"))</p>"
                : .empty
            let title = Bilingual("审查意见", "Findings")
            return """
                \(edit)\(appeal(file, filing, actor, token, t))\
                \(Parts.card(t("概况", "Facts"), Parts.facts(facts(filing, organisation, answers, t))))\
                \(permits.findingDesk.panel(findings, file, actor, title: title, token: token, t))\
                \(FilingPanel.list(papers, t))\
                \(Parts.card(t("申报内容", "The filing"), "\(FormView.read(form, FilingPanel.masked(answers, form), files: files, t))\(reveal(file, form, actor, token, t))"))
                """
        }
    }

    private func facts(
        _ filing: Filing, _ organisation: Organisation?, _ answers: JSONValue, _ t: Say
    ) -> [(String, HTML)] {
        let nationality = answers["nationality"]?.string.flatMap { permits.house.city.countries[$0] }
        var facts: [(String, HTML)] = [
            (t("用人单位", "Employer"), HTML(text: organisation.map { t($0.name) } ?? "—")),
            (t("外国人", "Foreigner"), HTML(text: filing.name.isEmpty ? "—" : filing.name)),
        ]
        if let nationality { facts.append((t("国籍", "Nationality"), HTML(text: t(nationality.name)))) }
        if !filing.category.isEmpty { facts.append((t("申请类别", "Category asked for"), HTML(text: filing.category))) }
        if let permit = filing.permit {
            facts.append((t("许可", "Permit"), "<a href=\"/permits/\(permit.text)\">\(t("查看", "See it"))</a>"))
        }
        if let day = filing.filedOn { facts.append((t("收到日期", "Received on"), HTML(text: day.text(t.language)))) }
        if let day = filing.acceptedOn {
            let deemed = filing.isDeemedAccepted ? t("（逾期未告知，视为受理）", " (deemed, for want of a notice)") : ""
            facts.append((t("受理日期", "Accepted on"), HTML(text: day.text(t.language) + deemed)))
        }
        if let day = filing.decidedOn { facts.append((t("决定日期", "Decided on"), HTML(text: day.text(t.language)))) }
        facts.append(
            (t("内容摘要（SHA-256）", "Content digest (SHA-256)"), "<code>\(filing.contentHash ?? "—")</code>"))
        return facts
    }

    /// A refused applicant is led to the reconsideration.
    private func appeal(_ file: CaseFile, _ filing: Filing, _ actor: Actor, _ token: String, _ t: Say) -> HTML {
        guard file.step == "refused", filing.kind != .appeal,
            actor.belongs(to: filing.organisation, as: [.administrator, .sealHolder, .handler])
        else { return .empty }
        let until = file.dueOn.map {
            t("\($0.text(.chinese)) 前可申请行政复议。", "Until \($0.text(.english)) you may ask for reconsideration.")
        }
        return Parts.notice(
            .warning, t("不服决定？", "Do you disagree with the decision?"),
            """
            <p>\(until ?? "")</p>\(Parts.post("/permits/filings", t("申请行政复议", "Ask for reconsideration"), token: token, .primary, fields: [
                ("kind", FilingKind.appeal.rawValue), ("organisation", filing.organisation.text), ("parent", file.id.text),
            ]))
            """)
    }

    /// Personal answers are shown on request, with a reason that is written down.
    private func reveal(_ file: CaseFile, _ form: Form, _ actor: Actor, _ token: String, _ t: Say) -> HTML {
        guard Policy.may(actor, .checkPermits),
            form.fields.contains(where: { $0.personal == true && $0.kind != .files })
        else { return .empty }
        let input = Fields.input(.init("reason", t("查看理由（将记录）", "Reason to look, which is written down")), t)
        return """
            <details><summary>\(t("查看护照信息", "See the passport data"))</summary>\(Fields.form(
                "/desk/permits/\(file.id.text)/reveal", token: token, input, buttons: Fields.submit(t("查看", "Show"), .secondary)))</details>
            """
    }

    /// The answers with personal ones hidden.
    static func masked(_ answers: JSONValue, _ form: Form) -> JSONValue {
        guard var members = answers.object else { return answers }
        for field in form.fields where field.personal == true && field.kind != .files {
            if let value = members[field.name], value != .null { members[field.name] = "••••••••" }
        }
        return .object(members)
    }

    /// The papers with why each is asked for, and those that are waived.
    static func list(_ papers: PaperList, _ t: Say) -> HTML {
        guard !papers.papers.isEmpty || !papers.waivers.isEmpty else { return .empty }
        let needed = HTML(each: papers.papers) { "<li>\(t($0.title)) <span class=\"basis\">\(t($0.basis))</span></li>" }
        let waived = HTML(each: papers.waivers) { waiver in
            """
            <li>\(Parts.badge(t("免交", "Waived"), .good)) \(t(waiver.title))\(t.colon)\(t(waiver.reason)) <span class="basis">\(t(waiver.basis))</span></li>
            """
        }
        return Parts.card(t("材料清单", "Papers"), "<ul>\(needed)\(waived)</ul>")
    }
}
