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
        let items: [Item]
        let next: String?
    }

    private struct Fix: Decodable {
        let options: AssignmentOptions
        let due: Day
        let commitment: String
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

    private static let modes = AssignmentMode.allCases.filter { $0 != .draw }.map(\.rawValue)

    private static let asked: Schema = .object([
        "mode": .oneOf(modes), "seats": .integer(minimum: 1, maximum: 20),
        "leastLoad": .integer(minimum: 0, maximum: 200), "load": .integer(minimum: 1, maximum: 200),
        "apart": .boolean, "outside": .boolean, "leastAffinity": .integer(minimum: 0, maximum: 1_000),
        "capPercent": .integer(minimum: 1, maximum: 100),
    ])

    private static let query: [APIDescription.Parameter] = [
        .init("mode", Bilingual("分配方式", "Mode"), schema: .oneOf(modes), required: true),
        .init("seats", Bilingual("每项专家数", "Experts for each application"), schema: .integer(minimum: 1, maximum: 20)),
        .init("load", Bilingual("每人最多", "Most for one expert"), schema: .integer(minimum: 1, maximum: 200)),
        .init("leastLoad", Bilingual("每人最少", "Least for one expert"), schema: .integer(minimum: 0, maximum: 200)),
        .init("apart", Bilingual("同一单位的专家不评同一项", "No two of one employer on one"), schema: .boolean),
        .init("outside", Bilingual("每项至少一位外市专家", "One from another city on each"), schema: .boolean),
        .init(
            "leastAffinity", Bilingual("最低匹配度（千分）", "Least affinity, thousandths"),
            schema: .integer(minimum: 0, maximum: 1_000)),
        .init("capPercent", Bilingual("概率上限（%）", "Cap of a pair, %"), schema: .integer(minimum: 1, maximum: 100)),
    ]

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
                    tag: "reviews", scope: "desk:read", query: Self.query + APIDescription.Parameter.paging,
                    answer: .any)
            ) { visit in
                let model = try await CallPlan.load(try visit.id("id"), funding)
                guard model.round == nil else { throw ReviewError.alreadyOpen }
                let options = try Self.options(visit, seats: model.matter.call.content.expertsEach)
                let outcome = try await funding.review.proposal(model.matter, options).outcome
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
                        ["options": Self.asked, "due": .text(format: "date"), "commitment": .text(maxLength: 64)]),
                    answer: .any, status: 201)
            ) { visit in
                let id: ID<Call> = try visit.id("id")
                let fix = try visit.json(as: Fix.self)
                let problems = Self.problems(fix.options)
                guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
                try ReviewDesk.check(load: fix.options.load, due: fix.due, today: house.today)
                let round = try await funding.review.open(
                    id, fix.options, city: funding.cityDigits, dueOn: fix.due, expecting: fix.commitment,
                    by: visit.actor)
                // The commitment is published before anybody is invited.
                try await house.record.sign()
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
                        expert: $0.expert, name: names.experts[$0.expert] ?? "", affinity: $0.affinity, terms: $0.terms)
                }, missing: result.missing)
        }
        let options = outcome.plan.options
        return Shown(
            round: round?.id, state: round?.state, isSample: options.mode == .random && model.ran == nil,
            commitment: outcome.commitment, options: options, proof: outcome.proof, missing: outcome.missing,
            shortages: outcome.shortages, items: listing.items, next: listing.next)
    }

    /// What nobody can have meant, in the names of the API.
    private static func problems(_ options: AssignmentOptions) -> [FieldProblem] {
        let names = ["least-load": "leastLoad", "least-affinity": "leastAffinity", "cap": "capPercent"]
        var problems = options.problems.map {
            FieldProblem(field: names[$0.field] ?? $0.field, code: $0.code, message: $0.message)
        }
        if options.mode == .draw { problems.append(Self.unknownMode) }
        return problems
    }

    private static let unknownMode = FieldProblem(
        field: "mode", code: "review.mode", message: Bilingual("应为 best、fair 或 random", "is best, fair or random"))

    /// The options of a trial; whatever is left out is as on the page.
    private static func options(_ visit: Visit, seats: Int) throws -> AssignmentOptions {
        var problems: [FieldProblem] = []
        func number(_ name: String, _ otherwise: Int) -> Int {
            guard let text = visit.query(name) else { return otherwise }
            if let number = Int(text) { return number }
            problems.append(
                FieldProblem(field: name, code: "field.number", message: Bilingual("应为整数", "is a whole number")))
            return otherwise
        }
        func flag(_ name: String, _ otherwise: Bool) -> Bool {
            guard let text = visit.query(name) else { return otherwise }
            if let flag = Bool(text) { return flag }
            problems.append(
                FieldProblem(
                    field: name, code: "field.choice", message: Bilingual("应为 true 或 false", "is true or false")))
            return otherwise
        }
        let mode = visit.query("mode").flatMap(AssignmentMode.init(rawValue:)) ?? .draw
        let options = AssignmentOptions(
            mode: mode, seats: number("seats", seats), leastLoad: number("leastLoad", 0), load: number("load", 15),
            apart: flag("apart", true), outside: flag("outside", false), leastAffinity: number("leastAffinity", 0),
            capPercent: number("capPercent", 60))
        problems += Self.problems(options)
        guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
        return options
    }
}
