public import Kernel
public import Review
import Store

/// Sharing out the experts of a call by affinity instead of by draw.
extension CallReview {
    /// What an assignment by affinity reads: the call, its applications and the pool, with what each is about.
    struct Matter: Sendable {
        let call: Call
        let items: [(ItemFacts, Subject)]
        let experts: [(Expert, ExpertFacts, Subject)]
        /// The city in which each expert's employer is registered: the first four digits of the division.
        let regions: [ID<Expert>: String]
        /// Experts whose employer is registered in another city.
        let outside: Set<ID<Expert>>

        /// Quotas of disciplines that neither GB/T 13745 nor anybody here knows: they would count nobody, and the plan
        /// would look as if it kept them.
        func unknownDisciplines(of options: AssignmentOptions) -> [FieldProblem] {
            options.quotas.enumerated().compactMap { line, quota in
                guard case .field(let code) = quota.group, !Disciplines.isKnown(code),
                    !experts.contains(where: { $0.0.fields.contains(code) }),
                    !items.contains(where: { $0.0.field == code })
                else { return nil }
                return FieldProblem(
                    field: "quotas.\(line).group", code: "review.quota-group",
                    message: Bilingual(
                        "名额第 \(line + 1) 行：没有代码为 \(code) 的学科", "Quota \(line + 1): there is no discipline \(code)"))
            }
        }
    }

    /// Applications and experts as an officer names them.
    struct Named: Sendable {
        /// By number.
        var items: [String: ApplicationID] = [:]
        /// By login.
        var experts: [String: ID<Expert>] = [:]
    }

    /// Whom and what some numbers and logins name: two queries at most.
    static func named(items: [String], experts: [String], in call: ID<Call>, _ tx: Tx) throws -> Named {
        var named = Named()
        if !items.isEmpty {
            try tx.forEach(
                "SELECT case_id, number FROM application WHERE call = \(call) AND number IN \(list: items)"
            ) { row in named.items[try row["number"]] = try row["case_id"] }
        }
        if !experts.isEmpty {
            try tx.forEach(
                """
                SELECT a.login, e.id FROM account a JOIN expert e ON e.account = a.id
                WHERE a.login IN \(list: experts)
                """
            ) { row in named.experts[try row["login"]] = try row["id"] }
        }
        return named
    }

    /// Years for which each kind of relation counts, as the city's rules say on a day.
    func windows(on day: Day) throws -> ConflictWindows { try ConflictWindows(procedures.rules, on: day) }

    /// - Parameter city: first digits of credit codes' divisions that are the bureau's own city.
    func matter(_ id: ID<Call>, city: String, _ tx: Tx) throws -> Matter {
        let today = procedures.zone.day(of: clock.now())
        let years = try procedures.rules.number("review.shared-project-years", on: today)
        let call = try CallStore.require(id, tx)
        let experts = try CallReview.readers(call, since: today.parts.year - years, tx)
        let texts = try ExpertTexts.all(tx)
        var past: [ID<PersonMark>: [String]] = [:]
        try tx.forEach("SELECT investigator, title_zh, title_en FROM project ORDER BY number") { row in
            past[try row["investigator"], default: []] += [try row["title_zh"], try row["title_en"]]
        }
        var keywords: [ApplicationID: [String]] = [:]
        try tx.forEach("SELECT case_id, keywords FROM application WHERE call = \(id) AND keywords <> ''") { row in
            keywords[try row["case_id"]] = Keywords.list(try row["keywords"])
        }
        let places = try Registry.organisations(Array(Set(experts.map(\.0.organisation))), tx)
        var regions: [ID<Expert>: String] = [:]
        for (expert, _) in experts {
            guard let code = places[expert.organisation]?.uscc, code.count == 18 else { continue }
            regions[expert.id] = String(code.dropFirst(2).prefix(4))
        }
        return Matter(
            call: call,
            items: try CallReview.items(id, tx).map { item in
                (
                    item,
                    Subject(
                        disciplines: [item.field], keywords: keywords[item.item] ?? [],
                        texts: [item.title.zh, item.title.en])
                )
            },
            experts: experts.map { expert, facts in
                let own = texts[expert.id]
                return (
                    expert, facts,
                    Subject(
                        disciplines: expert.fields, keywords: own?.keywords ?? [],
                        texts: (own?.titles ?? []) + (expert.person.flatMap { past[$0] } ?? []))
                )
            }, regions: regions, outside: Set(regions.filter { !$0.value.hasPrefix(city) }.keys))
    }

    /// Works out an assignment without keeping anything.
    /// - Parameter due: the last day of the work; nil where it is not known yet. Who is away until then is left out.
    /// - Throws: ``ReviewError/incomplete(_:)`` for options that nobody can have meant.
    func proposal(
        _ matter: Matter, _ options: AssignmentOptions, through due: Day? = nil
    ) async throws -> AssignmentProposal {
        let strange = options.problems + matter.unknownDisciplines(of: options)
        guard strange.isEmpty else { throw ReviewError.incomplete(strange) }
        let windows = try windows(on: procedures.zone.day(of: clock.now()))
        return try await review.propose(
            options, items: matter.items, experts: matter.experts, outside: matter.outside, regions: matter.regions,
            through: due, lookbackYears: windows.employment, windows: windows)
    }

    /// Fixes an assignment by affinity for all applications that passed the formal check, and has its hash signed.
    /// - Parameters:
    ///   - reasons: for the chosen pairs, in their order.
    ///   - hash: of the plan that was looked at; nil where nobody looked.
    /// - Throws: ``ReviewError/unfinished(_:)`` while applications still wait for the formal check or a correction;
    ///   ``ReviewError/planMoved`` where another plan would be fixed than the one looked at;
    ///   ``ReviewError/tooFewExperts(_:)`` where a seat would stay empty; ``ReviewError/incomplete(_:)`` for options,
    ///   reasons and quotas that are missed.
    @discardableResult
    public func open(
        _ id: ID<Call>, _ options: AssignmentOptions, city: String, dueOn: Day, reasons: [String] = [],
        expecting hash: String? = nil, by actor: Actor
    ) async throws -> Round {
        try Policy.require(actor, .runReviews)
        let today = procedures.zone.day(of: clock.now())
        let matter = try await db.read { tx -> Matter in
            let call = try CallStore.require(id, tx)
            try Policy.require(actor, .runReviews, in: call.division)
            let waiting = try ApplicationStore.counts(call: id, steps: CallReview.before, tx).values.reduce(0, +)
            guard waiting == 0, call.closesOn < today else { throw ReviewError.unfinished(waiting) }
            return try self.matter(id, city: city, tx)
        }
        let proposal = try await proposal(matter, options, through: dueOn)
        guard hash.map({ $0 == proposal.outcome.commitment }) ?? true else { throw ReviewError.planMoved }
        let round = try await review.open(
            subject: id.text, sheet: matter.call.content.sheet, proposal, dueOn: dueOn, reasons: reasons, by: actor)
        // The commitment is published before anybody is invited.
        try await record.sign()
        return round
    }

    /// Runs a fixed assignment by affinity and invites.
    /// - Parameters:
    ///   - seed: public chance; only the random modes ask for it.
    ///   - hash: of the fixed plan that was looked at; nil where nobody looked.
    /// - Throws: ``ReviewError/unsigned`` while no signed checkpoint covers the plan's hash.
    @discardableResult
    public func assign(
        _ id: ID<Call>, seed: String, expecting hash: String? = nil, by actor: Actor
    ) async throws -> AssignmentProtocol {
        guard seed.count <= 200 else {
            throw ReviewError.incomplete([
                FieldProblem(
                    field: "seed", code: "field.long",
                    message: Bilingual("种子最多 200 字", "The seed takes at most 200 characters"))
            ])
        }
        let round = try await published(id, by: actor)
        guard hash.map({ $0 == round.commitment }) ?? true else { throw ReviewError.planMoved }
        return try await review.assign(round.id, seed: seed, by: actor)
    }
}
