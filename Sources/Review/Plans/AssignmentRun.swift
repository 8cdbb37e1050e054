import Judgement
import Kernel

extension AssignmentProtocol {
    /// Solves. The same plan and seed give the same result everywhere.
    /// - Throws: ``AssignmentError`` where the plan cannot be asked.
    public init(_ plan: AssignmentPlan, seed: String) throws {
        let commitment = try plan.commitment()
        let solution = try Solution(plan, commitment: commitment, seed: seed)
        rules = plan.rules
        self.plan = plan
        self.commitment = commitment
        self.seed = seed
        proof = solution.proof
        results = AssignmentProtocol.results(plan, solution.pairs)
        let found = solution.shortages
        shortages = AssignmentProtocol.list(AssignmentProtocol.ordered(found, plan), parts: solution.parts, plan)
        shortKinds = Set(
            found.filter { !AssignmentProtocol.isWish($0) }.map { AssignmentProtocol.kind(of: $0.kind, plan) })
    }

    /// The answer of the engine.
    private struct Solution {
        let pairs: [Pair]
        let proof: Proof
        let shortages: [Shortage]
        /// Of a seat, in which the random modes count.
        var parts: Int { max(1, Int(proof.parts ?? 1)) }

        init(_ plan: AssignmentPlan, commitment: String, seed: String) throws {
            let request = try plan.request()
            switch plan.options.mode {
            case .fair:
                let fair = try Assigner.fair(request)
                pairs = fair.assignment.pairs
                shortages = fair.assignment.shortages
                proof = Proof(
                    value: "\(fair.assignment.objective)", bound: "\(fair.totalBound)",
                    total: fair.assignment.objective, worst: fair.assignment.worst, bestTotal: fair.bestTotal,
                    worstBound: fair.worstBound, expected: nil, parts: nil,
                    isProved: fair.assignment.objective == fair.totalBound)
            case .random, .perturbed:
                let cap = try ProbabilityCap(plan.options.capPercent, of: 100)
                let marginals =
                    plan.options.mode == .random
                    ? try Assigner.marginals(request, cap: cap)
                    : try Assigner.perturbed(request, cap: cap, percent: plan.options.strengthPercent)
                let digest = Digest.sha256(Array("\(plan.rules):\(commitment):\(seed)".utf8))
                var chance = Chance(seed: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
                let drawn = try DependentRounding(marginals, of: request).draw(&chance)
                let (total, worst) = AssignmentProtocol.sums(drawn, request)
                pairs = drawn
                shortages = marginals.shortages
                proof = Proof(
                    value: "\(marginals.certificate.value)", bound: "\(marginals.certificate.bound)", total: total,
                    worst: worst, bestTotal: nil, worstBound: nil, expected: "\(marginals.expected)",
                    parts: Int64(marginals.parts), isProved: marginals.certificate.isOptimal)
            case .best, .draw:
                let best = try Assigner.best(request)
                pairs = best.pairs
                shortages = best.shortages
                proof = Proof(
                    value: "\(best.certificate.value)", bound: "\(best.certificate.bound)", total: best.objective,
                    worst: best.worst, bestTotal: nil, worstBound: nil, expected: nil, parts: nil,
                    isProved: best.certificate.isOptimal)
            }
        }
    }

    private static func sums(_ pairs: [Pair], _ request: AssignmentRequest) -> (total: Int64, worst: Int64) {
        var sums = [Int64](repeating: 0, count: request.candidates.applications)
        for pair in pairs { sums[pair.application] += request.candidates.score(pair) ?? 0 }
        return (sums.reduce(0, +), sums.min() ?? 0)
    }

    private static func results(_ plan: AssignmentPlan, _ pairs: [Pair]) -> [Result] {
        var chosen = plan.items.map { _ in [Int]() }
        var load = plan.experts.map { _ in 0 }
        for pair in pairs {
            chosen[pair.application].append(pair.expert)
            load[pair.expert] += 1
        }
        return plan.items.enumerated().map { place, item in
            let affinity = Dictionary(zip(item.experts, item.affinities), uniquingKeysWith: { first, _ in first })
            let drawn = chosen[place].sorted { (-(affinity[$0] ?? 0), $0) < (-(affinity[$1] ?? 0), $1) }
            let employers = Set(drawn.map { plan.experts[$0].employer }.filter { !$0.isEmpty })
            let rest = item.experts.filter { expert in
                let entrant = plan.experts[expert]
                return !drawn.contains(expert) && load[expert] < entrant.load
                    && !(plan.options.apart && employers.contains(entrant.employer))
            }.sorted { (-(affinity[$0] ?? 0), $0) < (-(affinity[$1] ?? 0), $1) }
            return Result(
                item: item.item, drawn: drawn.map { plan.experts[$0].expert },
                affinities: drawn.map { affinity[$0] ?? 0 },
                reserves: reserves(rest, at: place, plan).map { plan.experts[$0].expert },
                missing: max(0, plan.options.seats - drawn.count))
        }
    }

    /// The first of those who come next, and among them enough of each group of whom some are wanted: only one of them
    /// may take the place of the last of a group.
    private static func reserves(_ rest: [Int], at item: Int, _ plan: AssignmentPlan) -> [Int] {
        let most = 4 * plan.options.seats
        var chosen = Set(rest.prefix(most))
        for group in plan.groups ?? [] where group.items?.contains(item) ?? true {
            let least = plan.options.quotas[group.quota].least
            guard least > 0 else { continue }
            let members = Set(group.experts)
            chosen.formUnion(rest.filter { members.contains($0) }.prefix(most))
        }
        return rest.filter { chosen.contains($0) }
    }

    /// What a protocol calls a quota of the engine.
    private static func limit(_ name: String, _ plan: AssignmentPlan) -> String {
        if let line = plan.line(ofQuota: name) { return AssignmentProtocol.name(ofLine: line) }
        return name == "outside" ? "outside" : "employer"
    }

    private static func isWish(_ shortage: Shortage) -> Bool {
        if case .load = shortage.kind { true } else { false }
    }

    /// In the order in which they are told: what keeps a plan from being fixed before what does not, and the least
    /// loads, which are wished for only and may be many, last.
    private static func ordered(_ shortages: [Shortage], _ plan: AssignmentPlan) -> [Shortage] {
        func rank(_ shortage: Shortage) -> Int {
            switch shortage.kind {
            case .seats: 0
            case .quota(let name, _): plan.line(ofQuota: name) == nil ? 2 : 1
            case .load: 3
            }
        }
        return shortages.enumerated().map { (rank: rank($1), place: $0, shortage: $1) }
            .sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map { $0.shortage }
    }

    private static func list(_ shortages: [Shortage], parts: Int, _ plan: AssignmentPlan) -> [Short] {
        shortages.prefix(mostShortages).map { short($0, parts: parts, plan) }
    }

    /// What is short of a plan as earlier programs listed it, so that protocols that were published hold: quotas had
    /// no place before other limits; and by the first rules nothing was sorted, the random modes told parts of seats,
    /// and no limits.
    static func formerShortages(_ plan: AssignmentPlan) throws -> [[Short]] {
        let solution = try Solution(plan, commitment: "", seed: "")
        let found = solution.shortages
        var lists = [list(found.filter { !isWish($0) } + found.filter(isWish), parts: solution.parts, plan)]
        if plan.rules == AssignmentPlan.firstRules {
            lists.append(
                list(found, parts: 1, plan).map {
                    Short(kind: $0.kind, items: $0.items, missing: $0.missing, ways: $0.ways, limits: nil)
                })
        }
        return lists
    }

    private static func short(_ shortage: Shortage, parts: Int, _ plan: AssignmentPlan) -> Short {
        let ways = shortage.ways.prefix(5).map { way -> Way in
            var (expert, item): (ID<Expert>?, ID<CaseFile>?) = (nil, nil)
            switch way.limit {
            case .load(let place): expert = plan.experts[place].expert
            case .quota(_, let application): item = application.map { plan.items[$0].item }
            case .candidates(let application): item = plan.items[application].item
            }
            return Way(limit: kind(of: way.limit, plan), expert: expert, item: item, gain: way.gain)
        }
        let items: [ID<CaseFile>] =
            switch shortage.kind {
            case .seats(let applications): applications.prefix(20).map { plan.items[$0].item }
            case .load: []
            case .quota(_, let application): application.map { [plan.items[$0].item] } ?? []
            }
        return Short(
            kind: kind(of: shortage.kind, plan), items: items, missing: (shortage.missing + parts - 1) / parts,
            ways: ways, limits: Set(shortage.limits.map { kind(of: $0, plan) }).sorted())
    }

    private static func kind(of kind: Shortage.Kind, _ plan: AssignmentPlan) -> String {
        switch kind {
        case .seats: Short.seats
        case .load(let expert): "\(Short.leastLoad) \(plan.experts[expert].expert)"
        case .quota(let name, _): limit(name, plan)
        }
    }

    private static func kind(of limit: Shortage.Limit, _ plan: AssignmentPlan) -> String {
        switch limit {
        case .load: "load"
        case .quota(let name, _): AssignmentProtocol.limit(name, plan)
        case .candidates: "candidates"
        }
    }
}
