/// A request as a plain question: the best 0/1 choice of free items under rows of the form Σ a x ≤ b, all whole.
struct PortfolioRows {
    /// Places of the free items in the request.
    var items: [Int]
    var values: [Int64]
    /// One a limit; coefficients stand as the free items do. The budget is last, where there is one.
    var rows: [[Int64]]
    var limits: [Int64]

    /// All of a request but what `left` names; values are the scores.
    /// - Throws: ``PortfolioError/tooLarge``.
    init(_ request: PortfolioRequest, leaving left: Set<PortfolioLimit> = []) throws(PortfolioError) {
        let forced = request.forcedIn.filter { !left.contains(.forcedIn($0)) }
        items = request.items.indices.filter { !forced.contains($0) && !request.forcedOut.contains($0) }
        values = items.map { request.items[$0].score }
        rows = []
        limits = []
        let unit = PortfolioRows.unit(request)
        for (place, balance) in request.balances.enumerated() where !left.contains(.balance(place)) {
            try add(balance, request, forced, unit)
        }
        guard !left.contains(.budget) else { return }
        let spent = forced.reduce(Int64(0)) { $0 + request.items[$1].amount }
        rows.append(items.map { request.items[$0].amount / unit })
        limits.append(PortfolioRows.floor(request.budget - spent, unit))
    }

    /// The largest amount of which all amounts are whole multiples: money is counted in it without loss.
    static func unit(_ request: PortfolioRequest) -> Int64 {
        max(1, request.items.reduce(Int64(0)) { common, item in divisor(common, item.amount) })
    }

    static func divisor(_ left: Int64, _ right: Int64) -> Int64 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }

    static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        let (whole, rest) = value.quotientAndRemainder(dividingBy: unit)
        return rest < 0 ? whole - 1 : whole
    }

    private mutating func add(
        _ balance: PortfolioRequest.Balance, _ request: PortfolioRequest, _ forced: Set<Int>, _ unit: Int64
    ) throws(PortfolioError) {
        func weight(_ item: Int) -> Int64 { balance.measure == .count ? 1 : request.items[item].amount / unit }
        func coefficient(_ item: Int) -> Int64 {
            let own = balance.members.contains(item) ? weight(item) : 0
            switch balance.size {
            case .number: return own
            case .share(let thousandths): return own * 1_000 - weight(item) * thousandths
            }
        }
        var limit: Int64 = 0
        if case .number(let number) = balance.size {
            if balance.measure == .count {
                limit = number
            } else {
                // Amounts are whole units: at most rounds down, at least rounds up.
                limit = PortfolioRows.floor(number, unit)
                if balance.isLeast { limit = -PortfolioRows.floor(-number, unit) }
            }
        }
        let spent = forced.reduce(Int64(0)) { $0 + coefficient($1) }
        let sign: Int64 = balance.isLeast ? -1 : 1
        rows.append(items.map { sign * coefficient($0) })
        limits.append(sign * (limit - spent))
    }

    /// Refuses what 64 bits could not add up.
    static func check(_ request: PortfolioRequest) throws(PortfolioError) {
        let known = request.items.indices
        let places = request.balances.reduce(request.forcedIn.union(request.forcedOut)) { $0.union($1.members) }
        guard places.allSatisfy(known.contains), request.items.allSatisfy({ $0.amount > 0 }) else { throw .faulty }
        if let both = request.forcedIn.intersection(request.forcedOut).min() { throw .contradiction(both) }
        var (money, worth) = (Int128(abs(request.budget)), Int128(0))
        for item in request.items {
            money += Int128(item.amount)
            worth += Int128(item.score.magnitude)
        }
        let most = Int128(1) << 60
        guard money / Int128(unit(request)) * 1_000 < most, money < most, worth < most >> 20 else { throw .tooLarge }
    }
}
