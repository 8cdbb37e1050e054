import Kernel
import Ledger
import Portal
import Store

/// What the case page shows of a budget paper and of a year's end beside their answers.
enum BudgetPanel {
    /// What each account has now and after the paper, or the postings that were made.
    static let paper: CasePanel = { file, actor, t, _, tx in
        guard CallDesk.staff.allows(actor) else { return .empty }
        if file.step == "posted" { return try postings(file, t, tx) }
        let paper = try BudgetPaper.of(file.id, tx)
        let names = try names(tx)
        let rows = try paper.legs.filter { $0.account.kind != .source }.map { leg -> [HTML] in
            let now = try Balances.now(leg.account, tx)?.available ?? .zero
            return [
                HTML(text: t(name(of: leg.account, names))), HTML(text: now.yuanText),
                HTML(text: (leg.amount > .zero ? "+" : "") + leg.amount.yuanText),
                HTML(text: (now + leg.amount).yuanText),
            ]
        }
        return Parts.card(
            t("批准后的变化", "What approval would change"),
            Parts.table(
                t("变化", "Changes"),
                [
                    .init(t("科目", "Account")), .init(t("现可用（元）", "Free now (yuan)"), numeric: true),
                    .init(t("增减（元）", "Change (yuan)"), numeric: true),
                    .init(t("批准后可用（元）", "Free afterwards (yuan)"), numeric: true),
                ], rows, empty: "<p>\(t("还没有填写明细。", "No lines are filled in yet."))</p>"))
    }

    /// What would be carried over or lapse, or the postings that were made.
    static let yearEnd: CasePanel = { file, actor, t, _, tx in
        guard CallDesk.staff.allows(actor) else { return .empty }
        if file.step == "posted" { return try postings(file, t, tx) }
        let year = Int(try CaseStore.answers(file.id, tx).content["year"]?.integer ?? 0)
        let names = try names(tx)
        let open = try [AccountKind.budget, .appropriation].flatMap { kind in
            try Balances.list(year: year, kind: kind, limit: 200, tx)
        }
        let rows = open.filter { $0.available > .zero }.map { item -> [HTML] in
            [
                HTML(text: t(name(of: item.account, names))), HTML(text: item.available.yuanText),
                HTML(text: item.heldOut.yuanText),
            ]
        }
        return Parts.card(
            t("将结转或收回的余额", "What would be carried over or lapse"),
            Parts.table(
                t("余额", "What is left"),
                [
                    .init(t("科目", "Account")), .init(t("可用（元）", "Free (yuan)"), numeric: true),
                    .init(t("占用，保留原年度（元）", "Held, stays in its year (yuan)"), numeric: true),
                ], rows, empty: "<p>\(t("没有余额。", "Nothing is left."))</p>"))
    }

    private static func names(_ tx: Tx) throws -> [String: Bilingual] {
        Dictionary(
            try ProgrammeStore.all(tx).map { (LedgerAccount.code($0.code), $0.name) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func name(of account: LedgerAccount, _ names: [String: Bilingual]) -> Bilingual {
        if let code = account[.programme] { return names[code] ?? Bilingual(code, code) }
        let source = account[.source].flatMap(BudgetSource.init(rawValue:))?.name ?? Bilingual("", "")
        return Bilingual("\(source.zh)·未安排", "\(source.en), not given out")
    }

    private static func postings(_ file: CaseFile, _ t: Say, _ tx: Tx) throws -> HTML {
        let rows = try PostingStore.list(of: file.id, limit: 50, tx).flatMap { posting in
            posting.legs.map { leg -> [HTML] in
                [
                    "<a href=\"/ledger/postings/\(posting.id.text)\">\(posting.day.description)</a>",
                    "<a href=\"/ledger/accounts/\(leg.account.text)\">\(leg.account.text)</a>",
                    HTML(text: leg.amount.yuanText),
                ]
            }
        }
        return Parts.card(
            t("已记账", "Posted"),
            Parts.table(
                t("记账", "Postings"),
                [
                    .init(t("记账日", "Day")), .init(t("科目", "Account")),
                    .init(t("增减（元）", "Change (yuan)"), numeric: true),
                ], rows, empty: "<p>\(t("没有可动用的余额，没有记账。", "There was nothing to move."))</p>"))
    }
}
