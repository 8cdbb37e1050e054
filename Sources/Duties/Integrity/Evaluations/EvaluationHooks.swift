import Kernel
import Review
import Store

/// Guards and effects of evaluations: indicators, evidence, experts and the score that follows from them.
struct EvaluationHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["integrity.weights"] = { context, tx in
            let weights = try indicators(context.file.id, tx).map(\.weight)
            let sum = weights.reduce(0, +)
            guard sum != 100 else { return [] }
            return [problem("indicators", "各指标权重之和应为 100，现为 \(sum)", "The weights add up to \(sum), not 100")]
        }
        hooks.guards["integrity.evidence"] = { context, tx in
            let given = Set((context.answers["evidence"]?.array ?? []).compactMap { $0["indicator"]?.string })
            return try indicators(context.file.id, tx).filter { !given.contains($0.name) }.map {
                problem("evidence", "指标「\($0.name)」没有证据", "The indicator '\($0.name)' has no evidence")
            }
        }
        hooks.guards["integrity.scores"] = { context, tx in try scoreProblems(context, tx) }
        hooks.effects["integrity.scored"] = { context, tx in
            let total = EvaluationHooks.total(
                try indicators(context.file.id, tx), context.answers["scores"]?.array ?? [])
            guard let total else { return }
            try CaseValues.set(context.file.id, "total", .string(total), tx)
        }
        hooks.guards["integrity.grade"] = { context, tx in
            // A grade against the score needs its reasons in the report; the score is shown beside it.
            let total = try CaseValues.all(of: context.file.id, tx)["total"]?.string
            return total == nil ? [problem("grade", "还没有专家评分", "There are no scores of experts yet")] : []
        }
    }

    private func problem(_ field: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "integrity.evaluation", message: Bilingual(zh, en))
    }

    struct Indicator: Sendable, Hashable {
        let name: String
        let weight: Int64
    }

    private func indicators(_ id: ID<CaseFile>, _ tx: Tx) throws -> [Indicator] {
        (try CaseValues.all(of: id, tx)["indicators"]?.array ?? []).map {
            Indicator(name: $0["name"]?.string ?? "", weight: $0["weight"]?.integer ?? 0)
        }
    }

    /// Every expert is of the pool, not barred, and scores every indicator once.
    private func scoreProblems(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let rows = context.answers["scores"]?.array ?? []
        let wanted = Set(try indicators(context.file.id, tx).map(\.name))
        let experts = Set(rows.compactMap { $0["expert"]?.string }).sorted()
        let least = try city.rules.number("integrity.evaluation.experts", on: context.day)
        var found: [FieldProblem] = []
        if experts.count < least {
            found.append(problem("scores", "至少 \(least) 位专家评分", "At least \(counted(least, "expert")) must score"))
        }
        for login in experts {
            let own = rows.filter { $0["expert"]?.string == login }.compactMap { $0["indicator"]?.string }
            if own.count != wanted.count || Set(own) != wanted {
                found.append(problem("scores", "\(login) 应对每个指标各评一次", "\(login) must score each indicator once"))
            }
            guard let card = try AccountStore.find(login: login, tx),
                let expert = try ExpertStore.find(account: card.id, tx), expert.isActive
            else {
                found.append(problem("scores", "专家库中没有 \(login)", "\(login) is not in the expert pool"))
                continue
            }
            let bars = try Bars.inForce(
                people: [expert.person].compactMap(\.self), organisations: [expert.organisation], for: .review,
                on: context.day, tx)
            found += bars.map {
                problem(
                    "scores", "\(expert.name)：\($0.what.zh) \($0.term.zh)受限", "\(expert.name) is barred \($0.term.en)")
            }
        }
        return found
    }

    /// The weighted mean of the experts' scores with two decimals, halves up; nil without scores.
    static func total(_ indicators: [Indicator], _ rows: [JSONValue]) -> String? {
        var sum: Int64 = 0
        var count = 0
        for indicator in indicators {
            let scores = rows.filter { $0["indicator"]?.string == indicator.name }.compactMap { $0["score"]?.integer }
            guard !scores.isEmpty else { return nil }
            count = scores.count
            sum += scores.reduce(0, +) * indicator.weight
        }
        guard count > 0 else { return nil }
        // Every expert scores every indicator, and weights are per cent: this is the mean in hundredths.
        let hundredths = (2 * sum + Int64(count)) / (2 * Int64(count))
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
