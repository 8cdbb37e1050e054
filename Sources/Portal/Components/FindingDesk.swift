public import Kernel

/// Findings of a duty's cases as pages: what the case page shows, and the two forms behind it.
public struct FindingDesk: Sendable {
    let actions: FindingActions
    /// Address under which the forms live, e.g. `/desk/applications`.
    let base: SafeURL
    /// Prefix of the routes' names.
    let name: String
    let roles: Set<Role>

    public init(_ actions: FindingActions, base: SafeURL, name: String, roles: Set<Role>) {
        self.actions = actions
        self.base = base
        self.name = name
        self.roles = roles
    }

    public var routes: [Route] {
        [
            Route(
                "\(name).findings.add", .post, "\(base.text)/{id}/findings", access: .roles(roles),
                summary: Bilingual("增加审查意见", "Add a finding"), handler: add),
            Route(
                "\(name).findings.settle", .post, "\(base.text)/findings/{id}/settle", access: .roles(roles),
                summary: Bilingual("核销审查意见", "Settle a finding"), handler: settle),
        ]
    }

    private func add(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let form = visit.form
        func both(_ name: String) -> Bilingual {
            let zh = form["\(name)-zh"] ?? ""
            return Bilingual(zh, form["\(name)-en"].flatMap { $0.isEmpty ? nil : $0 } ?? zh)
        }
        let message = Bilingual(form["message-zh"] ?? "", form["message-en"] ?? "")
        let remedy = both("remedy")
        try await actions.add(
            FindingDraft(
                code: "officer.finding", field: form["field"] ?? "", message: message, basis: both("basis"),
                remedy: remedy.zh.isEmpty ? nil : remedy), to: id, by: visit.actor)
        return .redirect("/cases/\(id)")
    }

    private func settle(_ visit: Visit) async throws -> Answer {
        let state: Finding.State = visit.form["state"] == "withdrawn" ? .withdrawn : .overridden
        try await actions.settle(
            try visit.id("id"), as: state, reason: visit.form["reason"] ?? "", by: visit.actor)
        return .redirect(visit.returnPath(else: "/work"))
    }

    /// The findings of a case, with what the actor may do about them.
    /// - Parameter title: of the block.
    public func panel(
        _ findings: [Finding], _ file: CaseFile, _ actor: Actor, title: Bilingual, token: String, _ t: Say
    ) -> HTML {
        let checks = actions.mayCheck(file, actor)
        guard !findings.isEmpty || checks else { return .empty }
        let items = HTML(each: findings) { item($0, file, checks: checks, token, t) }
        let list: HTML =
            findings.isEmpty
            ? "<p>\(t("自动审查未发现问题。", "The automatic check found nothing."))</p>" : "<ul>\(items)</ul>"
        return Parts.card(t(title), "\(list)\(checks ? addForm(file, token, t) : .empty)")
    }

    private func item(_ finding: Finding, _ file: CaseFile, checks: Bool, _ token: String, _ t: Say) -> HTML {
        let state: HTML =
            switch finding.state {
            case .open: Parts.badge(t("未解决", "Open"), .bad)
            case .mended: Parts.badge(t("已补正", "Mended"), .good)
            case .overridden: Parts.badge(t("人工核销", "Overridden"), .warning)
            case .withdrawn: Parts.badge(t("已撤销", "Withdrawn"))
            }
        let settle: HTML =
            checks && finding.state == .open
            ? Fields.form(
                "\(base)/findings/\(finding.id.text)/settle", token: token,
                """
                \(Parts.hidden([("return", "/cases/\(file.id.text)")]))\(Fields.input(.init("reason", t("核销理由", "Reason to override")), t))
                """,
                buttons:
                    "\(Fields.submit(t("核销", "Override"), .secondary, name: "state", value: "overridden"))\(Fields.submit(t("撤销", "Withdraw"), .secondary, name: "state", value: "withdrawn"))"
            )
            : .empty
        return """
            <li><p>\(state) <code>\(finding.draft.code)</code> \(finding.isAutomatic ? t("自动审查", "automatic") : t("人工审查", "by the officer"))</p>\
            <p>\(t(finding.draft.message)) <span class="basis">\(t(finding.draft.basis))</span></p>\
            \(with: finding.draft.remedy, { "<p>\(t("补救：", "Remedy: "))\(t($0))</p>" })\
            \(with: finding.reason, { "<p>\(t("理由：", "Reason: "))\($0)</p>" })\(settle)</li>
            """
    }

    private func addForm(_ file: CaseFile, _ token: String, _ t: Say) -> HTML {
        let fields: HTML = """
            \(Fields.input(.init("message-zh", t("意见（中文）", "Finding in Chinese")), t))\
            \(Fields.input(.init("message-en", t("意见（英文）", "Finding in English")), t))\
            \(Fields.input(.init("basis-zh", t("依据（文件和条款）", "Basis: document and article")), t))
            """
        let form = Fields.form(
            "\(base)/\(file.id.text)/findings", token: token, fields,
            buttons: Fields.submit(t("增加", "Add"), .secondary))
        return "<details><summary>\(t("增加审查意见", "Add a finding"))</summary>\(form)</details>"
    }
}
