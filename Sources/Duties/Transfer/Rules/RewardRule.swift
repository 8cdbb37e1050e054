public import Kernel

/// How an achievement earns: 促进科技成果转化法 45.
public enum RewardWay: String, FactChoice {
    case transfer, equity, ownUse = "own-use"

    public var title: Bilingual {
        switch self {
        case .transfer: Bilingual("转让或许可", "Transfer or licence")
        case .equity: Bilingual("作价投资", "Invested for shares")
        case .ownUse: Bilingual("自行或合作实施", "Own use, alone or with others")
        }
    }
}

/// What the reward of the inventors depends on.
public struct RewardFacts: RuleFacts {
    public var way: RewardWay?
    /// Net income, value of the shares, or operating profit of one year.
    public var base: Money?
    /// Years in which the share of the profit is paid.
    public var years: Int?
    /// What the unit has ruled or agreed with the inventors, per mille; nil where there is neither.
    public var agreed: Int?
    /// Whether the state set up the unit as a research institute or university.
    public var stateOwned: Bool?

    public init() {}

    public static let fields: [FactField<RewardFacts>] = [
        .choice("way", Bilingual("转化方式", "How it earns"), \.way),
        .money(
            "base", Bilingual("净收入、股份价值或当年营业利润（元）", "Net income, value of shares or profit of the year, in RMB"), \.base
        ),
        .number("years", Bilingual("连续提取年数（自行实施）", "Years of payment, for own use"), in: 0...50, \.years),
        .number(
            "agreed", Bilingual("单位规定或约定的比例（‰）", "Share ruled or agreed by the unit, per mille"), in: 0...1_000,
            \.agreed),
        .yesNo(
            "stateOwned", Bilingual("国家设立的研究机构或高等院校", "Research institute or university set up by the state"),
            \.stateOwned),
    ]

    public static func sample(_ random: inout SeededRandom) -> RewardFacts {
        var facts = RewardFacts()
        facts.way = RewardWay.allCases.randomElement(using: &random)
        facts.base = Money(fen: Int64.random(in: 100_000...5_000_000_000, using: &random))
        facts.years = Int.random(in: 1...6, using: &random)
        facts.agreed = Bool.random(using: &random) ? Int.random(in: 10...800, using: &random) : nil
        facts.stateOwned = Bool.random(using: &random)
        return facts
    }
}

/// What the inventors get.
public struct RewardOutcome: RuleOutcome {
    public var share: Int64?
    public var reward: Money?
    /// Whether the share and the years may stand; nil while unknown.
    public var lawful: Bool?

    public var json: JSONValue {
        [
            "share": share.map { .integer($0) } ?? .null, "reward": reward.map { .integer($0.fen) } ?? .null,
            "lawful": lawful.map { .bool($0) } ?? .null,
        ]
    }
    public var summary: String { lawful.map { $0 ? "lawful" : "too little" } ?? "?" }
    public var words: Bilingual {
        guard let reward, let lawful else { return Bilingual("资料不足", "Facts are missing") }
        return lawful
            ? Bilingual("奖励和报酬 \(reward.text(.chinese))", "Reward of \(reward.text(.english))")
            : Bilingual("低于法定标准", "Less than the law wants")
    }
}

/// 奖励和报酬: what the unit has ruled or agreed counts; without it the law's least shares. Institutes and universities of
/// the state may not stay below them. 促进科技成果转化法 articles 44 and 45.
public struct RewardRule: Rule {
    public static let id = "transfer.reward"
    public static let version = 1
    public static let title = Bilingual("成果完成人奖励", "Reward of inventors")
    public static let parameters = [
        "transfer.reward.income-share", "transfer.reward.equity-share", "transfer.reward.profit-share",
        "transfer.reward.profit-years",
    ]
    public static let conditions = ["least", "years"]

    let least: [RewardWay: Legal<Int64>]
    let years: Legal<Bands>

    public init(_ law: Law) throws(RuleBookError) {
        least = [
            .transfer: try law.number("transfer.reward.income-share"),
            .equity: try law.number("transfer.reward.equity-share"),
            .ownUse: try law.number("transfer.reward.profit-share"),
        ]
        years = try law.bands("transfer.reward.profit-years")
    }

    public func decide(_ facts: RewardFacts, _ run: inout RuleRun) -> RewardOutcome {
        var outcome = RewardOutcome()
        guard let way = facts.way, let base = facts.base, let least = least[way] else {
            if facts.way == nil { run.misses("way") }
            if facts.base == nil { run.misses("base") }
            return outcome
        }
        let share = facts.agreed.map(Int64.init) ?? least.value
        outcome.share = share
        // Divided first, so that no sum overflows; what is left is under a thousand fen.
        outcome.reward = Money(fen: base.fen / 1_000 * share + base.fen % 1_000 * share / 1_000)
        let enough = stands(share, against: least, facts, &run)
        let inTime = way == .ownUse ? lasts(facts, &run) : true
        outcome.lawful =
            enough == false || inTime == false ? false : (enough == nil || inTime == nil ? nil : true)
        run.note(
            TraceStep(
                "reward", Bilingual("奖励和报酬", "Reward"), .given, value: .money(base),
                against: .number(share, unit: Bilingual("‰", "‰")), gives: outcome.reward.map(FactValue.money),
                law: least.reference))
        return outcome
    }

    private func stands(
        _ share: Int64, against least: Legal<Int64>, _ facts: RewardFacts, _ run: inout RuleRun
    ) -> Bool? {
        guard share < least.value else {
            run.note(
                TraceStep(
                    "least", Bilingual("不低于法定比例", "Not below the share of the law"), .met,
                    value: .number(share, unit: Bilingual("‰", "‰")),
                    against: .number(least.value, unit: Bilingual("‰", "‰")), law: least.reference))
            return true
        }
        if facts.stateOwned == nil { run.misses("stateOwned") }
        run.note(
            TraceStep(
                "least",
                Bilingual(
                    "不低于法定比例；国家设立的研究机构、高等院校不得低于，其他单位可以约定",
                    "Not below the share of the law; state institutes may not, others may agree on less"),
                facts.stateOwned.map { $0 ? .unmet : .warning } ?? .unknown,
                value: .number(share, unit: Bilingual("‰", "‰")),
                against: .number(least.value, unit: Bilingual("‰", "‰")), law: least.reference))
        return facts.stateOwned.map { !$0 }
    }

    private func lasts(_ facts: RewardFacts, _ run: inout RuleRun) -> Bool? {
        guard let count = facts.years else {
            run.misses("years")
            return nil
        }
        let holds = years.value.gives(Int64(count)) != nil
        run.note(
            TraceStep(
                "years", Bilingual("连续三至五年提取", "Paid in three to five years"), holds ? .met : .unmet,
                value: .number(Int64(count), unit: Bilingual("年", "years")), law: years.reference))
        guard !holds, facts.agreed != nil else { return holds }
        // Who may agree on another share may agree on other years.
        if facts.stateOwned == nil { run.misses("stateOwned") }
        return facts.stateOwned.map { !$0 }
    }
}
