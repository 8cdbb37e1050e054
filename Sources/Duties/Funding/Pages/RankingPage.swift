import Kernel
import Portal
import Review
import Store

/// The ranking of a call: the plain mean, and beside it what is left when the experts' habits are taken off.
struct RankingPage: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let size = 100

    var routes: [Route] {
        [
            Route(
                "desk.ranking", .get, "/desk/calls/{id}/ranking", access: CallDesk.staff,
                summary: Bilingual("评审排序", "Ranking"), handler: show),
            Route(
                "desk.review.note", .post, "/desk/calls/{id}/review/notes", access: .roles([.officer]),
                summary: Bilingual("记录会议意见", "Note of the panel"), handler: note),
        ]
    }

    private func note(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        do {
            try await funding.review.note(
                visit.form["note"] ?? "", on: ID(visit.form["item"] ?? ""), in: id, by: visit.actor)
        } catch let problem as PlainProblem {
            return try await page(visit, problem)
        }
        return .redirect("/desk/calls/\(id)/ranking?after=\(visit.form["after"] ?? "")")
    }

    /// The line that a visitor asks for.
    /// - Throws: ``PlainProblem`` with the field `line`.
    static func line(_ visit: Visit) throws -> Int? {
        guard let text = visit.query("line"), !text.isEmpty else { return nil }
        guard let line = Int(text), (0...1_000_000).contains(line) else {
            let message = Bilingual("立项数应为整数", "The number of awards is a whole number")
            throw PlainProblem(
                .invalid, "ranking.line", message,
                fields: [FieldProblem(field: "line", code: "ranking.line", message: message)])
        }
        return line
    }

    /// Thousandths of a point as people read them, with its sign.
    static func points(_ thousandths: Int) -> String {
        thousandths < 0 ? "−\(ApplicationPanel.points(-thousandths))" : ApplicationPanel.points(thousandths)
    }

    /// A probability in thousandths as people read it.
    static func chance(_ thousandths: Int) -> String {
        switch thousandths {
        case ..<10: "< 1 %"
        case 991...: "> 99 %"
        default: "\((thousandths + 5) / 10) %"
        }
    }

    private static let columns: [ExportColumn<CallRanking.Entry>] = [
        ExportColumn(Bilingual("名次", "Rank")) { .number(Int64($0.ranked.rank)) },
        ExportColumn(Bilingual("编号", "Number"), text: \.number),
        ExportColumn(Bilingual("名称（中文）", "Title in Chinese"), text: \.title.zh),
        ExportColumn(Bilingual("名称（英文）", "Title in English"), text: \.title.en),
        ExportColumn(Bilingual("评审份数", "Sheets")) { .number(Int64($0.ranked.count)) },
        ExportColumn(Bilingual("平均分", "Mean"), text: { points($0.ranked.mean) }),
        ExportColumn(Bilingual("最低", "Lowest"), text: { points($0.ranked.lowest) }),
        ExportColumn(Bilingual("最高", "Highest"), text: { points($0.ranked.highest) }),
        ExportColumn(Bilingual("标准差", "Standard deviation"), text: { $0.score?.deviation.map(points) ?? "" }),
        ExportColumn(
            Bilingual("扣除宽严后的分歧", "Disagreement beyond habits"), text: { $0.score?.disagreement.map(points) ?? "" }),
        ExportColumn(Bilingual("校准分", "Calibrated"), text: { ($0.score?.calibrated).map(points) ?? "" }),
        ExportColumn(Bilingual("校准分下限", "Calibrated, low"), text: { ($0.score?.low).map(points) ?? "" }),
        ExportColumn(Bilingual("校准分上限", "Calibrated, high"), text: { ($0.score?.high).map(points) ?? "" }),
        ExportColumn(Bilingual("校准名次", "Calibrated rank")) { $0.score.map { .number(Int64($0.rank)) } ?? .none },
        ExportColumn(Bilingual("名次下限", "Rank, best")) { $0.score.map { .number(Int64($0.rankLow)) } ?? .none },
        ExportColumn(Bilingual("名次上限", "Rank, worst")) { $0.score.map { .number(Int64($0.rankHigh)) } ?? .none },
        ExportColumn(Bilingual("在线上的概率（‰）", "Chance above the line (‰)")) {
            ($0.score?.chance).map { .number(Int64($0)) } ?? .none
        },
        ExportColumn(Bilingual("不可区分组", "Group")) { $0.score.map { .number(Int64($0.group)) } ?? .none },
        ExportColumn(Bilingual("相连部分", "Part")) { $0.score.map { .number(Int64($0.part)) } ?? .none },
    ]

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: PlainProblem?) async throws -> Answer {
        let t = visit.say
        let id: ID<Call> = try visit.id("id")
        let asked = try RankingPage.line(visit)
        let found = try await CallRanking.load(id, line: asked, funding.review.scores, house.db)
        let file = try visit.export(Bilingual("评审排序", "Ranking"), RankingPage.columns) { last, limit in
            found.entries(after: last?.ranked.item, limit: limit)
        }
        if let file { return file }
        let after: ID<CaseFile>? = Self.after(visit).map { ID($0) }
        let entries = found.entries(after: after, limit: RankingPage.size + 1)
        let base = "/desk/calls/\(id.text)/ranking"
        let kept = asked.map { "line=\($0)&" } ?? ""
        let next =
            entries.count > RankingPage.size
            ? entries.prefix(RankingPage.size).last.flatMap {
                SafeURL(checking: "\(base)?\(kept)after=\($0.ranked.item.text)")
            } : nil
        let rows = entries.prefix(RankingPage.size).map { row($0, found, visit) }
        let incomplete = found.ranking.incomplete.count
        let body: HTML = """
            <h1>\(t(found.call.title))</h1>\(CallDesk.tabs(found.call, "ranking", visit))\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(if: incomplete > 0, Parts.notice(.warning, t("还有 \(incomplete) 项评审意见不足，未列入排序", "\(counted(incomplete, "application lacks opinions and is", "applications lack opinions and are")) not ranked")))\
            \(cautions(found, t))\(if: !entries.isEmpty, filter(base, found, t))\(if: !entries.isEmpty, visit.exports)\
            \(Parts.table(t("评审排序", "Ranking"), columns(found, t), Array(rows), empty: "<p>\(t("评审提交后这里显示排序。", "The ranking appears when sheets are submitted."))</p>"))\
            \(Parts.pager(next: next, first: after == nil ? nil : SafeURL(checking: base), t))
            """
        return .page(
            Page(
                title: Bilingual("评审排序", "Ranking"),
                trail: [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    /// After which application the page begins, whether it is asked for or a note was written on it.
    private static func after(_ visit: Visit) -> String? {
        (visit.form["after"] ?? visit.query("after")).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func cautions(_ found: CallRanking, _ t: Say) -> HTML {
        guard !found.scores.items.isEmpty else { return .empty }
        let unconnected = found.scores.cautions.filter { $0.code == "scores.unconnected" }
        let others = found.scores.cautions.filter { $0.code != "scores.unconnected" }
        let list: HTML =
            others.isEmpty ? .empty : "<ul>\(each: others, { "<li>\(t($0.message))</li>" })</ul>"
        let text: HTML = """
            <p>\(t("名次按平均分。校准分扣除了各位专家打分宽严的习惯，只供会议参考；区间和概率来自 \(found.scores.draws) 次可重复的模拟，置信度 90%。专家没有宽严差别时，它并不比平均分更准；它不知道谁只对某个领域宽，也不知道谁把分数拉得更开。", "Ranks follow the mean. The calibrated score takes off how kind or strict each expert is and only informs the panel; intervals and chances come from \(found.scores.draws) draws that can be repeated, at 90 %. Where experts do not differ it is no better than the mean; it does not know who is kind to one field only, or who spreads marks more."))</p>\
            <p>\(t("平均分下面是最低 – 最高、分差和扣除宽严后的分歧；校准分旁边是它的区间，下面是按它的名次和名次的区间；同一不可区分组的申请，评分分不出先后。", "Under the mean stand lowest – highest, spread, and what experts disagree about beyond their habits; beside the calibrated score its interval, under it the rank by it with its own. Applications of one group cannot be separated by their scores."))</p>\(list)
            """
        return HTML(each: unconnected) { Parts.notice(.warning, t($0.message)) }
            + Parts.card(t("平均分与校准分", "The mean and the calibrated score"), text)
    }

    private func filter(_ base: String, _ found: CallRanking, _ t: Say) -> HTML {
        Fields.filters(
            SafeURL(checking: base) ?? "#",
            Fields.input(
                .init(
                    "line", t("立项数", "Awards"),
                    hint: t(
                        "默认：按平均分和申请金额，本批预算能立项的数目。",
                        "By default as many as the budget reaches, by the mean and the amounts asked for.")),
                value: found.scores.line.map(String.init) ?? "", isWide: false, t), t)
    }

    private func columns(_ found: CallRanking, _ t: Say) -> [Parts.Column] {
        let line = found.scores.line ?? 0
        return [
            .init(t("名次", "Rank")), .init(t("申请", "Application")), .init(t("平均分", "Mean")),
            .init(t("校准分", "Calibrated")), .init(t("前 \(line) 名概率", "Best \(line)")),
            .init(t("不可区分组", "Group")), .init(t("总体意见", "Verdicts")), .init(t("会议意见", "Panel")),
        ]
    }

    private func row(_ entry: CallRanking.Entry, _ found: CallRanking, _ visit: Visit) -> [HTML] {
        let t = visit.say
        let (item, score) = (entry.ranked, entry.score)
        let own = found.notes.filter { $0.item == item.item }
        let typed = visit.form["item"] == item.item.text ? visit.form["note"] ?? "" : ""
        let flags: HTML = """
            \(if: item.isTied, Parts.badge(t("并列", "Tied"), .info))\(if: item.isDisputed, Parts.badge(t("分歧大", "Disputed"), .warning))
            """
        let add: HTML =
            Policy.may(visit.actor, .runReviews)
            ? Fields.form(
                "/desk/calls/\(found.call.id.text)/review/notes", token: visit.csrfToken,
                """
                \(Parts.hidden([("item", item.item.text), ("after", Self.after(visit) ?? "")]))\
                <input name="note" aria-label="\(t("会议意见", "Panel's note")) \(entry.number)" value="\(typed)">
                """,
                buttons: Fields.submit(t("记录", "Note"), .secondary)) : .empty
        let group = score.map { score in
            found.scores.parts > 1 ? "\(score.group) · \(t("部分", "part")) \(score.part)" : String(score.group)
        }
        let verdicts = found.call.content.sheet.verdicts
        return [
            "\(item.rank) \(flags)",
            "<a href=\"/cases/\(item.item.text)\">\(entry.number)</a><br>\(t(entry.title))",
            mean(item, score, t), calibrated(score, t),
            HTML(text: score?.chance.map(RankingPage.chance) ?? "—"), HTML(text: group ?? "—"),
            HTML(
                text: verdicts.map { "\(t($0.label)) \(item.verdicts[$0.value] ?? 0)" }.joined(separator: t("，", ", "))),
            "\(HTML(each: own) { "<p>\($0.note) <span class=\"hint\">\($0.authorName)</span></p>" })\(add)",
        ]
    }

    private func mean(_ item: RankedItem, _ score: ItemScore?, _ t: Say) -> HTML {
        let disagreement = score?.disagreement.map(RankingPage.points) ?? "—"
        return """
            \(ApplicationPanel.points(item.mean))<br><span class="hint">\(ApplicationPanel.points(item.lowest)) – \(ApplicationPanel.points(item.highest))\
            <br>\(t("分差", "spread")) \(ApplicationPanel.points(item.spread)) · \(t("分歧", "disagreement")) \(disagreement)</span>
            """
    }

    private func calibrated(_ score: ItemScore?, _ t: Say) -> HTML {
        guard let score else { return "—" }
        return """
            \(RankingPage.points(score.calibrated)) <span class="hint">\(RankingPage.points(score.low)) – \(RankingPage.points(score.high))</span>\
            <br>\(t("第 \(score.rank) 名", "rank \(score.rank)")) <span class="hint">\(score.rankLow) – \(score.rankHigh)</span>
            """
    }
}
