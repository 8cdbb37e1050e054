public import Kernel
public import Review
import Store

extension Funding {
    /// Proposes awards by the funding line: one item for every application of the call that waits for a decision.
    /// - Parameters:
    ///   - floor: least mean in points, 0 to 100.
    ///   - share: per cent of the amount asked for, 1 to 100.
    /// - Throws: ``DecisionError``; ``ReviewError/unfinished(_:)`` before the review is closed.
    public func proposeLine(
        _ id: ID<Call>, method: FundingLine.Method, floor: Int, share: Int, reasons: String, by actor: Actor
    ) async throws -> Decision {
        guard (0...100).contains(floor), (1...100).contains(share) else { throw DecisionError.lineOutOfRange }
        if method == .best {
            let query = LineQuery { ["floor": "\(floor)", "share": "\(share)"][$0] }
            return try await proposeBest(id, query, reasons: reasons, by: actor)
        }
        let items = try await house.db.read { tx -> [DecisionItem] in
            let call = try CallStore.require(id, tx)
            guard let round = try RoundStore.find(subject: id.text, tx), round.state == .closed else {
                throw ReviewError.notDrawn
            }
            let ranking = try RoundStore.ranking(round, disagreement: call.content.disagreementThousandths, tx)
            let all = try ApplicationStore.all(ranking.ranked.map(\.item), tx)
            let left = try FundingBooks.left(of: call, tx)
            let line = FundingLine(
                ranking.ranked.filter { all[$0.item]?.step == "decision" },
                amounts: all.mapValues { DecisionDesk.amount($0.requested, share: share) }, budget: left,
                floor: floor * 1_000, method: method)
            return line.entries.map { Funding.item($0, floor: floor) }
        }
        return try await decisions.propose(
            DecisionDraft(call: id, method: method.rawValue, reasons: reasons, items: items), by: actor)
    }

    /// Proposes awards by the best combination that a query of the line page asks for.
    /// - Throws: ``DecisionError``; ``ReviewError``; a ``PlainProblem`` where the query cannot be read or met.
    func proposeBest(_ id: ID<Call>, _ query: LineQuery, reasons: String, by actor: Actor) async throws -> Decision {
        let city = house.city
        let reading = try await house.db.read { tx in try LineReading.read(id, city, isStrict: true, tx) }
        let (question, problems) = query.question(reading)
        guard problems.isEmpty else {
            throw PlainProblem(
                .invalid, "line.query", Bilingual("立项线的条件有误，请改正。", "The limits of the line cannot be read."),
                fields: problems)
        }
        let amounts = reading.amounts(share: query.share)
        guard case .chosen(let chosen) = LineChoice(reading.ranked, amounts: amounts, question).outcome else {
            throw PlainProblem(
                .conflict, "line.impossible",
                Bilingual("按这些条件没有可行的组合，请看页面上的说明。", "No combination meets these limits; the page says why."))
        }
        let items = reading.ranked.map { item -> DecisionItem in
            let isFunded = chosen.funded.contains(item.item)
            return DecisionItem(
                application: item.item, rank: item.rank, outcome: isFunded ? .award : .refuse,
                amount: isFunded ? amounts[item.item] ?? .zero : .zero, score: item.mean,
                reason: Funding.reason(item, isFunded: isFunded, query, reading.verdicts[item.item]))
        }
        return try await decisions.propose(
            DecisionDraft(call: id, method: FundingLine.Method.best.rawValue, reasons: reasons, items: items),
            by: actor)
    }

    private static func reason(
        _ item: RankedItem, isFunded: Bool, _ query: LineQuery, _ verdict: PanelVerdict?
    ) -> Bilingual {
        let mean = ApplicationPanel.points(item.mean)
        let panel =
            verdict.map {
                $0.isFavourable
                    ? Bilingual("（评审会议 \($0.meeting) 表决赞成）", " (panel meeting \($0.meeting) voted in favour)")
                    : Bilingual("（评审会议 \($0.meeting) 表决不赞成）", " (panel meeting \($0.meeting) voted against)")
            } ?? Bilingual("", "")
        if isFunded {
            return Bilingual(
                "平均分 \(mean)，第 \(item.rank) 名，入选预算内总分最高的组合\(panel.zh)",
                "Mean \(mean), rank \(item.rank), in the best combination within the budget\(panel.en)")
        }
        if item.mean < query.floor * 1_000 {
            return Bilingual(
                "平均分 \(mean)，低于 \(query.floor) 分\(panel.zh)", "Mean \(mean), below \(query.floor) points\(panel.en)")
        }
        return Bilingual(
            "平均分 \(mean)，第 \(item.rank) 名，未入选预算内总分最高的组合\(panel.zh)",
            "Mean \(mean), rank \(item.rank), not in the best combination within the budget\(panel.en)")
    }

    private static func item(_ entry: FundingLine.Entry, floor: Int) -> DecisionItem {
        let mean = ApplicationPanel.points(entry.item.mean)
        let reason: Bilingual =
            if entry.isFunded {
                Bilingual(
                    "平均分 \(mean)，第 \(entry.item.rank) 名，在预算之内",
                    "Mean \(mean), rank \(entry.item.rank), within the budget")
            } else if entry.item.mean < floor * 1_000 {
                Bilingual("平均分 \(mean)，低于 \(floor) 分", "Mean \(mean), below \(floor) points")
            } else {
                Bilingual(
                    "平均分 \(mean)，第 \(entry.item.rank) 名，超出本批预算",
                    "Mean \(mean), rank \(entry.item.rank), beyond the budget of the call")
            }
        return DecisionItem(
            application: entry.item.item, rank: entry.item.rank, outcome: entry.isFunded ? .award : .refuse,
            amount: entry.isFunded ? entry.amount : .zero, score: entry.item.mean, reason: reason)
    }
}
