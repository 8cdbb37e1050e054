public import Kernel
public import Store

/// What lies behind conflicts by a protected fact, for Integrity, who rules on contests of them.
public enum ProtectedFacts {
    private struct Sides {
        let own: Set<String>
        let others: Set<String>
    }

    /// Identities of the cases behind each contest about a protected fact: four queries, whatever the length, and none
    /// without such a contest. Whoever is shown them may see those cases anyway; that is for the caller to ask.
    public static func sources(behind contests: [Contest], _ tx: Tx) throws -> [ID<Contest>: [ID<CaseFile>]] {
        let meant = contests.filter(\.isProtected)
        guard !meant.isEmpty else { return [:] }
        let experts = try ExpertStore.all(Array(Set(meant.map(\.expert))), tx)
        let aliases = try TieStore.aliases(of: Array(experts.keys), tx)
        var parties: [String: Set<String>] = [:]
        try tx.forEach(
            """
            SELECT item, party FROM review_party WHERE round IN \(list: Array(Set(meant.map(\.round))))
                AND item IN \(list: Array(Set(meant.map(\.item)))) AND role IN ('person', 'organisation')
            """
        ) { row in parties[try row["item"], default: []].insert(try row["party"]) }
        var sides: [ID<Contest>: Sides] = [:]
        for one in meant {
            guard let expert = experts[one.expert] else { continue }
            let people = Set([expert.person].compactMap(\.self)).union(aliases[one.expert] ?? [])
            sides[one.id] = Sides(
                own: Set(people.map(\.text)).union([expert.account.text]), others: parties[one.item] ?? [])
        }
        var (own, others): (Set<String>, Set<String>) = ([], [])
        for side in sides.values {
            own.formUnion(side.own)
            others.formUnion(side.others)
        }
        let found = try Dealings.sources(.protected, of: own.sorted(), with: others.sorted(), tx)
        return sides.mapValues { side -> [ID<CaseFile>] in
            let between = found.filter { side.own.contains($0.party) && side.others.contains($0.other) }
            return Set(between.map { $0.source }).sorted().map { ID($0) }
        }
    }
}
