import Judgement
import Kernel

/// Chooses the candidates that a plan keeps of each application: the best by affinity, beside them the best of each
/// group of whom some are wanted, and whoever must judge it.
struct CandidateChoice {
    struct Candidate {
        /// Place of the expert in the plan.
        let expert: Int
        let millionths: Int
    }

    /// A group of whom some are wanted.
    private struct Wanted {
        let members: Set<Int>
        /// Places of the applications that want them; nil for all.
        let items: Set<Int>?
    }

    private let options: AssignmentOptions
    private let places: [ID<Expert>: Int]
    /// Who may judge by discipline, by group of ``Eligibility``.
    private let members: [Set<Int>]
    private let forced: [ID<CaseFile>: Set<Int>]
    private let forbidden: [ID<CaseFile>: Set<Int>]
    private let wanted: [Wanted]

    init(
        _ options: AssignmentOptions, _ eligible: Eligibility, _ experts: [AssignmentPlan.Entrant],
        _ groups: [AssignmentPlan.Group]
    ) {
        let places = Dictionary(
            experts.enumerated().map { ($1.expert, $0) }, uniquingKeysWith: { first, _ in first })
        func chosen(_ isForced: Bool) -> [ID<CaseFile>: Set<Int>] {
            var chosen: [ID<CaseFile>: Set<Int>] = [:]
            for pair in options.pairs where pair.isForced == isForced {
                if let place = places[pair.expert] { chosen[pair.item, default: []].insert(place) }
            }
            return chosen
        }
        self.options = options
        self.places = places
        members = eligible.groups.map { Set($0.compactMap { places[$0] }) }
        forced = chosen(true)
        forbidden = chosen(false)
        wanted = groups.filter { options.quotas[$0.quota].least > 0 }.map { group in
            Wanted(members: Set(group.experts), items: group.items.map { Set($0) })
        }
    }

    /// The candidates of an application by place of the expert.
    /// - Parameters:
    ///   - place: of the application in the plan.
    ///   - found: experts who share a term with it, best first.
    func candidates(of one: Eligibility.Item, at place: Int, _ found: [AffinityCandidate]) -> [Candidate] {
        let floor = options.leastAffinity * 1_000
        let (able, most) = (members[one.group], AssignmentPlan.candidatesOfGroup)
        let except = Set(one.except.compactMap { places[$0] }).union(forbidden[one.item] ?? [])
        let groups = wanted.filter { $0.items?.contains(place) ?? true }.map(\.members)
        let fitting = found.lazy.filter {
            $0.millionths >= floor && able.contains($0.expert) && !except.contains($0.expert)
        }.map { Candidate(expert: $0.expert, millionths: $0.millionths) }
        var chosen = Array(fitting.prefix(AssignmentPlan.candidates))
        let short = AssignmentPlan.candidates - chosen.count
        var known = Set(chosen.map(\.expert))
        func add(_ more: [Candidate]) {
            for one in more where known.insert(one.expert).inserted { chosen.append(one) }
        }
        for group in groups { add(Array(fitting.filter { group.contains($0.expert) }.prefix(most))) }
        if floor == 0, short > 0 || !groups.isEmpty {
            // Who shares no term may still judge, at nothing; spread by place so that not all take the same few.
            let rest = able.subtracting(Set(found.map(\.expert)).union(except)).sorted()
            let start = rest.isEmpty ? 0 : place % rest.count
            let turned = (rest[start...] + rest[..<start]).map { Candidate(expert: $0, millionths: 0) }
            add(Array(turned.prefix(short)))
            for group in groups {
                let held = known.count { group.contains($0) }
                add(Array(turned.filter { group.contains($0.expert) }.prefix(max(0, most - held))))
            }
        }
        let must = (forced[one.item] ?? []).subtracting(except)
        if !must.isEmpty {
            let affinity = Dictionary(
                found.map { ($0.expert, $0.millionths) }, uniquingKeysWith: { first, _ in first })
            add(must.sorted().map { Candidate(expert: $0, millionths: affinity[$0] ?? 0) })
        }
        return chosen.sorted { $0.expert < $1.expert }
    }
}
