import Kernel
import Store

/// Conflicts as the pool knows them now. The plan of a draw was free of conflicts when it was fixed; people change
/// employers and declare relations afterwards, so every later step asks again.
enum PoolConflicts {
    /// What the pool alone knows of experts; three queries, whatever their number.
    static func facts(_ ids: [ID<Expert>], _ tx: Tx) throws -> [ID<Expert>: ExpertFacts] {
        let relations = try ExpertStore.relations(of: ids, tx)
        let employments = try ExpertStore.employments(of: ids, tx)
        return try ExpertStore.all(ids, tx).mapValues { expert in
            ExpertFacts(
                expert: expert.id, person: expert.person, employers: [expert.organisation],
                employments: employments[expert.id], declared: relations[expert.id] ?? [])
        }
    }

    static func between(_ assignment: Assignment, _ round: Round, on day: Day, _ tx: Tx) throws -> [Conflict] {
        guard let item = try RoundStore.item(round.id, assignment.item, tx),
            let facts = try facts([assignment.expert], tx)[assignment.expert]
        else { throw ReviewError.unknown }
        return Conflicts.between(expert: facts, item: item, on: day, lookbackYears: round.lookbackYears)
    }

    /// - Throws: ``ReviewError/conflicted(_:)``.
    static func refuse(_ assignment: Assignment, _ round: Round, on day: Day, _ tx: Tx) throws {
        let found = try between(assignment, round, on: day, tx)
        guard found.isEmpty else { throw ReviewError.conflicted(found) }
    }
}
