import Testing

@testable import Judgement

@Suite("Choosing under a budget")
struct PortfolioTests {
    typealias Item = PortfolioRequest.Item
    typealias Balance = PortfolioRequest.Balance

    /// A call as calls are: amounts in steps, scores in thousandths, groups that overlap.
    static func request(
        _ seed: UInt64, items count: Int, balances: Int? = nil, isFine: Bool = false
    ) -> PortfolioRequest {
        var chance = Chance(seed: seed)
        func below(_ limit: Int) -> Int { Int(chance.below(UInt64(limit))) }
        let coarse = below(3) == 0 ? 100_000_000 : 5_000_000
        let items = (0..<count).map { _ -> Item in
            let amount = isFine ? 20_000_000 + below(30_000_000) : coarse * (1 + below(6))
            // Few different scores make ties.
            let score = below(2) == 0 ? 60_000 + 5_000 * below(8) : 60_000 + below(40_000)
            return Item(amount: Int64(amount), score: Int64(score))
        }
        let all = items.reduce(Int64(0)) { $0 + $1.amount }
        var request = PortfolioRequest(items: items, budget: all * Int64(10 + below(60)) / 100)
        for _ in 0..<(balances ?? below(4)) {
            let members = Set((0..<count).filter { _ in below(3) == 0 })
            let measure: Balance.Measure = below(3) == 0 ? .money : .count
            let isLeast = below(2) == 0
            let size: Balance.Size
            if below(2) == 0 {
                size = .share(thousandths: Int64(isLeast ? 100 + below(300) : 200 + below(400)))
            } else if measure == .count {
                size = .number(Int64(isLeast ? below(max(1, members.count / 2)) : 1 + below(count / 2 + 1)))
            } else {
                size = .number(isLeast ? request.budget / 6 + 1 : request.budget / 3)
            }
            request.balances.append(Balance(members: members, measure: measure, isLeast: isLeast, size: size))
        }
        if below(3) == 0 { request.forcedIn.insert(below(count)) }
        if below(3) == 0 { request.forcedOut.formUnion([below(count)].filter { !request.forcedIn.contains($0) }) }
        return request
    }

    /// Whether a choice keeps everything that a request asks.
    static func keeps(_ chosen: Set<Int>, _ request: PortfolioRequest) -> Bool {
        guard chosen.isSuperset(of: request.forcedIn), chosen.isDisjoint(with: request.forcedOut) else { return false }
        guard chosen.reduce(Int64(0), { $0 + request.items[$1].amount }) <= request.budget else { return false }
        return request.balances.allSatisfy { balance in
            func sum(_ places: Set<Int>) -> Int64 {
                places.reduce(0) { $0 + (balance.measure == .count ? 1 : request.items[$1].amount) }
            }
            let own = sum(chosen.intersection(balance.members))
            switch balance.size {
            case .number(let number): return balance.isLeast ? own >= number : own <= number
            case .share(let part):
                let (left, right) = (own * 1_000, sum(chosen) * part)
                return balance.isLeast ? left >= right : left <= right
            }
        }
    }

    private struct Best {
        var chosen: [Int] = []
        var score = Int64.min
        var cost: Int64 = 0
        var count = 0
    }

    private func bruteForce(_ request: PortfolioRequest) -> Best {
        var best = Best()
        for bits in 0..<(1 << request.items.count) {
            let chosen = request.items.indices.filter { bits >> $0 & 1 == 1 }
            let score = chosen.reduce(Int64(0)) { $0 + request.items[$1].score }
            let cost = chosen.reduce(Int64(0)) { $0 + request.items[$1].amount }
            guard score > best.score || (score == best.score && cost <= best.cost), Self.keeps(Set(chosen), request)
            else { continue }
            if score == best.score, cost == best.cost {
                best.count += 1
                if chosen.lexicographicallyPrecedes(best.chosen) { best.chosen = chosen }
            } else {
                best = Best(chosen: chosen, score: score, cost: cost, count: 1)
            }
        }
        return best
    }

    @Test("The choice is that of trying all choices, to the tie", arguments: 1...150)
    func againstAll(seed: UInt64) throws {
        let request = Self.request(seed, items: 4 + Int(seed % 8))
        let best = bruteForce(request)
        switch try PortfolioSolver.solve(request) {
        case .chosen(let found):
            #expect(found.chosen == best.chosen && found.score == best.score && found.cost == best.cost, "seed \(seed)")
            #expect(found.isProven && found.relaxedBound >= found.score && found.alternatives == best.count - 1)
        case .impossible(let conflict):
            #expect(best.count == 0, "seed \(seed)")
            #expect(!conflict.limits.isEmpty)
            try check(conflict, request)
        case .undecided: Issue.record("undecided at seed \(seed)")
        }
    }

    /// What is named as standing against each other does, and no part of it does; each way out is one, and the least.
    private func check(_ conflict: PortfolioConflict, _ request: PortfolioRequest) throws {
        func only(_ limits: [PortfolioLimit]) -> PortfolioRequest {
            var part = request
            part.forcedIn = request.forcedIn.filter { limits.contains(.forcedIn($0)) }
            part.balances = request.balances.enumerated().filter { limits.contains(.balance($0.offset)) }.map(\.element)
            if !limits.contains(.budget) { part.budget = 1 << 50 }
            return part
        }
        func isPossible(_ request: PortfolioRequest) -> Bool { bruteForce(request).count > 0 }
        #expect(!isPossible(only(conflict.limits)))
        for limit in conflict.limits { #expect(isPossible(only(conflict.limits.filter { $0 != limit }))) }
        for way in conflict.ways {
            guard let number = way.number else { continue }
            for (change, works) in [(Int64(0), true), (1, false)] {
                var part = only(conflict.limits)
                switch way.limit {
                case .budget: part.budget = number - change
                case .balance(let place):
                    let old = request.balances[place]
                    let at = part.balances.firstIndex(of: old)
                    part.balances[try #require(at)] = Balance(
                        members: old.members, measure: old.measure, isLeast: old.isLeast,
                        size: .number(number + (old.isLeast ? change : -change)))
                case .forcedIn: continue
                }
                #expect(isPossible(part) == works, "\(way) \(change)")
            }
        }
    }

    @Test(
        "A solver that shares no code with ours finds the same best score",
        .enabled(if: Outside.hasPython("ortools")), arguments: [false, true])
    func againstOutside(isFine: Bool) throws {
        let requests = (1...40).map {
            Self.request(UInt64(1_000 + $0), items: 30 + 3 * $0, balances: $0 % 5, isFine: isFine)
        }
        let lines = requests.map { request -> String in
            let items = request.items.map { "[\($0.amount),\($0.score)]" }.joined(separator: ",")
            let balances = request.balances.map { balance -> String in
                let (kind, number): (String, Int64) =
                    switch balance.size {
                    case .number(let number): ("number", number)
                    case .share(let part): ("share", part)
                    }
                return
                    "[\(balance.members.sorted()),\"\(balance.measure)\",\(balance.isLeast ? 1 : 0),\"\(kind)\",\(number)]"
            }.joined(separator: ",")
            return
                "[[\(items)],\(request.budget),[\(balances)],\(request.forcedIn.sorted()),\(request.forcedOut.sorted())]"
        }
        let program = """
            import json, sys
            from ortools.sat.python import cp_model
            for line in open(sys.argv[1]):
                items, budget, balances, inside, outside = json.loads(line)
                m = cp_model.CpModel()
                x = [m.new_bool_var(str(i)) for i in range(len(items))]
                m.add(sum(a * v for (a, _), v in zip(items, x)) <= budget)
                for members, measure, least, kind, number in balances:
                    w = [a if measure == "money" else 1 for a, _ in items]
                    own = sum(w[i] * x[i] for i in members)
                    left, right = (own, number) if kind == "number" else (
                        1000 * own, number * sum(a * v for a, v in zip(w, x)))
                    m.add(left >= right if least else left <= right)
                for i in inside: m.add(x[i] == 1)
                for i in outside: m.add(x[i] == 0)
                m.maximize(sum(s * v for (_, s), v in zip(items, x)))
                solver = cp_model.CpSolver()
                solver.parameters.num_workers = 2
                solver.parameters.max_time_in_seconds = 20
                state = solver.solve(m)
                print({cp_model.OPTIMAL: round(solver.objective_value), cp_model.INFEASIBLE: "none"}.get(state, "late"))
            """
        let answer = try #require(try Outside.python(program, input: lines.joined(separator: "\n")))
        let theirs = answer.split(separator: "\n").map(String.init)
        try #require(theirs.count == requests.count)
        var (agreed, late) = (0, 0)
        for (request, other) in zip(requests, theirs) where other != "late" {
            switch try PortfolioSolver.solve(request) {
            case .chosen(let found):
                #expect(Self.keeps(Set(found.chosen), request))
                if found.isProven { agreed += 1 } else { late += 1 }
                #expect(found.isProven ? "\(found.score)" == other : found.score <= Int64(other) ?? 0)
                #expect(found.bound >= Int64(other) ?? Int64.max)
            case .impossible: #expect(other == "none")
            case .undecided: late += 1
            }
        }
        print(
            "portfolio \(isFine ? "fine" : "coarse"): \(agreed) of \(requests.count) proved and equal, \(late) not proved"
        )
        #expect(late <= 4)
    }

    @Test("More money, one limit less, or one more application never lowers the best score", arguments: 1...40)
    func monotone(seed: UInt64) throws {
        let request = Self.request(seed + 500, items: 24)
        guard let base = try PortfolioSolver.solve(request).portfolio, base.isProven else { return }
        let more = try PortfolioStudy.budgets([request.budget, request.budget * 6 / 5, request.budget * 2], request)
            .map { $0.portfolio?.score ?? Int64.min }
        #expect(more == more.sorted() && more[0] == base.score)
        for answer in try PortfolioStudy.withoutBalances(request) {
            #expect(answer.portfolio?.score ?? 0 >= base.score)
        }
        for item in [0, 7, 23] where !request.forcedIn.contains(item) && !request.forcedOut.contains(item) {
            let turned = try PortfolioStudy.turning(item, of: Set(base.chosen), request)
            guard let other = turned.portfolio else { continue }
            #expect(other.score <= base.score && other.chosen.contains(item) != base.chosen.contains(item))
        }
    }

    @Test("The order of the input leaves no trace in score and cost", arguments: 1...30)
    func order(seed: UInt64) throws {
        let request = Self.request(seed + 900, items: 20)
        var turned = request
        turned.items.reverse()
        func place(_ old: Int) -> Int { 19 - old }
        turned.balances = request.balances.map {
            Balance(members: Set($0.members.map(place)), measure: $0.measure, isLeast: $0.isLeast, size: $0.size)
        }
        turned.forcedIn = Set(request.forcedIn.map(place))
        turned.forcedOut = Set(request.forcedOut.map(place))
        let (one, other) = (try PortfolioSolver.solve(request).portfolio, try PortfolioSolver.solve(turned).portfolio)
        #expect(one?.score == other?.score && one?.cost == other?.cost && one?.alternatives == other?.alternatives)
    }

    @Test("Requests that make no sense are refused")
    func refusals() {
        let items = [Item(amount: 1, score: 1), Item(amount: 0, score: 1)]
        #expect(throws: PortfolioError.faulty) { try PortfolioSolver.solve(.init(items: items, budget: 1)) }
        let good = Array(items.prefix(1))
        #expect(throws: PortfolioError.contradiction(0)) {
            try PortfolioSolver.solve(.init(items: good, budget: 1, forcedIn: [0], forcedOut: [0]))
        }
        #expect(throws: PortfolioError.tooLarge) {
            try PortfolioSolver.solve(
                .init(items: [Item(amount: 1, score: 1), Item(amount: Int64.max, score: 1)], budget: 1))
        }
    }

    @Test("A call of two thousand is chosen and bounded")
    func large() throws {
        for (isFine, seed) in [(false, 3), (true, 4)] as [(Bool, UInt64)] {
            let request = Self.request(seed, items: 2_000, balances: 3, isFine: isFine)
            let start = ContinuousClock.now
            let answer = try PortfolioSolver.solve(request)
            let took = ContinuousClock.now - start
            print(
                "portfolio of 2,000, fine \(isFine): \(took), \(answer.portfolio.map { "\($0.score) ≤ \($0.bound), \($0.work) states" } ?? "none")"
            )
            #expect(answer.portfolio.map { $0.score <= $0.bound } == true)
        }
    }
}
