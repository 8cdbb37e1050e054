extension PortfolioSolver {
    /// The most or least of something, as far as the search came.
    enum Reach: Hashable {
        case number(Int64)
        /// The limits cannot be kept.
        case none
        case unknown
    }

    /// The least budget under which all limits but those left out can be kept.
    static func leastBudget(
        _ request: PortfolioRequest, leaving left: Set<PortfolioLimit>
    ) throws(PortfolioError) -> Reach {
        try least(request, leaving: left.union([.budget])) { request.items[$0].amount }
    }

    /// The least sum of something over the chosen, when all limits but those left out are kept.
    private static func least(
        _ request: PortfolioRequest, leaving left: Set<PortfolioLimit>, _ measure: (Int) -> Int64
    ) throws(PortfolioError) -> Reach {
        var question = try PortfolioRows(request, leaving: left)
        let unit = max(1, question.items.reduce(Int64(0)) { PortfolioRows.divisor($0, measure($1)) })
        question.values = question.items.map { -measure($0) / unit }
        let outcome = run(question, request)
        let forced = request.forcedIn.filter { !left.contains(.forcedIn($0)) }.reduce(Int64(0)) { $0 + measure($1) }
        guard let found = outcome.found else { return outcome.isImpossible ? .none : .unknown }
        return found.value == outcome.bound ? .number(forced - found.value * unit) : .unknown
    }

    /// Whether the limits that are not left out can be kept together; nil where the search was given up.
    static func canKeep(
        _ request: PortfolioRequest, leaving left: Set<PortfolioLimit>
    ) throws(PortfolioError) -> Bool? {
        switch try leastBudget(request, leaving: left) {
        case .number(let number): left.contains(.budget) || number <= request.budget
        case .none: false
        case .unknown: nil
        }
    }

    /// Limits that stand against each other: one after the other is left out, and stays out where the rest still
    /// cannot be kept.
    static func conflict(_ request: PortfolioRequest) throws(PortfolioError) -> PortfolioConflict {
        var all: [PortfolioLimit] = request.balances.indices.map { .balance($0) }
        all += request.forcedIn.sorted().map { .forcedIn($0) }
        all.append(.budget)
        var left: Set<PortfolioLimit> = []
        for limit in all {
            if try canKeep(request, leaving: left.union([limit])) == false { left.insert(limit) }
        }
        let kept = all.filter { !left.contains($0) }
        var ways: [PortfolioConflict.Way] = []
        for limit in kept {
            if let way = try way(limit, request, leaving: left) { ways.append(way) }
        }
        return PortfolioConflict(limits: kept, ways: ways)
    }

    /// How far one limit has to give way for the others of the conflict.
    private static func way(
        _ limit: PortfolioLimit, _ request: PortfolioRequest, leaving left: Set<PortfolioLimit>
    ) throws(PortfolioError) -> PortfolioConflict.Way? {
        let without = left.union([limit])
        guard try canKeep(request, leaving: without) == true else { return nil }
        switch limit {
        case .budget:
            guard case .number(let number) = try leastBudget(request, leaving: without) else { return nil }
            return .init(limit: limit, number: number)
        case .forcedIn: return .init(limit: limit, number: nil)
        case .balance(let place):
            let balance = request.balances[place]
            guard case .number = balance.size else { return .init(limit: limit, number: nil) }
            let sign: Int64 = balance.isLeast ? -1 : 1
            let reach = try least(request, leaving: without) { item in
                guard balance.members.contains(item) else { return 0 }
                return sign * (balance.measure == .count ? 1 : request.items[item].amount)
            }
            guard case .number(let number) = reach else { return nil }
            return .init(limit: limit, number: sign * number)
        }
    }
}

/// What changes when the question does.
public enum PortfolioStudy {
    /// The answer under each budget.
    /// - Throws: ``PortfolioError``.
    public static func budgets(
        _ budgets: [Int64], _ request: PortfolioRequest
    ) throws(PortfolioError) -> [PortfolioAnswer] {
        var answers: [PortfolioAnswer] = []
        for budget in budgets {
            var changed = request
            changed.budget = budget
            answers.append(try PortfolioSolver.solve(changed))
        }
        return answers
    }

    /// The answer when one item is turned: forced in where `chosen` lacks it, forced out where it has it.
    /// - Throws: ``PortfolioError``.
    public static func turning(
        _ item: Int, of chosen: Set<Int>, _ request: PortfolioRequest
    ) throws(PortfolioError) -> PortfolioAnswer {
        var changed = request
        changed.forcedIn.remove(item)
        changed.forcedOut.remove(item)
        if chosen.contains(item) { changed.forcedOut.insert(item) } else { changed.forcedIn.insert(item) }
        return try PortfolioSolver.solve(changed)
    }

    /// The answer without each of the balances in turn: what each of them costs.
    /// - Throws: ``PortfolioError``.
    public static func withoutBalances(_ request: PortfolioRequest) throws(PortfolioError) -> [PortfolioAnswer] {
        var answers: [PortfolioAnswer] = []
        for place in request.balances.indices {
            var changed = request
            changed.balances.remove(at: place)
            answers.append(try PortfolioSolver.solve(changed))
        }
        return answers
    }
}
