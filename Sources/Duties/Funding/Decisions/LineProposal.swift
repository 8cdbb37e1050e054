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
