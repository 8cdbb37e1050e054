import Judgement
public import Kernel
import Store

/// A round whose plan is fixed and only has to be kept.
struct ReadyRound: Sendable {
    let subject: String
    let sheet: ScoringSheet
    let mode: AssignmentMode
    let wanted: Int
    let load: Int
    let dueOn: Day
    let commitment: String
    let plan: JSONValue
    let items: [ItemFacts]
    let conflicts: [ConflictFinding]
    let lookbackYears: Int?
    let windows: ConflictWindows
    /// Whether no two of one employer judge an item.
    var keepsApart = false
    /// The group of whom each item has at least one; empty where none is wanted.
    var outside: [ID<Expert>] = []
    var quotas: [KeptQuota] = []
    /// Why pairs were chosen beforehand.
    var reasons: [PairReason] = []
}

/// Who was chosen for one item, and who comes next.
struct Drawn: Sendable {
    let item: ID<CaseFile>
    let experts: [ID<Expert>]
    let reserves: [ID<Expert>]
}

/// What an application or an expert is about, in words of the house.
public struct Subject: Hashable, Sendable {
    public var disciplines: [String]
    public var keywords: [String]
    public var texts: [String]

    public init(disciplines: [String] = [], keywords: [String] = [], texts: [String] = []) {
        self.disciplines = disciplines.filter { !$0.isEmpty }
        self.keywords = keywords.filter { !$0.isEmpty }
        self.texts = texts.filter { !$0.isEmpty }
    }

    var profile: AffinityProfile { AffinityProfile(disciplines: disciplines, keywords: keywords, texts: texts) }
}

/// An assignment by affinity that is not fixed yet: what would come out, with its proof.
public struct AssignmentProposal: Sendable {
    public let outcome: AssignmentProtocol
    let items: [ItemFacts]
    let conflicts: [ConflictFinding]
    let windows: ConflictWindows
    let lookbackYears: Int?
}

/// One pair of a plan with what joins the two.
public struct ExplainedPair: Hashable, Sendable {
    public let expert: ID<Expert>
    /// 0 to 1,000,000.
    public let affinity: Int
    /// The strongest terms.
    public let terms: [String]
}

extension ReviewActions {
    /// Works out an assignment by affinity without keeping anything.
    /// - Parameters:
    ///   - outside: experts of the wanted group.
    ///   - regions: the city of each expert's employer, as ``QuotaFacts`` has it.
    ///   - due: the last day of the work, where it is known; see ``Expert/isAvailable(on:through:)``.
    /// - Throws: ``ReviewError/incomplete(_:)`` with everything that is wrong with the options: a forced pair in
    ///   conflict, a pair with nobody of the pool, and groups that have no exact answer together, are told at their
    ///   fields.
    public func propose(
        _ options: AssignmentOptions, items: [(ItemFacts, Subject)], experts: [(Expert, ExpertFacts, Subject)],
        outside: Set<ID<Expert>>, regions: [ID<Expert>: String] = [:], through due: Day? = nil, lookbackYears: Int?,
        windows: ConflictWindows
    ) async throws -> AssignmentProposal {
        guard options.problems.isEmpty else { throw ReviewError.incomplete(options.problems) }
        let day = today
        let forbidden = options.pairs.filter { !$0.isForced }.map(\.expert)
        let (facts, pool, known) = try await db.read {
            tx -> ([ItemFacts], [(Expert, ExpertFacts)], Set<ID<Expert>>) in
            let (facts, pool) = try ReviewActions.knowing(items.map(\.0), experts.map { ($0.0, $0.1) }, on: day, tx)
            return (facts, pool, Set(try ExpertStore.all(forbidden, tx).values.filter(\.isActive).map(\.id)))
        }
        let engine = ConflictEngine(facts, on: day, windows)
        let conflicts = pool.flatMap { engine.findings(of: $0.1) }
        let eligible = Eligibility(
            facts, pool.map(\.0), on: day, through: due, without: Dictionary(grouping: conflicts, by: \.expert),
            neighbours: options.takesNeighbours)
        let unable = ReviewActions.unable(options.pairs, eligible, conflicts, known: known)
        guard unable.isEmpty else { throw ReviewError.incomplete(unable) }
        let employers = ReviewActions.pseudonyms(pool.map(\.0))
        let entrants = pool.map { expert, _ in
            AssignmentPlan.Entrant(
                expert: expert.id, employer: employers[expert.organisation] ?? "",
                load: min(options.load, expert.maxLoad ?? options.load), isOutside: outside.contains(expert.id))
        }
        let plan = AssignmentPlan(
            options, eligible, entrants: entrants,
            facts: QuotaFacts(
                regions: regions,
                fields: Dictionary(pool.map { ($0.0.id, $0.0.fields) }, uniquingKeysWith: { first, _ in first }),
                own: Dictionary(facts.map { ($0.item, $0.field) }, uniquingKeysWith: { first, _ in first })),
            items: Dictionary(
                items.map { ($0.0.item, $0.1.profile) }, uniquingKeysWith: { first, _ in first }),
            experts: Dictionary(
                experts.map { ($0.0.id, $0.2.profile) }, uniquingKeysWith: { first, _ in first }))
        do {
            return AssignmentProposal(
                outcome: try AssignmentProtocol(plan, seed: ""), items: facts, conflicts: conflicts, windows: windows,
                lookbackYears: lookbackYears)
        } catch let error as AssignmentError {
            throw ReviewError.incomplete(plan.problems(error))
        }
    }

    /// Pairs that cannot be asked for, each with why. A forced one is told in the words for the expert: trying leaves
    /// no trace, and nobody shall learn by it of a tip or an objection. Which discipline an expert has is the officer's
    /// to judge here. One that must not be is refused only where it names nobody: it would be kept with its reason,
    /// and whoever was meant could still be chosen.
    /// - Parameter known: experts of the pool who must not be.
    private static func unable(
        _ pairs: [ChosenPair], _ eligible: Eligibility, _ conflicts: [ConflictFinding], known: Set<ID<Expert>>
    ) -> [FieldProblem] {
        guard !pairs.isEmpty else { return [] }
        let able = Set(eligible.groups.joined())
        let items = Set(eligible.items.map(\.item))
        var found: [FieldProblem] = []
        func miss(_ line: Int, _ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(ChosenPair.problem(field, line: line, code, zh, en))
        }
        for (line, pair) in pairs.enumerated() {
            if !items.contains(pair.item) {
                miss(line, "item", "item", "本批次没有这项待评审的申请", "no such application waits for review")
            }
            guard pair.isForced else {
                if !known.contains(pair.expert) {
                    miss(line, "expert", "expert", "专家库中没有这位专家", "the pool has no such expert")
                }
                continue
            }
            let why = conflicts.filter { $0.expert == pair.expert && ($0.item ?? pair.item) == pair.item }.map(\.kind)
            let told = Conflict.allCases.filter { why.contains($0) }.told
            if !told.isEmpty {
                miss(
                    line, "expert", "conflict", "须回避：\(told.map(\.zh).joined(separator: "；"))",
                    "the expert \(told.map(\.en).joined(separator: "; "))")
            } else if !able.contains(pair.expert) {
                miss(
                    line, "expert", "available", "专家库中没有这位可以承担新任务的专家",
                    "the pool has no such expert to whom new work may be given")
            }
        }
        return found
    }

    /// Fixes an assignment by affinity and publishes the plan's hash. One with an empty seat or a missed quota is
    /// refused, since nobody would judge there as was promised.
    /// - Parameter reasons: for the chosen pairs, in their order.
    /// - Throws: ``ReviewError/tooFewExperts(_:)``, ``ReviewError/alreadyOpen``, or ``ReviewError/incomplete(_:)`` for
    ///   missed quotas and reasons.
    public func open(
        subject: String, sheet: ScoringSheet, _ proposal: AssignmentProposal, dueOn: Day, reasons: [String] = [],
        by actor: Actor
    ) async throws -> Round {
        try Policy.require(actor, .runReviews)
        let outcome = proposal.outcome
        let options = outcome.plan.options
        guard sheet.problems.isEmpty else { throw ReviewError.incomplete(sheet.problems) }
        let missed = outcome.missedQuotas.map { line in
            FieldProblem(
                field: "quotas.\(line).least", code: "review.quota-short",
                message: Bilingual(
                    "名额第 \(line + 1) 行：有的申请达不到至少人数，请降低要求或补充专家",
                    "Quota \(line + 1): some applications do not reach the least; ask for fewer, or find more experts"))
        }
        let problems = options.problems(reasons: reasons) + missed
        guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
        guard outcome.isWhole else {
            throw ReviewError.tooFewExperts(max(1, outcome.results.count { $0.missing > 0 }))
        }
        let ready = ReadyRound(
            subject: subject, sheet: sheet, mode: options.mode, wanted: options.seats, load: options.load,
            dueOn: dueOn, commitment: outcome.commitment, plan: try JSONValue(encoding: outcome.plan),
            items: proposal.items, conflicts: proposal.conflicts, lookbackYears: proposal.lookbackYears,
            windows: proposal.windows, keepsApart: options.apart,
            outside: options.outside ? outcome.plan.experts.filter(\.isOutside).map(\.expert) : [],
            quotas: KeptQuota.all(outcome.plan, proposal.items),
            reasons: zip(options.pairs, reasons).map { PairReason($0, $1) })
        return try await keep(ready, by: actor)
    }

    /// Runs the fixed plan of an assignment by affinity and invites. Only the random modes ask for a public seed.
    /// - Throws: ``ReviewError/planChanged`` where the stored plan is not the published one.
    public func assign(_ id: ID<Round>, seed: String, by actor: Actor) async throws -> AssignmentProtocol {
        try Policy.require(actor, .runReviews)
        let (round, plan, secret) = try await db.read { tx -> (Round, AssignmentPlan, SeedSecret?) in
            guard let round = try RoundStore.find(id, tx) else { throw ReviewError.unknown }
            guard round.state == .committed, round.mode != .draw else { throw ReviewError.wrongState }
            guard let plan = try RoundStore.assignmentPlan(id, tx) else { throw ReviewError.unknown }
            return (round, plan, try RoundStore.secret(id, tx))
        }
        if round.mode.isRandom, !seed.contains(where: { !$0.isWhitespace }) {
            throw ReviewError.required("seed", Bilingual("请填写随机种子", "Give the seed"))
        }
        let whole = secret?.joined(to: round.mode.isRandom ? seed : "-") ?? seed
        let outcome = try AssignmentProtocol(plan, seed: whole)
        guard outcome.commitment == round.commitment else { throw ReviewError.planChanged }
        let results = outcome.results.map { Drawn(item: $0.item, experts: $0.drawn, reserves: $0.reserves) }
        let loads = Dictionary(plan.experts.map { ($0.expert, $0.load) }, uniquingKeysWith: { first, _ in first })
        try await enter(
            results, loads: loads, seed: whole, protocol: try JSONValue(encoding: outcome), of: round, by: actor)
        return outcome
    }

    /// What joins each item with the experts chosen for it: the strongest terms of their affinity, item by item.
    public static func explain(
        _ results: some Sequence<AssignmentProtocol.Result>, items: [ID<CaseFile>: Subject],
        experts: [ID<Expert>: Subject]
    ) -> [ID<CaseFile>: [ExplainedPair]] {
        let chosen = Array(results)
        var model = AffinityModel(experts.values.map(\.profile) + items.values.map(\.profile))
        var found: [ID<CaseFile>: [ExplainedPair]] = [:]
        for result in chosen {
            guard let item = items[result.item] else { continue }
            found[result.item] = zip(result.drawn, result.affinities).map { expert, affinity in
                let terms = experts[expert].map { model.explanation(item.profile, $0.profile, limit: 4) } ?? []
                return ExplainedPair(expert: expert, affinity: affinity, terms: terms.map(\.term))
            }
        }
        return found
    }
}
