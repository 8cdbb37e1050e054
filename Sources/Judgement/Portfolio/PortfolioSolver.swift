/// Chooses the applications with the highest sum of scores that the budget and the limits allow, exactly.
///
/// Of choices with the same sum the cheaper one wins, then the one that takes the better ranked at the first
/// difference.
public enum PortfolioSolver {
    /// The best choice, or why there is none.
    /// - Throws: ``PortfolioError``.
    public static func solve(_ request: PortfolioRequest) throws(PortfolioError) -> PortfolioAnswer {
        try PortfolioRows.check(request)
        switch try leastBudget(request, leaving: []) {
        case .number(let number) where number > request.budget: return .impossible(try conflict(request))
        case .none: return .impossible(try conflict(request))
        case .number, .unknown: break
        }
        let question = try PortfolioRows(request)
        let outcome = run(question, request)
        let forcedScore = request.forcedIn.reduce(Int64(0)) { $0 + request.items[$1].score }
        guard let found = outcome.found else {
            return outcome.isImpossible ? .impossible(try conflict(request)) : .undecided
        }
        let chosen = (found.chosen.map { question.items[$0] } + request.forcedIn).sorted()
        return .chosen(
            Portfolio(
                chosen: chosen, score: found.value + forcedScore,
                cost: chosen.reduce(0) { $0 + request.items[$1].amount }, bound: outcome.bound + forcedScore,
                relaxedBound: outcome.relaxed + forcedScore, alternatives: max(0, found.count - 1), work: outcome.work))
    }

    struct Outcome {
        var found: PortfolioSearch.Found?
        var isImpossible = false
        var bound: Int64 = 0
        var relaxed: Int64 = 0
        var work = 0
    }

    /// Searches for what comes close to the bound, then for what comes less close, until something is there: then
    /// nothing better can be.
    static func run(_ question: PortfolioRows, _ request: PortfolioRequest) -> Outcome {
        let prices = PortfolioPrices(question)
        if prices.isImpossible { return Outcome(isImpossible: true) }
        let costs = question.items.map { request.items[$0].amount }
        var search = PortfolioSearch(question, prices.prices, costs: costs, effort: request.effort)
        let relaxed = whole(search.bound)
        let least = question.values.reduce(Int64(0)) { $0 + min(0, $1) }
        var (drop, above): (Int64, Int64) = (0, relaxed)
        while true {
            let wanted = max(least, relaxed - drop)
            if let found = search.best(wanted: wanted) {
                return Outcome(
                    found: found, bound: search.isCut ? max(above, found.value) : found.value, relaxed: relaxed,
                    work: search.work)
            }
            if search.isCut {
                let any = search.work <= request.effort ? nil : greedy(question, prices.prices)
                if any != nil || search.work > request.effort {
                    return Outcome(found: any, bound: above, relaxed: relaxed, work: search.work)
                }
            } else {
                above = wanted - 1
                if wanted == least { return Outcome(isImpossible: true, work: search.work) }
            }
            drop = drop == 0 ? 16 : drop * 2
        }
    }

    /// The largest whole number of units in a scaled bound.
    private static func whole(_ bound: Int128) -> Int64 {
        let (units, rest) = bound.quotientAndRemainder(dividingBy: PortfolioPrices.scale)
        return Int64(clamping: rest < 0 ? units - 1 : units)
    }

    /// A choice that keeps the limits, item by item by what it is worth above its price; nil where this finds none.
    private static func greedy(_ question: PortfolioRows, _ prices: [Int128]) -> PortfolioSearch.Found? {
        func worth(_ place: Int) -> Int128 {
            prices.indices.reduce(Int128(question.values[place]) * PortfolioPrices.scale) {
                $0 - prices[$1] * Int128(question.rows[$1][place])
            }
        }
        let margins = question.items.indices.map(worth)
        let order = margins.indices.sorted { (margins[$1], $0) < (margins[$0], $1) }
        var (left, chosen) = (question.limits, [Int]())
        func short(_ left: [Int64]) -> Int64 { left.reduce(0) { $0 + min(0, $1) } }
        for place in order {
            let after = left.indices.map { left[$0] - question.rows[$0][place] }
            // A row that is broken already may stay so, but not get worse, and none may break.
            guard zip(left, after).allSatisfy({ $1 >= min(0, $0) }),
                question.values[place] > 0 || short(after) > short(left)
            else { continue }
            (left, chosen) = (after, chosen + [place])
        }
        guard left.allSatisfy({ $0 >= 0 }) else { return nil }
        return .init(chosen: chosen.sorted(), value: chosen.reduce(0) { $0 + question.values[$1] }, count: 1)
    }
}
