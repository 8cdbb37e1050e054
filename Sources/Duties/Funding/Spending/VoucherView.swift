import Kernel
import Portal

/// How vouchers are listed.
enum VoucherView {
    static func columns(_ budget: ContractBudget, _ language: Language) -> [ExportColumn<Voucher>] {
        [
            ExportColumn(Bilingual("凭证号", "Number"), text: \.draft.number),
            ExportColumn(Bilingual("日期", "Date")) { .day($0.draft.day) },
            ExportColumn(Bilingual("费用科目", "Cost heading"), text: { budget.title($0.draft.heading)[language] }),
            ExportColumn(Bilingual("收款方", "Payee"), text: \.draft.payee),
            ExportColumn(Bilingual("收款方信用代码", "Payee's credit code"), text: \.draft.payeeCode),
            ExportColumn(Bilingual("金额（元）", "Amount (yuan)")) { .money($0.draft.amount) },
            ExportColumn(Bilingual("外币与汇率", "Foreign sum and rate"), text: { $0.draft.foreign?.text ?? "" }),
            ExportColumn(Bilingual("用途", "Purpose"), text: \.draft.purpose),
            ExportColumn(Bilingual("提示", "Warnings"), text: { $0.warnings.joined(separator: " ") }),
            ExportColumn(Bilingual("理由", "Reason"), text: \.draft.reason),
            ExportColumn(Bilingual("审核意见", "Remark"), text: \.remark),
            ExportColumn(Bilingual("状态", "State"), text: { $0.state.title[language] }),
            ExportColumn(Bilingual("过账", "Posting"), text: { $0.posting?.text ?? "" }),
        ]
    }

    /// Codes of warnings in words.
    static func warning(_ code: String) -> Bilingual {
        switch code {
        case "related": Bilingual("关联方", "Related party")
        case "split": Bilingual("疑似拆分", "Split")
        case "round": Bilingual("整数金额", "Round sum")
        case "fee-open": Bilingual("专家费信息不全", "Fee not described")
        default: Bilingual(code, code)
        }
    }

    static func table(
        _ vouchers: [Voucher], _ budget: ContractBudget, _ visit: Visit, _ more: (Voucher) -> HTML
    ) -> HTML {
        let t = visit.say
        let isStaff = CallDesk.staff.allows(visit.actor)
        let rows = vouchers.map { voucher -> [HTML] in
            let draft = voucher.draft
            let file: HTML =
                draft.file.map { "<a href=\"/documents/\($0.text)\">\(t("票据", "File"))</a>" } ?? "—"
            let warnings = HTML(each: voucher.warnings) { code in
                " \(Parts.badge(t(warning(code)), .warning))"
            }
            let posting: HTML =
                isStaff
                ? (voucher.posting.map {
                    "<br><a href=\"/ledger/postings/\($0.text)\">\(t("过账", "Posting"))</a>"
                } ?? .empty) : .empty
            return [
                HTML(text: draft.number), HTML(text: draft.day.description), HTML(text: t(budget.title(draft.heading))),
                "\(draft.payee)\(if: !draft.payeeCode.isEmpty, "<br><span class=\"hint\">\(draft.payeeCode)</span>")",
                "\(draft.amount.yuanText)\(with: draft.foreign, { "<br><span class=\"hint\">\($0.text)</span>" })",
                """
                \(draft.purpose)\(warnings)\(if: !draft.reason.isEmpty, "<br><span class=\"hint\">\(t("理由：", "Reason: "))\(draft.reason)</span>")\
                \(if: !voucher.remark.isEmpty, "<br>\(Parts.badge(t("审核意见", "Remark"), .bad)) \(voucher.remark)")
                """,
                file,
                "\(Parts.badge(t(voucher.state.title), tone(voucher.state)))\(posting)\(more(voucher))",
            ]
        }
        return Parts.table(
            t("支出凭证", "Vouchers"),
            [
                .init(t("凭证号", "Number")), .init(t("日期", "Date")), .init(t("科目", "Heading")),
                .init(t("收款方", "Payee")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                .init(t("用途", "Purpose")), .init(t("票据", "File")), .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("没有凭证。", "No vouchers."))</p>")
    }

    private static func tone(_ state: Voucher.State) -> Parts.Tone {
        switch state {
        case .entered: .info
        case .accepted: .good
        case .withdrawing: .warning
        case .withdrawn: .neutral
        }
    }
}
