import Kernel
import Store

/// Conflicts as the pool knows them now. The plan of a draw was free of conflicts when it was fixed; people change
/// employers and declare relations afterwards, so every later step asks again.
enum PoolConflicts {
    /// What the pool, the registry and the city's records know of experts; eight queries, whatever their number.
    /// - Parameter day: on which their employers' parents, bars and the city's records are looked for; nil leaves those
    ///   out.
    static func facts(_ ids: [ID<Expert>], on day: Day?, _ tx: Tx) throws -> [ID<Expert>: ExpertFacts] {
        let relations = try ExpertStore.relations(of: ids, tx)
        let employments = try ExpertStore.employments(of: ids, tx)
        let experts = try ExpertStore.all(ids, tx)
        let ties = try TieStore.ties(of: ids, tx)
        let aliases = try TieStore.aliases(of: ids, tx)
        let parents = try day.map { try Registry.ancestors(of: experts.values.map(\.organisation), on: $0, tx) } ?? [:]
        let bars = try day.map { try Bars.inForce(for: .review, on: $0, tx) } ?? []
        let recorded = try day == nil ? [:] : RecordedTies.of(Array(experts.values), aliases: aliases, tx)
        return experts.mapValues { expert in
            var facts = ExpertFacts(
                expert: expert.id, person: expert.person, employers: [expert.organisation],
                employments: employments[expert.id], parents: parents[expert.organisation],
                declared: relations[expert.id] ?? []
            ).barred(bars.contain(expert))
            facts.ties = ties[expert.id] ?? []
            facts.recorded = recorded[expert.id] ?? []
            facts.aliases = aliases[expert.id] ?? []
            return facts
        }
    }

    /// An item with the parents that its organisations have on a day, beside those that they had before.
    static func item(_ round: ID<Round>, _ item: ID<CaseFile>, on day: Day, _ tx: Tx) throws -> ItemFacts? {
        guard let kept = try RoundStore.item(round, item, tx) else { return nil }
        let parents = try Registry.ancestors(of: Array(kept.allOrganisations), on: day, tx)
        return kept.knowing(parents: parents)
    }

    static func between(_ assignment: Assignment, _ round: Round, on day: Day, _ tx: Tx) throws -> [Conflict] {
        guard let item = try item(round.id, assignment.item, on: day, tx),
            let facts = try facts([assignment.expert], on: day, tx)[assignment.expert]
        else { throw ReviewError.unknown }
        return try without(
            lifted: Conflicts.between(expert: facts, item: item, on: day, round.windows), facts, item, round, on: day,
            tx)
    }

    /// What is left of conflicts when those that a ruling lifted are taken away.
    static func without(
        lifted found: [Conflict], _ facts: ExpertFacts, _ item: ItemFacts, _ round: Round, on day: Day, _ tx: Tx
    ) throws -> [Conflict] {
        guard !found.isEmpty else { return [] }
        let lifted = try ConflictStore.lifted(round.id, facts.expert, item.item, tx)
        guard !lifted.isEmpty else { return found }
        let left = Set(
            ConflictEngine([item], on: day, round.windows).findings(of: facts).filter { !lifted.contains($0.key) }
                .map(\.kind))
        return found.filter(left.contains)
    }

    /// - Throws: ``ReviewError/conflicted(_:)``.
    static func refuse(_ assignment: Assignment, _ round: Round, on day: Day, _ tx: Tx) throws {
        let found = try between(assignment, round, on: day, tx)
        guard found.isEmpty else { throw ReviewError.conflicted(found) }
    }
}

extension [Bar] {
    /// Whether one of the bars is against the expert or the employer.
    func contain(_ expert: Expert) -> Bool {
        contains { bar in
            (bar.person != nil && bar.person == expert.person) || bar.organisation == expert.organisation
        }
    }
}
