import Kernel
import Portal
import Review
import Store

/// The JSON API of sharing out experts by affinity: try, fix, run, and who goes with what.
struct AssignmentAPI: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    /// One plan of the house, of a draw or by affinity.
    private struct Row: Encodable {
        let round: ID<Round>
        let call: String
        let title: Bilingual?
        let mode: AssignmentMode
        let state: Round.State
        let commitment: String
        let wanted: Int
        let load: Int
        let dueOn: Day
        let seed: String?
    }

    /// A plan with one page of its pairs.
    private struct Shown: Encodable {
        struct Item: Encodable {
            let application: ApplicationID
            let number: String
            let experts: [Pair]
            let missing: Int
        }

        struct Pair: Encodable {
            let expert: ID<Expert>
            let name: String
            /// 0 to 1,000,000.
            let affinity: Int
            /// The strongest terms that the two share.
            let terms: [String]
        }

        let round: ID<Round>?
        let state: Round.State?
        /// Whether the pairs are one sample of what the public seed will decide.
        let isSample: Bool
        let commitment: String
        let options: AssignmentOptions
        let proof: AssignmentProtocol.Proof
        let missing: Int
        let shortages: [AssignmentProtocol.Short]
        /// Why pairs were chosen, once the plan is fixed.
        let reasons: [PairReason]
        let items: [Item]
        let next: String?
    }

    private struct Fix: Decodable {
        let options: AssignmentOptions
        let due: Day
        let commitment: String
        /// For the chosen pairs, in their order.
        let reasons: [String]?
    }

    private struct Run: Decodable {
        let commitment: String
        let seed: String?
    }

    private struct Done: Encodable {
        let commitment: String
        let seed: String
        let invited: Int
    }

    private static let asked: Schema = .object(
        [
            "mode": .oneOf(AssignmentQuery.modes), "seats": .integer(minimum: 1, maximum: 20),
            "leastLoad": .integer(minimum: 0, maximum: 200), "load": .integer(minimum: 1, maximum: 200),
            "apart": .boolean, "outside": .boolean, "leastAffinity": .integer(minimum: 0, maximum: 1_000),
            "capPercent": .integer(minimum: 1, maximum: 100),
            "strengthPercent": .integer(minimum: 0, maximum: 100),
            "quotas": .array(
                .object(
                    [
                        "group": .text(maxLength: 20), "least": .integer(minimum: 0, maximum: 20),
                        "most": .integer(minimum: 0, maximum: 20),
                    ], optional: ["most"])),
            "pairs": .array(
                .object(["item": .text(format: "uuid"), "expert": .text(format: "uuid"), "isForced": .boolean])),
        ], optional: ["strengthPercent", "quotas", "pairs"])

    var routes: [Route] { reading + changing }

    private var reading: [Route] {
        [
            Route(
                "api.rounds.list", .get, "/api/v1/rounds", access: CallDesk.staff,
                summary: Bilingual("评审方案列表", "Plans of all reviews"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read", query: APIDescription.Parameter.paging, answer: .listing(.any)),
                handler: list),
            Route(
                "api.assignment.show", .get, "/api/v1/calls/{id}/assignment", access: CallDesk.staff,
                summary: Bilingual("按匹配度分配的方案", "The plan of an assignment by affinity"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read", query: APIDescription.Parameter.paging, answer: .any)
            ) { visit in
                let model = try await CallPlan.load(try visit.id("id"), funding)
                guard let round = model.round else { throw ReviewError.notDrawn }
                guard let outcome = try model.outcome() else { throw ReviewError.unknown }
                return .json(try shown(visit, model, outcome, round))
            },
            Route(
                "api.assignment.try", .get, "/api/v1/calls/{id}/assignment/trial", access: CallDesk.staff,
                summary: Bilingual("试算分配方案", "Try an assignment; nothing is kept"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:read",
                    query: AssignmentQuery.parameters + APIDescription.Parameter.paging, answer: .any)
            ) { visit in
                let model = try await CallPlan.load(try visit.id("id"), funding)
                guard model.round == nil else { throw ReviewError.alreadyOpen }
                let (options, due) = try AssignmentQuery.read(
                    visit, seats: model.matter.call.content.expertsEach, today: house.today)
                let outcome = try await Self.naming {
                    try await funding.review.proposal(model.matter, options, through: due).outcome
                }
                return .json(try shown(visit, model, outcome, nil))
            },
        ]
    }

    private var changing: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "api.assignment.open", .post, "/api/v1/calls/{id}/assignment", access: officer,
                summary: Bilingual("固定试算过的方案", "Fix the plan that was tried"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write",
                    body: .object(
                        [
                            "options": Self.asked, "due": .text(format: "date"), "commitment": .text(maxLength: 64),
                            "reasons": .array(.text(maxLength: 300)),
                        ], optional: ["reasons"]), answer: .any, status: 201)
            ) { visit in
                let id: ID<Call> = try visit.id("id")
                let fix = try visit.json(as: Fix.self)
                let reasons = fix.reasons ?? []
                var problems = AssignmentQuery.problems(fix.options)
                let others =
                    ReviewDesk.problems(load: fix.options.load, due: fix.due, today: house.today)
                    + fix.options.problems(reasons: reasons).map(AssignmentQuery.renamed)
                for one in others where !problems.contains(one) { problems.append(one) }
                guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
                let round = try await Self.naming {
                    try await funding.review.open(
                        id, fix.options, city: funding.cityDigits, dueOn: fix.due, reasons: reasons,
                        expecting: fix.commitment, by: visit.actor)
                }
                return .created(round, at: "/api/v1/calls/\(id)/assignment")
            },
            Route(
                "api.assignment.run", .post, "/api/v1/calls/{id}/assignment/run", access: officer,
                summary: Bilingual("按固定的方案分配并邀请专家", "Run the fixed plan and invite"),
                api: APIDescription(
                    tag: "reviews", scope: "desk:write",
                    body: .object(
                        ["commitment": .text(maxLength: 64), "seed": .text(maxLength: 200)], optional: ["seed"]),
                    answer: .object(["commitment": .text(), "seed": .text(), "invited": .integer()]))
            ) { visit in
                let run = try visit.json(as: Run.self)
                let outcome = try await funding.review.assign(
                    try visit.id("id"), seed: run.seed ?? "", expecting: run.commitment, by: visit.actor)
                return .json(
                    Done(
                        commitment: outcome.commitment, seed: outcome.seed,
                        invited: outcome.results.reduce(0) { $0 + $1.drawn.count }))
            },
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let paging = try visit.paging(values: 1)
        let before = paging.after?.values[0].string.map { ID<Round>($0) }
        let (rounds, titles) = try await house.db.read { tx -> ([Round], [ID<Call>: Bilingual]) in
            let rounds = try RoundStore.list(before: before, limit: paging.limit + 1, tx)
            return (rounds, try CallStore.titles(rounds.map { ID($0.subject) }, tx))
        }
        return .json(
            Listing(rounds, paging, cursor: { Cursor([.string($0.id.text)]) }) { round in
                Row(
                    round: round.id, call: round.subject, title: titles[ID(round.subject)], mode: round.mode,
                    state: round.state, commitment: round.commitment, wanted: round.wanted, load: round.load,
                    dueOn: round.dueOn, seed: round.seed)
            })
    }

    /// One page of the applications in the order of the plan, which is that of their identities.
    private func shown(
        _ visit: Visit, _ model: CallPlan, _ outcome: AssignmentProtocol, _ round: Round?
    ) throws -> Shown {
        let paging = try visit.paging(values: 1)
        let after = paging.after?.values[0].string ?? ""
        let results = Array(outcome.results.filter { $0.item.text > after }.prefix(paging.limit + 1))
        let explained = model.explain(results.prefix(paging.limit))
        let names = model.names
        let listing = Listing(results, paging, cursor: { Cursor([.string($0.item.text)]) }) { result in
            Shown.Item(
                application: result.item, number: names.items[result.item] ?? "",
                experts: (explained[result.item] ?? []).map {
                    Shown.Pair(
                        expert: $0.expert, name: names.experts[$0.expert]?.zh ?? "", affinity: $0.affinity,
                        terms: $0.terms)
                }, missing: result.missing)
        }
        let options = outcome.plan.options
        return Shown(
            round: round?.id, state: round?.state, isSample: options.mode.isRandom && model.ran == nil,
            commitment: outcome.commitment, options: options, proof: outcome.proof, missing: outcome.missing,
            shortages: outcome.shortages, reasons: round == nil ? [] : model.kept?.reasons ?? [],
            items: listing.items, next: listing.next)
    }

    /// Does something with what is wrong told in the names of the API.
    private static func naming<Value>(_ act: () async throws -> Value) async throws -> Value {
        do {
            return try await act()
        } catch ReviewError.incomplete(let problems) {
            throw ReviewError.incomplete(problems.map(AssignmentQuery.renamed))
        }
    }
}
