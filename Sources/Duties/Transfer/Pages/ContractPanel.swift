import Kernel
import Portal
import Store

/// What the case page of a contract shows beside the form: its amounts with the reasoning, and what it looks like.
struct ContractPanel: Sendable {
    let house: House

    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        guard let item = try ContractStore.find(case: file.id, tx) else { return .empty }
        let isStaff = !actor.roles.isDisjoint(with: [.officer, .leader, .auditor])
        var facts: [(String, HTML)] = [
            (t("成交额", "Total"), HTML(text: item.total.text(t.language))),
            (t("技术交易额", "Technical amount"), HTML(text: item.technical.text(t.language))),
            (t("技术性收入", "Technical income"), HTML(text: item.income.text(t.language))),
            (t("状态", "State"), HTML(text: t(item.state.title))),
        ]
        if let number = item.number { facts.append((t("合同登记号", "Registration number"), HTML(text: number))) }
        if let code = item.checkCode {
            facts.append((t("校验码", "Check code"), "<a href=\"/verify/contract?code=\(code)\">\(code)</a>"))
        }
        let rulings = HTML(each: try RulingStore.list(of: file.id, tx).prefix(2)) { stored in
            "<details><summary>\(t(stored.ruling.words))</summary>\(RulingView.show(stored.ruling, t))</details>"
        }
        return
            "\(Parts.card(t("合同金额", "Amounts"), "\(Parts.facts(facts))\(rulings)"))\(isStaff ? try alike(item, t, tx) : .empty)"
    }

    private func alike(_ item: Contract, _ t: Say, _ tx: Tx) throws -> HTML {
        let found = try ContractStore.alike(item.marks, except: item.id, tx)
        guard !found.isEmpty else { return .empty }
        let rows = found.map { likeness, other -> [HTML] in
            [
                HTML(text: other.number ?? "—"), HTML(text: other.name), HTML(text: other.total.yuanText),
                HTML(text: other.registrar), HTML(text: t(likeness.title)),
            ]
        }
        return Parts.card(
            t("相近的合同（全部登记机构）", "Contracts that look like it, at all registrars"),
            Parts.table(
                t("相近的合同", "Contracts that look like it"),
                [
                    .init(t("登记号", "Number")), .init(t("项目", "Project")),
                    .init(t("成交额（元）", "Total, RMB"), numeric: true),
                    .init(t("登记机构", "Registrar")), .init(t("相近之处", "How alike")),
                ], rows, empty: .empty))
    }
}

/// Leads from a financing need to the institutions that fit it.
struct FinancePanel: Sendable {
    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        guard actor.roles.contains(.officer), let entry = try RegisterStore.entries(of: file.id, tx).last else {
            return .empty
        }
        return
            "<p>\(Parts.button(t("查看匹配的金融机构", "See the institutions that fit"), to: "/desk/transfer/finance/\(entry.number)", .secondary))</p>"
    }
}
