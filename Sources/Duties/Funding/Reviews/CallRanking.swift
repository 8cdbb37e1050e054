import Kernel
import Review
import Store

/// The ranking of a call by the plain mean, and beside it what the calibrated scores say; see docs/scores.md.
struct CallRanking: Sendable {
    let call: Call
    let round: Round?
    let ranking: Ranking
    let scores: RoundScores
    let applications: [ApplicationID: Application]
    let notes: [PanelNote]

    /// Reads a ranking in a constant number of queries. Where no line is asked for, it is drawn where the budget of the
    /// call would end if awards went strictly by the mean and everybody got what was asked for.
    /// - Throws: ``CallError/unknown``.
    static func load(
        _ id: ID<Call>, line asked: Int?, _ cache: ScoreCache, _ db: Database
    ) async throws -> CallRanking {
        typealias Found = (Call, Round?, Ranking, [SheetScore], [ApplicationID: Application], [PanelNote])
        let read = try await db.read { tx -> Found in
            let call = try CallStore.require(id, tx)
            guard let round = try RoundStore.find(subject: id.text, tx) else {
                return (call, nil, Ranking([], disagreement: 0), [], [:], [])
            }
            let ranking = try RoundStore.ranking(round, disagreement: call.content.disagreementThousandths, tx)
            let items = ranking.ranked.map(\.item) + ranking.incomplete.map(\.item)
            return (
                call, round, ranking, try RoundStore.totals(round, tx), try ApplicationStore.all(items, tx),
                try RoundStore.notes(round.id, tx)
            )
        }
        let (call, round, ranking, sheets, applications, notes) = read
        let count = ranking.ranked.count
        let reached =
            asked
            ?? FundingLine(
                ranking.ranked, amounts: applications.mapValues(\.requested), budget: call.budget, floor: 0,
                method: .strict
            ).entries.count(where: \.isFunded)
        return CallRanking(
            call: call, round: round, ranking: ranking,
            scores: cache.scores(sheets, line: count == 0 ? nil : min(max(reached, 0), count)),
            applications: applications, notes: notes)
    }

    /// A row of the list and of its exports.
    struct Entry: Sendable {
        let ranked: RankedItem
        let score: ItemScore?
        let number: String
        let title: Bilingual
    }

    /// The ranked items after one of them.
    func entries(after item: ID<CaseFile>? = nil, limit: Int) -> [Entry] {
        let start = item.flatMap { item in ranking.ranked.firstIndex { $0.item == item }.map { $0 + 1 } } ?? 0
        return ranking.ranked.dropFirst(start).prefix(limit).map { one in
            Entry(
                ranked: one, score: scores[one.item], number: applications[one.item]?.number ?? "",
                title: applications[one.item]?.title ?? Bilingual("", ""))
        }
    }
}

/// One place of the ranking as programs read it: the members of the plain ranking, and the calibrated ones beside them.
struct RankedScore: Encodable {
    let ranked: RankedItem
    let score: ItemScore?

    private enum Key: CodingKey { case scores }

    func encode(to encoder: any Encoder) throws {
        try ranked.encode(to: encoder)
        var members = encoder.container(keyedBy: Key.self)
        try members.encodeIfPresent(score, forKey: .scores)
    }
}

/// The scores of a round as programs read them.
struct ShownScores: Encodable {
    let line: Int?
    let parts: Int
    let draws: Int
    let warnings: [ScoreCaution]
    let items: [ItemScore]

    init(_ scores: RoundScores) {
        line = scores.line
        parts = scores.parts
        draws = scores.draws
        warnings = scores.cautions
        items = scores.items
    }
}
