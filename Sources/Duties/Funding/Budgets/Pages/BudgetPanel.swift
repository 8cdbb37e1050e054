import Kernel
import Ledger
import Portal
import Store

/// What the case page shows of a budget paper and of a year's end beside their answers.
enum BudgetPanel {
    /// What each account has now and after the paper, or the postings that were made; and the share of basic research
    /// as it was judged.
    static let paper: CasePanel = { file, actor, t, _, tx in
        guard CallDesk.staff.allows(actor) else { return .empty }
        let paper = try BudgetPaper.of(file.id, tx)
        let judged = try share(of: file, paper, t, tx)
        if file.step == "posted" { return try judged + postings(file, t, tx) }
        let names = try names(tx)
        let rows = try paper.legs.filter { $0.account.kind != .source }.map { leg -> [HTML] in
            let now = try Balances.now(leg.account, tx)?.available ?? .zero
            return [
                HTML(text: t(name(of: leg.account, names))), HTML(text: now.yuanText),
                HTML(text: (leg.amount > .zero ? "+" : "") + leg.amount.yuanText),
                HTML(text: (now + leg.amount).yuanText),
            ]
        }
        let changes = Parts.card(
            t("批准后的变化", "What approval would change"),
            Parts.table(
                t("变化", "Changes"),
                [
                    .init(t("科目", "Account")), .init(t("现可用（元）", "Free now (yuan)"), numeric: true),
                    .init(t("增减（元）", "Change (yuan)"), numeric: true),
                    .init(t("批准后可用（元）", "Free afterwards (yuan)"), numeric: true),
                ], rows, empty: "<p>\(t("还没有填写明细。", "No lines are filled in yet."))</p>"))
        return judged + changes
    }

    /// On which day and on what sums the share was judged: what was ruled stays as it is, while budgets change.
    private static func share(of file: CaseFile, _ paper: BudgetPaper, _ t: Say, _ tx: Tx) throws -> HTML {
        let rulings = try RulingStore.list(of: file.id, tx).map(\.ruling)
        guard let ruling = rulings.first(where: { $0.rule == BudgetShareRule.id }),
            let facts = try? BudgetShareFacts(json: ruling.facts), let total = facts.total, let basic = facts.basic
        else { return .empty }
        let day = ruling.day
        let now: SafeURL = "/desk/programmes?year=\(String(paper.year))"
        let words = t(
            "按 \(day.text(.chinese)) 报批时的预算加上本文件的增减判定，此后不再改变。",
            "Judged on \(day.text(.english)), when the paper was proposed, on the budgets of that day with its changes; it stays as it was ruled."
        )
        return Parts.card(
            t("基础研究占比的判定", "The ruling on basic research"),
            """
            <p><strong>\(t(ruling.words))</strong></p>\(Parts.facts([
                (t("各专项市级预算合计", "Municipal budgets of all programmes"), HTML(text: total.text(t.language))),
                (t("其中基础研究专项", "Of them for basic research"), HTML(text: basic.text(t.language))),
            ]))<p class="hint">\(words) \(t(CutShare.rounding)) <a href="\(now)">\(t("现在的预算", "Budgets now"))</a></p>
            """)
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
        let names = AccountNames(try ProgrammeStore.all(tx).map { ($0.code, $0.name) })
        let rows = try PostingStore.list(of: file.id, limit: 50, tx).flatMap { posting in
            posting.legs.map { leg -> [HTML] in
                [
                    "<a href=\"/ledger/postings/\(posting.id.text)\">\(posting.day.description)</a>",
                    "<a href=\"/ledger/accounts/\(leg.account.text)\">\(t(names.name(leg.account)))</a>",
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
