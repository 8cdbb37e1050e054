import Kernel
import Store

/// What the pool says of an expert in a round beside what is kept, where the two differ.
struct ConflictChange {
    let expert: ID<Expert>
    let new: [ConflictFinding]
    let ended: [KeptConflict]
}

extension ConflictStore {
    /// Most names that are sent with one statement.
    private static let most = 10_000

    /// What the pool now says of experts in a round, beside what is kept, of those of whom the two differ: two queries,
    /// whatever their number, and one more for each ten thousand people and places to which they are tied.
    static func changes(
        _ experts: [ExpertFacts], _ round: Round, on day: Day, _ tx: Tx
    ) throws -> [ConflictChange] {
        var parties: [ConflictEngine.Party] = []
        for names in nameBlocks(experts, on: day) { parties += try Self.parties(of: round.id, among: names, tx) }
        let engine = ConflictEngine(parties, on: day, round.windows)
        let kept = Dictionary(
            grouping: try tx.rows(
                """
                SELECT * FROM review_conflict WHERE round = \(round.id) AND expert IN \(list: experts.map(\.expert))
                """, KeptConflict.init(row:)), by: \.finding.expert)
        return experts.compactMap { expert in
            let found = engine.findings(of: expert)
            let before = kept[expert.expert] ?? []
            let known = Set(before.filter { $0.state != .ended }.map(\.finding.key))
            let now = Set(found.map(\.key))
            // What the owner of the round said, and what was declared, does not end because the pool does not repeat
            // it.
            let ended = before.filter { one in
                one.state == .stands && !now.contains(one.finding.key)
                    && [.registry, .pool, .bars, .books, .protected].contains(one.finding.source)
            }
            let new = found.filter { !known.contains($0.key) }
            guard !new.isEmpty || !ended.isEmpty else { return nil }
            return ConflictChange(expert: expert.expert, new: new, ended: ended)
        }
    }

    /// The rounds among some in which a change of experts may tell: in which somebody takes part to whom one of them is
    /// tied, or a conflict of theirs stands. Who is barred is so in every round.
    static func touched(
        _ rounds: [Round], by experts: [ExpertFacts], on day: Day, _ tx: Tx
    ) throws -> [Round] {
        guard !rounds.isEmpty, !experts.contains(where: \.isBarred) else { return rounds }
        let ids = rounds.map(\.id)
        var found = Set(
            try tx.rows(
                """
                SELECT DISTINCT round FROM review_conflict WHERE round IN \(list: ids)
                    AND expert IN \(list: experts.map(\.expert)) AND state = 'stands'
                """
            ) { try $0["round"] as ID<Round> })
        for names in nameBlocks(experts, on: day) {
            try tx.forEach(
                """
                SELECT DISTINCT round FROM review_party WHERE round IN \(list: ids) AND party IN \(list: names)
                """
            ) { row in found.insert(try row["round"]) }
        }
        return rounds.filter { found.contains($0.id) }
    }

    /// Everybody and every place to which experts may be tied, in blocks that a statement can take.
    private static func nameBlocks(_ experts: [ExpertFacts], on day: Day) -> [[String]] {
        Set(experts.flatMap { $0.names(on: day) }).sorted().blocks(of: most)
    }
}

extension PoolConflicts {
    /// What stands between experts and what they have in hand, of those with whom anything does; a constant number of
    /// queries, and one more for each pair that is found.
    /// - Parameter rounds: those under way; what is in hand of another is passed over.
    static func between(
        _ open: [Assignment], _ facts: [ID<Expert>: ExpertFacts], in rounds: [Round], on day: Day, _ tx: Tx
    ) throws -> [(assignment: Assignment, found: [Conflict])] {
        guard !open.isEmpty else { return [] }
        let byID = Dictionary(rounds.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var items: [ItemKey: ItemFacts] = [:]
        try tx.forEach(
            """
            SELECT round, facts FROM review_item WHERE round IN \(list: Array(Set(open.map(\.round))))
                AND item IN \(list: Array(Set(open.map(\.item))))
            """
        ) { row in
            let kept: ItemFacts = try (row["facts"] as JSONValue).decode()
            items[ItemKey(round: try row["round"], item: kept.item)] = kept
        }
        let places = Set(items.values.flatMap(\.allOrganisations)).sorted { $0.text < $1.text }
        let parents = try Registry.ancestors(of: places, on: day, tx)
        return try open.compactMap { assignment -> (assignment: Assignment, found: [Conflict])? in
            guard let round = byID[assignment.round], let known = facts[assignment.expert] else { return nil }
            guard let kept = items[ItemKey(round: assignment.round, item: assignment.item)] else {
                throw ReviewError.unknown
            }
            let item = kept.knowing(parents: parents)
            let found = try without(
                lifted: Conflicts.between(expert: known, item: item, on: day, round.windows), known, item, round,
                on: day, tx)
            guard !found.isEmpty else { return nil }
            return (assignment: assignment, found: found)
        }
    }

    private struct ItemKey: Hashable {
        let round: ID<Round>
        let item: ID<CaseFile>
    }
}
