public import Kernel
public import Store

/// Who may be named to judge a case outside of a round: one rule for panels, ballots, sheets on enterprises and
/// meetings. Conflicts are looked for as far as the case itself tells: its applicant and organisation, the people and
/// organisations that its answers name, bars in force, and what the city's own records say of an expert and any of
/// them.
public enum PanelConflicts {
    /// Who of some experts may get no new work on a day, and why.
    /// - Parameter field: where the form named them.
    public static func obstacles(
        _ experts: [Expert], on day: Day, at field: String = "experts"
    ) -> [FieldProblem] {
        experts.compactMap { expert in
            expert.obstacle(on: day).map { why in
                PanelActions.problem(
                    "unavailable", "\(expert.name)：\(why.zh)，不能新安排评审",
                    "\(expert.name) \(why.en), and gets no new work", field: field)
            }
        }
    }

    /// Who of some experts is in conflict with a case, and why.
    /// - Parameter field: where the form named them.
    public static func problems(
        _ experts: [Expert], _ file: CaseFile, on day: Day, _ windows: ConflictWindows, at field: String = "experts",
        _ tx: Tx
    ) throws -> [FieldProblem] {
        let reasons = try reasons(experts, file, on: day, windows, tx)
        return experts.compactMap { expert in
            reasons[expert.account].map {
                PanelActions.problem(
                    "conflict", "\(expert.name)：\($0.text.zh)，须回避", "\(expert.name) \($0.text.en) and must withdraw",
                    field: field)
            }
        }
    }

    /// The first reason against each expert who has one, by account: a constant number of queries.
    public static func reasons(
        _ experts: [Expert], _ file: CaseFile, on day: Day, _ windows: ConflictWindows, _ tx: Tx
    ) throws -> [ID<Account>: Conflict] {
        let words = try words(of: CaseStore.answers(file.id, tx).content)
        let barred = Set(
            try Bars.inForce(people: experts.compactMap(\.person), for: .review, on: day, tx).compactMap(\.person))
        let named = Set(try Registry.organisations(codes: codes(among: words), tx).map(\.id))
        let recorded = try RecordedTies.of(
            experts, aliases: TieStore.aliases(of: experts.map(\.id), tx),
            leadingTo: try parties(file, tx).union(named.map(\.text)), tx)
        var found: [ID<Account>: Conflict] = [:]
        for expert in experts {
            if expert.account == file.applicant || words.contains(expert.name) {
                found[expert.account] = .isApplicant
            } else if expert.organisation == file.organisation || named.contains(expert.organisation) {
                found[expert.account] = .sameEmployer
            } else if expert.person.map(barred.contains) ?? false {
                found[expert.account] = .barred
            } else if let tie = (recorded[expert.id] ?? []).first(where: { $0.counts(on: day, windows) }) {
                found[expert.account] = tie.kind
            }
        }
        return found
    }

    /// Every conflict of an expert with whomever something is about, as a review of it would find them: employers,
    /// parents, declared and recorded relations, other identities, bars.
    public static func between(
        _ expert: ID<Expert>, _ item: ItemFacts, on day: Day, _ windows: ConflictWindows, _ tx: Tx
    ) throws -> [Conflict] {
        guard let facts = try PoolConflicts.facts([expert], on: day, tx)[expert] else { return [] }
        let parents = try Registry.ancestors(of: Array(item.allOrganisations), on: day, tx)
        return Conflicts.between(expert: facts, item: item.knowing(parents: parents), on: day, windows)
    }

    private static func parties(_ file: CaseFile, _ tx: Tx) throws -> Set<String> {
        let applicant = try file.applicant.map { try Dealings.party($0, tx) }
        return Set([file.organisation?.text, applicant].compactMap(\.self))
    }

    /// What among some texts may be a credit code, as the registry writes it.
    private static func codes(among words: Set<String>) -> [String] {
        Set(words.compactMap { (try? USCC(parsing: $0).text) ?? ($0.count == 18 ? $0 : nil) }).sorted()
    }

    /// Every text in the answers.
    private static func words(of value: JSONValue) -> Set<String> {
        switch value {
        case .string(let text): [text]
        case .array(let items): items.reduce(into: []) { $0.formUnion(words(of: $1)) }
        case .object(let members): members.values.reduce(into: []) { $0.formUnion(words(of: $1)) }
        default: []
        }
    }
}
