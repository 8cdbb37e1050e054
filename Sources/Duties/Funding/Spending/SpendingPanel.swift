import Kernel
import Portal
import Store

/// What the case page shows of a report of spending.
struct SpendingPanel: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    var panel: CasePanel {
        { file, _, t, _, tx in
            let report = try SpendingReportStore.require(file.id, tx)
            let project = try ProjectStore.require(report.project, tx)
            let budget = try ContractBudget.current(project, tx)
            let live = try VoucherStore.list(report: file.id, tx).filter { $0.state != .withdrawn }
            let sums = Dictionary(grouping: live, by: \.draft.heading).mapValues { Money.sum($0.map(\.draft.amount)) }
            let rows = budget.headings.compactMap { heading -> [HTML]? in
                sums[heading.value].map { [HTML(text: t(heading.label)), HTML(text: $0.yuanText)] }
            }
            let warned = live.count { !$0.warnings.isEmpty }
            return """
                <p>\(Parts.button(t("查看和登记凭证", "See and enter vouchers"), to: "/spending/\(file.id.text)", .secondary)) \
                \(Parts.button(t("项目资金", "The project's money"), to: "/projects/\(project.number)/money", .secondary))</p>\
                \(Parts.card(t("支出汇总", "What was spent"), """
                    <p>\(t("报告期 \(report.from) 至 \(report.to)，凭证 \(live.count) 张，其中 \(warned) 张有提示并已说明理由。", "Period \(report.from) to \(report.to), \(counted(live.count, "voucher")), of which \(warned) have a warning with a reason."))</p>\
                    \(Parts.table(t("支出汇总", "What was spent"), [.init(t("科目", "Heading")), .init(t("金额（元）", "Amount (yuan)"), numeric: true)], rows, empty: "<p>\(t("还没有凭证。", "No vouchers yet."))</p>"))
                    """))
                """
        }
    }
}
