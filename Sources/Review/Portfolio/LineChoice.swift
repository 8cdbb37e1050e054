import Judgement
public import Kernel

/// Applications that have something in common, which a line may have to keep in balance.
public struct LineGroup: Hashable, Sendable {
    /// Stable, e.g. `field:520`.
    public let key: String
    public let title: Bilingual
    public let members: Set<ID<CaseFile>>

    public init(key: String, title: Bilingual, members: Set<ID<CaseFile>>) {
        self.key = key
        self.title = title
        self.members = members
    }
}

/// A limit on those of a group that are funded.
public struct LineBalance: Hashable, Sendable {
    public enum Measure: String, Sendable, CaseIterable { case count, money }
    public enum Size: Hashable, Sendable {
        /// A number of applications, or an amount in fen.
        case number(Int64)
        /// Thousandths of all that is funded.
        case share(Int64)
    }

    public let group: LineGroup
    public let measure: Measure
    /// At least, or else at most.
    public let isLeast: Bool
    public let size: Size

    public init(group: LineGroup, measure: Measure, isLeast: Bool, size: Size) {
        self.group = group
        self.measure = measure
        self.isLeast = isLeast
        self.size = size
    }
}

/// What a line is asked for beside the budget.
public struct LineQuestion: Hashable, Sendable {
    /// What is made as large as can be.
    public enum Aim: String, Sendable, CaseIterable {
        /// The sum of the means.
        case total
        /// The sum of what the means are above the least mean: many weak ones do not outweigh a strong one.
        case above

        public var title: Bilingual {
            switch self {
            case .total: Bilingual("平均分之和", "Sum of the means")
            case .above: Bilingual("高出最低平均分的分数之和", "Sum of the points above the least mean")
            }
        }
    }

    public var budget: Money
    /// The least mean, in thousandths, that may be funded.
    public var floor: Int
    public var aim: Aim
    public var balances: [LineBalance]
    public var forcedIn: Set<ID<CaseFile>>
    public var forcedOut: Set<ID<CaseFile>>

    public init(
        budget: Money, floor: Int, aim: Aim = .total, balances: [LineBalance] = [],
        forcedIn: Set<ID<CaseFile>> = [], forcedOut: Set<ID<CaseFile>> = []
    ) {
        self.budget = budget
        self.floor = floor
        self.aim = aim
        self.balances = balances
        self.forcedIn = forcedIn
        self.forcedOut = forcedOut
    }
}

/// The best combination of ranked applications under a budget and limits, with its proof and what changes would cost.
public struct LineChoice: Sendable {
    public enum Outcome: Hashable, Sendable {
        case chosen(Chosen)
        /// What cannot be kept together, in words, with ways out.
        case impossible([Bilingual])
        /// The search gave up, or the amounts cannot be counted.
        case undecided
    }

    public struct Chosen: Hashable, Sendable {
        public let funded: Set<ID<CaseFile>>
        /// The aim's sum in thousandths of a point.
        public let score: Int64
        public let cost: Money
        /// No choice has a higher sum.
        public let bound: Int64
        public let isProven: Bool
        /// How many other choices have the same sum at the same cost.
        public let alternatives: Int
    }

    public let question: LineQuestion
    public let outcome: Outcome
    private let ranked: [RankedItem]
    private let request: PortfolioRequest

    /// - Parameters:
    ///   - ranked: by rank.
    ///   - amounts: what each would get; one without an amount is never funded.
    public init(_ ranked: [RankedItem], amounts: [ID<CaseFile>: Money], _ question: LineQuestion) {
        self.question = question
        let payable = ranked.filter { (amounts[$0.item] ?? .zero).fen > 0 }
        self.ranked = payable
        let places = Dictionary(payable.enumerated().map { ($1.item, $0) }, uniquingKeysWith: { first, _ in first })
        let items = payable.map { item in
            PortfolioRequest.Item(
                amount: amounts[item.item]?.fen ?? 0,
                score: Int64(question.aim == .above ? max(0, item.mean - question.floor) : item.mean))
        }
        let forced = Set(question.forcedIn.compactMap { places[$0] })
        let low = payable.indices.filter { payable[$0].mean < question.floor && !forced.contains($0) }
        request = PortfolioRequest(
            items: items, budget: question.budget.fen,
            balances: question.balances.map { LineChoice.balance($0, places) }, forcedIn: forced,
            forcedOut: Set(low).union(question.forcedOut.compactMap { places[$0] }).subtracting(forced))
        outcome = LineChoice.outcome(try? PortfolioSolver.solve(request), payable, question)
    }

    private static func balance(_ balance: LineBalance, _ places: [ID<CaseFile>: Int]) -> PortfolioRequest.Balance {
        let size: PortfolioRequest.Balance.Size =
            switch balance.size {
            case .number(let number): .number(number)
            case .share(let part): .share(thousandths: part)
            }
        return .init(
            members: Set(balance.group.members.compactMap { places[$0] }),
            measure: balance.measure == .count ? .count : .money, isLeast: balance.isLeast, size: size)
    }

    private static func outcome(
        _ answer: PortfolioAnswer?, _ ranked: [RankedItem], _ question: LineQuestion
    ) -> Outcome {
        switch answer {
        case .chosen(let found):
            .chosen(
                Chosen(
                    funded: Set(found.chosen.map { ranked[$0].item }), score: found.score, cost: Money(fen: found.cost),
                    bound: found.bound, isProven: found.isProven, alternatives: found.alternatives))
        case .impossible(let conflict): .impossible(words(conflict, question))
        case .undecided, nil: .undecided
        }
    }

    // MARK: What changes would do

    /// The outcome under another budget.
    public func under(_ budget: Money) -> Outcome {
        var changed = request
        changed.budget = budget.fen
        return LineChoice.outcome(try? PortfolioSolver.solve(changed), ranked, question)
    }

    /// What each balance costs: the outcome without it.
    public func withoutBalances() -> [Outcome] {
        ((try? PortfolioStudy.withoutBalances(request)) ?? []).map { LineChoice.outcome($0, ranked, question) }
    }

    /// The outcome when one application is forced in, or out where it is in; nil where it cannot be had.
    public func turning(_ item: ID<CaseFile>) -> Outcome? {
        guard case .chosen(let chosen) = outcome, let place = ranked.firstIndex(where: { $0.item == item }) else {
            return nil
        }
        let inside = Set(ranked.indices.filter { chosen.funded.contains(ranked[$0].item) })
        return LineChoice.outcome(try? PortfolioStudy.turning(place, of: inside, request), ranked, question)
    }

    // MARK: Words

    private static func words(_ conflict: PortfolioConflict, _ question: LineQuestion) -> [Bilingual] {
        let together = conflict.limits.map { name($0, question) }
        var lines = [
            Bilingual(
                "这些要求不能同时满足：\(together.map(\.zh).joined(separator: "；"))。",
                "These cannot be kept together: \(together.map(\.en).joined(separator: "; ")).")
        ]
        for way in conflict.ways {
            let name = name(way.limit, question)
            guard let number = way.number else {
                lines.append(Bilingual("可以去掉：\(name.zh)。", "Way out: leave out '\(name.en)'."))
                continue
            }
            switch way.limit {
            case .balance(let place) where question.balances[place].measure == .count:
                lines.append(Bilingual("或把「\(name.zh)」改为 \(number) 项。", "Way out: change '\(name.en)' to \(number)."))
            default:
                let money = Money(fen: number).yuanText
                lines.append(Bilingual("或把「\(name.zh)」改为 \(money) 元。", "Way out: change '\(name.en)' to RMB \(money)."))
            }
        }
        return lines
    }

    private static func name(_ limit: PortfolioLimit, _ question: LineQuestion) -> Bilingual {
        switch limit {
        case .budget: Bilingual("预算 \(question.budget.yuanText) 元", "budget of RMB \(question.budget.yuanText)")
        case .balance(let place): question.balances[place].text
        case .forcedIn: Bilingual("强制入选的项目", "applications that must be in")
        }
    }
}

extension LineBalance {
    /// In words.
    public var text: Bilingual {
        let what = measure == .count ? Bilingual("项数", "number") : Bilingual("金额", "money")
        let number: Bilingual =
            switch size {
            case .share(let part): Bilingual("\(percent(part))%", "\(percent(part)) %")
            case .number(let number) where measure == .count: Bilingual("\(number) 项", "\(number)")
            case .number(let fen): Bilingual("\(Money(fen: fen).yuanText) 元", "RMB \(Money(fen: fen).yuanText)")
            }
        return Bilingual(
            "\(group.title.zh)的\(what.zh)\(isLeast ? "不少于" : "不多于") \(number.zh)",
            "\(what.en) of \(group.title.en) \(isLeast ? "at least" : "at most") \(number.en)")
    }

    private func percent(_ thousandths: Int64) -> String {
        thousandths % 10 == 0 ? "\(thousandths / 10)" : "\(thousandths / 10).\(thousandths % 10)"
    }
}
