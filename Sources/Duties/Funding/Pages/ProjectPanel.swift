import Kernel
import Portal
import Store
import Treasury

/// What the case page shows of a project and of the cases under it.
struct ProjectPanel: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    var panel: CasePanel {
        let procedures = funding.house.procedures
        return { file, actor, t, token, tx in
            let project = try ProjectStore.require(file.id, tx)
            let call = try CallStore.require(project.call, tx)
            let answers = try CaseStore.answers(file.id, tx).content
            let tranches = try TrancheStore.list(project: file.id, tx)
            let children = try CaseStore.children(of: file.id, tx)
            let recoveries = try RecoveryStore.list(project: file.id, tx)
            let orders = try PaymentStore.newest(Tranches.subject, tranches.map(\.id.text), tx)
            let facts: [(String, HTML)] = [
                (t("承担单位", "Organisation"), HTML(text: t(project.organisationName))),
                (t("负责人", "Investigator"), HTML(text: project.investigatorName)),
                (t("立项金额", "Amount"), HTML(text: project.amount.text(t.language))),
                (
                    t("起止日期", "Term"),
                    HTML(
                        text: project.startsOn.map {
                            "\($0.text(t.language)) – \(project.endsOn?.text(t.language) ?? "")"
                        } ?? "—")
                ),
                (t("验收结论", "Outcome"), HTML(text: project.outcome.map { t($0.title) } ?? "—")),
                (
                    t("申请", "Application"),
                    "<a href=\"/cases/\(project.application.text)\">\(t("查看申请办件", "See the application"))</a>"
                ),
            ]
            let list = HTML(each: children) { child in
                let step = (try? procedures.step(of: child)).map { t($0.title) } ?? child.step
                return
                    "<li><a href=\"/cases/\(child.id.text)\">\(child.number)</a> \(t(child.title)) \(Parts.badge(step))</li>"
            }
            let mine = actor.account != nil && actor.account == file.applicant
            let under: HTML =
                children.isEmpty ? .empty : Parts.card(t("变更与中期检查", "Changes and checks"), "<ul>\(list)</ul>")
            return """
                \(ProjectPanel.doing(file, project, mine: mine, actor, token, t))\(Parts.card(t("概况", "Facts"), Parts.facts(facts)))\
                \(if: project.startsOn != nil, "<p>\(Parts.button(t("项目资金与支出", "Money and spending"), to: "/projects/\(project.number)/money", .secondary))</p>")\
                \(ProjectPanel.money(tranches, orders, recoveries, t))\(under)\
                \(Parts.card(t("合同书", "Contract"), FormView.read(ContractForm.contract(call.content), ContractForm.readable(answers), t)))\
                \(if: answers["summary-report"] != nil, Parts.card(t("验收申请", "Acceptance file"), FormView.read(ContractForm.acceptance, answers, t)))
                """
        }
    }

    private static func doing(
        _ file: CaseFile, _ project: Project, mine: Bool, _ actor: Actor, _ token: String, _ t: Say
    ) -> HTML {
        var buttons: HTML = .empty
        if mine, file.step == "contract" {
            buttons += Parts.button(t("填写合同书", "Write the contract"), to: "/projects/\(project.number)/form")
        }
        if mine, file.step == "running" {
            buttons += Parts.button(t("填写验收申请", "Write the acceptance file"), to: "/projects/\(project.number)/form")
            buttons += Parts.post("/projects/\(project.number)/changes", t("申请变更", "Ask for a change"), token: token)
            buttons += Parts.post(
                "/projects/\(project.number)/budget-changes", t("预算调剂", "Change the budget"), token: token)
        }
        if actor.roles.contains(.officer), file.step == "running" {
            buttons += Parts.post(
                "/projects/\(project.number)/midterm", t("发起中期检查", "Open a mid-term check"), token: token)
        }
        if !actor.roles.isDisjoint(with: [.officer, .leader, .auditor]) {
            buttons += Parts.button(
                t("下载办件包", "Download the file as a package"), to: "/cases/\(file.id.text)/package", .secondary)
            buttons += Parts.button(
                t("办件包的下载链接", "A link to the package"), to: "/cases/\(file.id.text)/package/link", .secondary)
        }
        return buttons.isEmpty ? .empty : "<div class=\"buttons\">\(buttons)</div><br>"
    }

    /// Where a tranche is; under way, where its payment order is.
    static func state(_ state: Tranche.State, _ order: PaymentOrder?, _ t: Say) -> HTML {
        switch state {
        case .planned: Parts.badge(t("计划", "Planned"))
        case .ordered:
            Parts.badge(
                order.map { t("已开单，\($0.state.name.zh)", "Ordered: \($0.state.name.en)") } ?? t("已开单", "Ordered"),
                .warning)
        case .confirmed: Parts.badge(t("已拨付", "Paid"), .good)
        case .cancelled: Parts.badge(t("取消", "Cancelled"), .bad)
        }
    }

    private static func money(
        _ tranches: [Tranche], _ orders: [String: PaymentOrder], _ recoveries: [Recovery], _ t: Say
    ) -> HTML {
        let rows = tranches.map { tranche -> [HTML] in
            [
                HTML(text: String(tranche.position)), HTML(text: t(tranche.condition)),
                HTML(text: tranche.dueOn?.text(t.language) ?? "—"), HTML(text: tranche.amount.yuanText),
                state(tranche.state, orders[tranche.id.text], t),
            ]
        }
        let back = HTML(each: recoveries) { item in
            "<p>\(Parts.badge(t(item.state.title), item.isSettled ? .good : .bad)) \(item.amount.text(t.language)) · \(t(item.reason))</p>"
        }
        return Parts.card(
            t("拨款", "Money"),
            """
            \(Parts.table(t("拨款", "Tranches"), [
                .init(t("期次", "No.")), .init(t("条件", "Condition")), .init(t("计划日期", "Due")), .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("合同签署后生成拨款计划。", "Tranches are planned when the contract is signed."))</p>"))\(back)
            """)
    }

    var change: CasePanel {
        { file, actor, t, _, tx in
            let answers = try CaseStore.answers(file.id, tx).content
            let edit: HTML =
                actor.account != nil && actor.account == file.applicant && file.step == "draft"
                ? "<p>\(Parts.button(t("填写变更申请", "Write the request"), to: "/changes/\(file.id.text)"))</p>" : .empty
            return
                "\(edit)\(parent(file, t))\(Parts.card(t("变更内容", "What changes"), FormView.read(ContractForm.change, answers, t)))"
        }
    }

    var midterm: CasePanel {
        { file, _, t, _, tx in
            let report = try Record.events(of: file.id, tx).last { $0.kind == "case.submit" }?.content["answers"]
            let step = try? funding.house.procedures.definition(of: file).step("report")
            let form = Form(sections: [
                FormSection(
                    name: "report", title: Bilingual("中期报告", "Progress report"),
                    fields: step?.action("submit")?.asks ?? [])
            ])
            let shown: HTML =
                report.map { Parts.card(t("中期报告", "Progress report"), FormView.read(form, $0, t)) } ?? .empty
            return "\(parent(file, t))\(shown)"
        }
    }

    private func parent(_ file: CaseFile, _ t: Say) -> HTML {
        file.parent.map { "<p><a href=\"/cases/\($0.text)\">\(t("返回项目", "Back to the project"))</a></p>" } ?? .empty
    }
}
