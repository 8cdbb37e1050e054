import Kernel
import Portal
import Review
import Store

/// The best combination beside the plain line: limits, proof, and what changes would cost. All by plain addresses.
struct LineDesk: Sendable {
    let funding: Funding

    private var house: House { funding.house }

    /// How many applications on each side of the line are tried the other way.
    private static let tried = 8

    /// One application as the page and the file show it.
    struct Row: Sendable {
        let item: RankedItem
        let application: Application?
        let amount: Money
        let isChosen: Bool
        let isPlain: Bool
        let verdict: PanelVerdict?
        /// What turning it would cost in thousandths; nil where it was not tried.
        var price: Price?
    }

    enum Price: Sendable { case points(Int64), impossible }

    func page(_ visit: Visit, _ get: (String) -> String?, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<Call> = try visit.id("id")
        let query = LineQuery(get)
        let city = house.city
        let reading = try await house.db.read { tx in try LineReading.read(id, city, isStrict: false, tx) }
        let (question, problems) = query.question(reading)
        let amounts = reading.amounts(share: query.share)
        let choice = LineChoice(reading.ranked, amounts: amounts, question)
        let rows = rows(reading, choice, amounts, query)
        if let file = try visit.export(Bilingual("立项线", "Funding line"), Self.columns(t), next: Self.pages(rows)) {
            return file
        }
        let base = "/desk/calls/\(id.text)/line"
        let body: HTML = """
            <h1>\(t(reading.call.title))</h1>\(CallDesk.tabs(reading.call, "line", visit))\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(form(base, query, reading, problems, t))\(summary(reading, choice, rows, t))\
            <p><a href="/desk/meetings/new?call=\(id.text)">\(t("为本批次筹备评审会议", "Plan a panel meeting for this call"))</a></p>\
            \(visit.exports)\(table(rows, query, base, t))\(study(choice, query, base, t))\
            \(proposal(visit, id, query, choice, t))
            """
        return Page(
            title: Bilingual("立项线", "Funding line"),
            trail: [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")], width: .desk, body: body
        ).answer(problem?.kind.status ?? (problems.isEmpty ? 200 : 422))
    }

    func propose(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        let query = LineQuery { form[$0] }
        do {
            let decision = try await funding.proposeBest(
                try visit.id("id"), query, reasons: form["reasons"] ?? "", by: visit.actor)
            return .redirect("/desk/decisions/\(decision.id)")
        } catch let problem as DecisionError {
            return try await page(visit, { form[$0] }, problem)
        } catch let problem as PlainProblem {
            return try await page(visit, { form[$0] }, problem)
        }
    }

    private func rows(
        _ reading: LineReading, _ choice: LineChoice, _ amounts: [ApplicationID: Money], _ query: LineQuery
    ) -> [Row] {
        let plain = FundingLine(
            reading.ranked, amounts: amounts, budget: choice.question.budget, floor: choice.question.floor,
            method: .strict)
        let funded = Set(plain.entries.filter(\.isFunded).map(\.item.item))
        var chosen: Set<ApplicationID> = []
        if case .chosen(let found) = choice.outcome { chosen = found.funded }
        var rows = reading.ranked.map { item in
            Row(
                item: item, application: reading.applications[item.item], amount: amounts[item.item] ?? .zero,
                isChosen: chosen.contains(item.item), isPlain: funded.contains(item.item),
                verdict: reading.verdicts[item.item])
        }
        guard query.isStudied, case .chosen(let found) = choice.outcome else { return rows }
        let inside = rows.indices.filter { rows[$0].isChosen }.suffix(Self.tried)
        let outside = rows.indices.filter { !rows[$0].isChosen && rows[$0].item.mean >= choice.question.floor }
        for place in Array(inside) + outside.prefix(Self.tried) {
            switch choice.turning(rows[place].item.item) {
            case .chosen(let other): rows[place].price = .points(found.score - other.score)
            case .impossible: rows[place].price = .impossible
            case .undecided, nil: break
            }
        }
        return rows
    }

    private static func pages(_ rows: [Row]) -> @Sendable (Row?, Int) async throws -> [Row] {
        { last, limit in
            let start = last.flatMap { last in rows.firstIndex { $0.item.item == last.item.item } }.map { $0 + 1 } ?? 0
            return Array(rows[start..<min(start + limit, rows.count)])
        }
    }

    private static func columns(_ t: Say) -> [ExportColumn<Row>] {
        [
            ExportColumn(Bilingual("名次", "Rank")) { .number(Int64($0.item.rank)) },
            ExportColumn(Bilingual("编号", "Number"), text: { $0.application?.number ?? "" }),
            ExportColumn(Bilingual("名称", "Title"), text: { row in row.application.map { t($0.title) } ?? "" }),
            ExportColumn(Bilingual("平均分", "Mean"), text: { ApplicationPanel.points($0.item.mean) }),
            ExportColumn(Bilingual("金额（元）", "Amount (yuan)")) { .money($0.amount) },
            ExportColumn(
                Bilingual("按名次", "By rank"), text: { $0.isPlain ? t("拟立项", "Fund") : t("不立项", "Do not fund") }),
            ExportColumn(
                Bilingual("组合优选", "Best combination"),
                text: { $0.isChosen ? t("拟立项", "Fund") : t("不立项", "Do not fund") }),
            ExportColumn(Bilingual("评审会议", "Panel meeting"), text: { row in row.verdict.map { words($0, t) } ?? "" }),
            ExportColumn(Bilingual("调换的代价", "Cost of turning it"), text: { $0.price.map { words($0, t) } ?? "" }),
        ]
    }

    private static func words(_ verdict: PanelVerdict, _ t: Say) -> String {
        verdict.isFavourable
            ? t("\(verdict.meeting) 赞成", "\(verdict.meeting): in favour")
            : t("\(verdict.meeting) 不赞成", "\(verdict.meeting): against")
    }

    private static func words(_ price: Price, _ t: Say) -> String {
        switch price {
        case .points(let lost): t("少 \(points(lost)) 分", "\(points(lost)) points less")
        case .impossible: t("不可行", "impossible")
        }
    }

    /// Thousandths of a point with two decimals.
    private static func points(_ thousandths: Int64) -> String {
        (thousandths < 0 ? "-" : "") + ApplicationPanel.points(Int(thousandths.magnitude))
    }
}

// MARK: Parts of the page

extension LineDesk {
    private func form(
        _ base: String, _ query: LineQuery, _ reading: LineReading, _ problems: [FieldProblem], _ t: Say
    ) -> HTML {
        let groups = reading.groups.map { ($0.key, t($0.title) + t.beside(String($0.members.count))) }
        let used = (1...LineQuery.most).last { !query["group\($0)"].isEmpty } ?? 0
        let limits = HTML(each: 1...min(LineQuery.most, used + 1)) { number in
            """
            <div class="filters" role="group" aria-label="\(t("均衡要求 \(number)", "Limit \(number)"))">\
            \(Fields.select(.init("group\(number)", t("均衡要求 \(number)：类别", "Limit \(number): group")), groups, value: query["group\(number)"], none: t("不设", "None"), t))\
            \(Fields.select(.init("bound\(number)", t("限制", "Bound")), [("least", t("不少于", "at least")), ("most", t("不多于", "at most"))], value: query["bound\(number)"], t))\
            \(Fields.select(.init("measure\(number)", t("按", "Of")), [("count", t("项数", "number")), ("money", t("金额", "money"))], value: query["measure\(number)"], t))\
            \(Fields.input(.init("size\(number)", t("数值或百分比", "Number or per cent")), value: query["size\(number)"], problem: Fields.problem("size\(number)", problems, t), isWide: false, t))</div>
            """
        }
        let aims = LineQuestion.Aim.allCases.map { ($0.rawValue, t($0.title)) }
        let main: HTML = """
            \(Fields.select(.init("method", t("方式", "Method")), FundingLine.Method.allCases.map { ($0.rawValue, t($0.title)) }, value: "best", t))\
            \(Fields.input(.init("floor", t("最低平均分", "Least mean")), value: String(query.floor), isWide: false, t))\
            \(Fields.input(.init("share", t("按申请金额的百分比", "Per cent of the amount asked")), value: String(query.share), isWide: false, t))\
            \(Fields.select(.init("aim", t("目标", "Aim")), aims, value: query.aim.rawValue, t))\
            \(Fields.input(.init("budget", t("假设预算（元）", "What-if budget (yuan)")), value: query["budget"], problem: Fields.problem("budget", problems, t), isWide: false, t))
            """
        let yes = [("yes", t("是", "Yes"))]
        let turned: HTML = """
            \(Fields.input(.init("in", t("强制入选的编号", "Numbers that must be in")), value: query["in"], problem: Fields.problem("in", problems, t), t))\
            \(Fields.input(.init("out", t("强制不选的编号", "Numbers that must be out")), value: query["out"], problem: Fields.problem("out", problems, t), t))\
            \(if: !reading.verdicts.isEmpty, Fields.select(.init("panel", t("按评审会议的表决", "Follow the votes of panel meetings")), yes, value: query["panel"], none: t("否", "No"), t))\
            \(Fields.select(.init("study", t("计算改变的代价", "Work out what changes cost")), yes, value: query["study"], none: t("否", "No"), t))
            """
        return """
            <form method="get" action="\(SafeURL(checking: base) ?? "#")" role="search"><div class="filters">\(main)</div>\(limits)\
            <div class="filters">\(turned)<button class="button secondary">\(t("试算", "Try"))</button></div></form>
            """
    }

    private func summary(_ reading: LineReading, _ choice: LineChoice, _ rows: [Row], _ t: Say) -> HTML {
        guard !rows.isEmpty else { return .empty }
        switch choice.outcome {
        case .undecided:
            return Parts.notice(.warning, t("没有算出结果，请减少限制。", "No result was found; set fewer limits."))
        case .impossible(let lines):
            let list = HTML(each: lines.dropFirst()) { "<li>\(t($0))</li>" }
            return Parts.notice(.bad, lines.first.map { t($0) } ?? "", "<ul>\(list)</ul>")
        case .chosen(let chosen):
            let plain = rows.filter(\.isPlain).reduce(Int64(0)) {
                $0 + Int64(choice.question.aim == .above ? max(0, $1.item.mean - choice.question.floor) : $1.item.mean)
            }
            let tied = Set(rows.filter(\.isChosen).map(\.item.rank)).intersection(
                rows.filter { !$0.isChosen }.map(\.item.rank))
            let proof =
                chosen.isProven
                ? t("已证明：没有总分更高的组合。", "Proved: no combination has a higher total.")
                : t(
                    "未证明：总分至多 \(Self.points(chosen.bound))。",
                    "Not proved: the total is at most \(Self.points(chosen.bound)).")
            let equal =
                chosen.alternatives > 0
                ? t(
                    "另有 \(chosen.alternatives) 个组合总分和金额相同；取名次靠前者。",
                    "\(counted(chosen.alternatives, "other combination has", "other combinations have")) the same total and cost; the better ranks were taken."
                ) : ""
            return """
                \(Parts.tiles([
                    (choice.question.budget.yuanText, t("预算（元）", "Budget (yuan)"), nil),
                    (chosen.cost.yuanText, t("拟立项金额（元）", "Proposed (yuan)"), nil),
                    ("\(chosen.funded.count) / \(rows.count)", t("拟立项数", "Proposed awards"), nil),
                    (Self.points(chosen.score), t("总分", "Total"), nil), (Self.points(plain), t("按名次的总分", "Total by rank"), nil),
                ]))<p>\(proof) \(equal)</p>\(if: !tied.isEmpty, Parts.notice(.warning, t("立项线切开了并列的项目，须说明取舍理由", "The line cuts between tied applications; reasons are needed")))
                """
        }
    }

    private func table(_ rows: [Row], _ query: LineQuery, _ base: String, _ t: Say) -> HTML {
        func badge(_ isFunded: Bool) -> HTML {
            isFunded ? Parts.badge(t("拟立项", "Fund"), .good) : Parts.badge(t("不立项", "Do not fund"))
        }
        let cells = rows.map { row -> [HTML] in
            let number = row.application?.number ?? ""
            let name = row.isChosen ? "out" : "in"
            let other = row.isChosen ? "in" : "out"
            let to = query.address(
                base,
                [
                    name: (query.numbers(name) + [number]).joined(separator: " "),
                    other: query.numbers(other).filter { $0 != number }.joined(separator: " "),
                ])
            let turn: HTML =
                "<a href=\"\(to)\" rel=\"nofollow\">\(row.isChosen ? t("若不选", "What if out") : t("若入选", "What if in"))</a>"
            return [
                HTML(text: String(row.item.rank)), "<a href=\"/cases/\(row.item.item.text)\">\(number)</a>",
                HTML(text: row.application.map { t($0.title) } ?? ""),
                HTML(text: ApplicationPanel.points(row.item.mean)), HTML(text: row.amount.yuanText),
                HTML(text: row.verdict.map { Self.words($0, t) } ?? "—"),
                badge(row.isPlain),
                badge(row.isChosen), HTML(text: row.price.map { Self.words($0, t) } ?? "") + " " + turn,
            ]
        }
        return Parts.table(
            t("立项线", "Funding line"),
            [
                .init(t("名次", "Rank")), .init(t("编号", "Number")), .init(t("名称", "Title")),
                .init(t("平均分", "Mean"), numeric: true), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                .init(t("评审会议", "Panel meeting")),
                .init(t("按名次", "By rank")), .init(t("组合优选", "Best combination")), .init(t("调换", "Turn it")),
            ], cells,
            empty:
                "<p>\(t("评审结束后，这里列出待决定的申请。", "Applications that wait for a decision are listed after the review is closed."))</p>"
        )
    }

    /// Other budgets, and what each limit costs.
    private func study(_ choice: LineChoice, _ query: LineQuery, _ base: String, _ t: Say) -> HTML {
        guard query.isStudied, case .chosen(let found) = choice.outcome else { return .empty }
        func row(_ what: HTML, _ outcome: LineChoice.Outcome) -> [HTML] {
            guard case .chosen(let other) = outcome else {
                return [what, "—", "—", HTML(text: t("不可行", "impossible"))]
            }
            let change = Self.points(other.score - found.score)
            return [
                what, HTML(text: String(other.funded.count)), HTML(text: other.cost.yuanText),
                HTML(text: other.score > found.score ? "+" + change : change),
            ]
        }
        let budgets = [80, 90, 95, 105, 110, 120].map { percent -> [HTML] in
            let budget = Money(fen: choice.question.budget.fen / 100 * Int64(percent))
            let to = query.address(base, ["budget": budget.yuanText])
            return row(
                "<a href=\"\(to)\" rel=\"nofollow\">\(t("预算的 \(percent)%：\(budget.yuanText) 元", "\(percent) % of the budget: RMB \(budget.yuanText)"))</a>",
                choice.under(budget))
        }
        let limits = zip(choice.question.balances, choice.withoutBalances()).map { balance, outcome in
            row(HTML(text: t("去掉：\(balance.text.zh)", "Without: \(balance.text.en)")), outcome)
        }
        return Parts.card(
            t("如果改变预算或限制", "If budget or limits change"),
            Parts.table(
                t("如果改变预算或限制", "If budget or limits change"),
                [
                    .init(t("改变", "Change")), .init(t("项数", "Number"), numeric: true),
                    .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                    .init(t("总分变化", "Change of the total"), numeric: true),
                ], budgets + limits, empty: "—"))
    }

    private func proposal(
        _ visit: Visit, _ id: ID<Call>, _ query: LineQuery, _ choice: LineChoice, _ t: Say
    ) -> HTML {
        guard Policy.may(visit.actor, .proposeAwards), case .chosen(let chosen) = choice.outcome, !chosen.funded.isEmpty
        else { return .empty }
        let hidden = query.fields.filter { !["method", "study"].contains($0.0) } + [("method", "best")]
        return Parts.card(
            t("提出立项建议", "Propose"),
            Fields.form(
                "/desk/calls/\(id.text)/decisions", token: visit.csrfToken,
                "\(Parts.hidden(hidden))\(Fields.textarea(.init("reasons", t("理由", "Reasons"), hint: t("请说明为何不按名次，而采用这一组合及其限制。", "Say why this combination and its limits, rather than the order of ranks.")), value: visit.form["reasons"] ?? "", rows: 3, t))",
                buttons: Fields.submit(
                    t("提交 \(chosen.funded.count) 项立项建议", "Propose \(counted(chosen.funded.count, "award"))"))))
    }
}

extension Page {
    fileprivate func answer(_ status: Int) -> Answer { .page(self, status: status) }
}
