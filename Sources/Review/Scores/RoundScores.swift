import Judgement
public import Kernel
public import Store

/// The total that one expert gave one item, in thousandths of a point.
public struct SheetScore: Hashable, Sendable {
    public let item: ID<CaseFile>
    public let expert: ID<Expert>
    public let total: Int

    public init(item: ID<CaseFile>, expert: ID<Expert>, total: Int) {
        self.item = item
        self.expert = expert
        self.total = total
    }
}

/// What the sheets of a round say about one item beside its plain mean. Points are in thousandths, probabilities in
/// thousandths too.
public struct ItemScore: Codable, Hashable, Sendable {
    public let item: ID<CaseFile>
    public let count: Int
    /// The plain mean, and the place by it; equal means share a place.
    public let mean: Int
    public let meanRank: Int
    /// Highest less lowest total.
    public let spread: Int
    /// Standard deviation of the totals; nil with one sheet.
    public let deviation: Int?
    /// The same after the experts' habits are taken off: what they truly disagree about.
    public let disagreement: Int?
    /// The score with the experts' habits taken off, drawn to the mean of all as far as its sheets are few.
    public let calibrated: Int
    /// Between these the calibrated score lies with probability 90 %.
    public let low: Int
    public let high: Int
    /// Place by the calibrated score, and the places between which the true one lies with probability 90 %.
    public let rank: Int
    public let rankLow: Int
    public let rankHigh: Int
    /// Probability of being among those that the line reaches; nil where no line was given.
    public let chance: Int?
    /// From 1: the scores cannot tell the members of one group from its best.
    public let group: Int
    /// From 1: no expert joins items of different parts.
    public let part: Int
}

/// How one expert's totals stand to those of others on equal items, in thousandths of a point.
public struct ExpertHabit: Hashable, Sendable {
    public let expert: ID<Expert>
    public let count: Int
    public let mean: Int
    /// Above zero: kinder than others; drawn to zero as far as the sheets are few.
    public let bias: Int
    /// Standard error of `bias`.
    public let error: Int
}

/// Something that makes the scores weaker than they look.
public struct ScoreCaution: Codable, Hashable, Sendable {
    /// Stable, e.g. `scores.unconnected`.
    public let code: String
    public let message: Bilingual
}

/// The scores of a round with the habits of its experts taken off; see docs/scores.md. They stand beside the plain
/// mean and never in its place.
public struct RoundScores: Hashable, Sendable {
    /// Half the width of an interval of 90 %, in standard errors.
    static let halfWidth = 1.644854

    /// How many items the line reaches; nil where it is open.
    public let line: Int?
    /// By calibrated score, best first.
    public let items: [ItemScore]
    public let experts: [ExpertHabit]
    public let cautions: [ScoreCaution]
    /// Parts of the round that no expert joins.
    public let parts: Int
    /// How many seeded draws stand behind ranks and chances.
    public let draws: Int

    private let places: [ID<CaseFile>: Int]

    /// - Parameter line: how many items can be funded.
    public init(_ sheets: [SheetScore], line: Int?) {
        self.line = line
        guard !sheets.isEmpty else {
            (items, experts, cautions, parts, draws, places) = ([], [], [], 0, 0, [:])
            return
        }
        let result = Calibration(
            sheets.map {
                Score(
                    application: $0.item.text, reviewer: $0.expert.text,
                    value: ExactDecimal(digits: Int64($0.total), places: 3))
            }, CalibrationOptions(line: line))
        items = result.applications.map(ItemScore.init)
        experts = result.reviewers.map { one in
            ExpertHabit(
                expert: ID(one.reviewer), count: one.count, mean: thousandths(one.raw), bias: thousandths(one.bias),
                error: thousandths(one.error))
        }
        cautions = result.warnings.map { ScoreCaution(code: $0.code, message: Bilingual($0.zh, $0.en)) }
        parts = result.components
        draws = result.draws
        places = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.item, $0) })
    }

    public subscript(item: ID<CaseFile>) -> ItemScore? { places[item].map { items[$0] } }
}

extension ItemScore {
    init(_ one: Standing) {
        item = ID(one.application)
        count = one.count
        mean = thousandths(one.raw)
        meanRank = one.rawRank
        spread = thousandths(one.spread)
        deviation = one.deviation.map(thousandths)
        disagreement = one.disagreement.map(thousandths)
        calibrated = thousandths(one.calibrated)
        low = thousandths(one.calibrated - RoundScores.halfWidth * one.error)
        high = thousandths(one.calibrated + RoundScores.halfWidth * one.error)
        rank = one.rank
        rankLow = one.rankLow
        rankHigh = one.rankHigh
        chance = one.chance.map(thousandths)
        group = one.group
        part = one.component
    }
}

private func thousandths(_ value: Double) -> Int { Int((value * 1_000).rounded()) }

extension RoundStore {
    /// The totals of a round's submitted sheets, of the items that have as many as they need: one query.
    public static func totals(_ round: Round, _ tx: Tx) throws -> [SheetScore] {
        let all = try tx.rows(
            """
            SELECT item, expert, total FROM review_assignment WHERE round = \(round.id) AND state = 'submitted'
            ORDER BY item, id
            """
        ) { SheetScore(item: try $0["item"], expert: try $0["expert"], total: try $0["total"]) }
        var counts: [ID<CaseFile>: Int] = [:]
        for one in all { counts[one.item, default: 0] += 1 }
        return all.filter { counts[$0.item] ?? 0 >= round.wanted }
    }
}
