public import Kernel

/// What the fee of an expert depends on.
public struct ExpertFeeFacts: RuleFacts {
    public enum Rank: String, FactChoice {
        case senior, other, eminent

        public var title: Bilingual {
            switch self {
            case .senior: Bilingual("高级专业技术职称", "Senior title")
            case .other: Bilingual("其他专业人员", "Other professional")
            case .eminent: Bilingual("院士、全国知名专家", "Academician or nationally known expert")
            }
        }
    }

    public enum Form: String, FactChoice {
        case meeting
        case halfDay = "half-day"
        case remote

        public var title: Bilingual {
            switch self {
            case .meeting: Bilingual("会议或现场（按天）", "Meeting or visit, by days")
            case .halfDay: Bilingual("会议或现场（半天）", "Meeting or visit, half a day")
            case .remote: Bilingual("通讯评审（按次）", "Remote review, by times")
            }
        }
    }

    public var rank: Rank?
    public var form: Form?
    /// Days of a meeting, or remote reviews.
    public var count: Int?
    /// Members of the project get no fee.
    public var projectMember: Bool?

    public init() {}

    public static let fields: [FactField<ExpertFeeFacts>] = [
        .choice("rank", Bilingual("专家级别", "Rank"), \.rank),
        .choice("form", Bilingual("咨询形式", "Form"), \.form),
        .number("count", Bilingual("天数或次数", "Days or times"), in: 1...365, \.count),
        .yesNo("projectMember", Bilingual("是项目组成员或项目管理人员", "Is a member of the project"), \.projectMember),
    ]

    public static func sample(_ random: inout SeededRandom) -> ExpertFeeFacts {
        var facts = ExpertFeeFacts()
        facts.rank = Rank.allCases.randomElement(using: &random)
        facts.form = Form.allCases.randomElement(using: &random)
        facts.count = Int.random(in: 1...6, using: &random)
        facts.projectMember = Int.random(in: 0..<20, using: &random) == 0
        return facts
    }
}

/// The least and the most that an expert may be paid, after tax.
public struct ExpertFeeOutcome: RuleOutcome {
    public let least: Money?
    public let most: Money?

    public var json: JSONValue {
        func fen(_ money: Money?) -> JSONValue { money.map { .integer($0.fen) } ?? .null }
        return ["least": fen(least), "most": fen(most)]
    }
    public var summary: String { most?.yuanText ?? "?" }
    public var words: Bilingual {
        guard let least, let most else { return Bilingual("资料不足", "Facts are missing") }
        return Bilingual(
            "\(least.yuanText) 至 \(most.yuanText) 元（税后）", "RMB \(least.yuanText) to \(most.yuanText) after tax")
    }
}

/// 专家咨询费: 财科教〔2017〕128号.
public struct ExpertFeeRule: Rule {
    public static let id = "review.expert-fee"
    public static let version = 1
    public static let title = Bilingual("专家咨询费标准", "Fees of experts")
    public static let parameters = ["review.fee."]
    public static let conditions = ["outsider"]

    let least: [ExpertFeeFacts.Rank: Legal<Int64>]
    let most: [ExpertFeeFacts.Rank: Legal<Int64>]
    let eminentMore: Legal<Int64>
    let halfDay: Legal<Int64>
    let fullDays: Legal<Int64>
    let laterDays: Legal<Int64>
    let remoteLeast: Legal<Int64>
    let remoteMost: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        let (low, high) = (try law.number("review.fee.senior-least"), try law.number("review.fee.senior-most"))
        least = [.senior: low, .eminent: low, .other: try law.number("review.fee.other-least")]
        most = [.senior: high, .eminent: high, .other: try law.number("review.fee.other-most")]
        eminentMore = try law.number("review.fee.eminent-more")
        halfDay = try law.number("review.fee.half-day")
        fullDays = try law.number("review.fee.full-days")
        laterDays = try law.number("review.fee.later-days")
        remoteLeast = try law.number("review.fee.remote-least")
        remoteMost = try law.number("review.fee.remote-most")
    }

    public func decide(_ facts: ExpertFeeFacts, _ run: inout RuleRun) -> ExpertFeeOutcome {
        for (name, isMissing) in [
            ("rank", facts.rank == nil), ("form", facts.form == nil), ("count", facts.count == nil),
            ("projectMember", facts.projectMember == nil),
        ] where isMissing { run.misses(name) }
        run.note(
            TraceStep(
                "outsider", Bilingual("不是项目组成员或项目管理人员", "Is not a member of the project"),
                facts.projectMember.map { $0 ? .unmet : .met } ?? .unknown,
                value: facts.projectMember.map(FactValue.yesNo),
                law: fullDays.reference))
        if facts.projectMember == true { return ExpertFeeOutcome(least: .zero, most: .zero) }
        guard let rank = facts.rank, let form = facts.form, let count = facts.count, facts.projectMember == false,
            let low = least[rank], let high = most[rank]
        else { return ExpertFeeOutcome(least: nil, most: nil) }
        let (from, to) = shares(form, Int64(count))
        let more = rank == .eminent ? 1_000 + eminentMore.value : 1_000
        // Both shares and the addition are per mille.
        let outcome = ExpertFeeOutcome(
            least: Money(fen: low.value * more * from / 1_000_000), most: Money(fen: high.value * more * to / 1_000_000)
        )
        note(form, rank, (low, high), (from, to), outcome, &run)
        return outcome
    }

    /// How many day rates are due at least and at most, per mille.
    private func shares(_ form: ExpertFeeFacts.Form, _ count: Int64) -> (Int64, Int64) {
        switch form {
        case .halfDay: return (halfDay.value, halfDay.value)
        case .remote: return (remoteLeast.value * count, remoteMost.value * count)
        case .meeting:
            let full = min(count, fullDays.value)
            let days = full * 1_000 + (count - full) * laterDays.value
            return (days, days)
        }
    }

    private func note(
        _ form: ExpertFeeFacts.Form, _ rank: ExpertFeeFacts.Rank, _ rates: (low: Legal<Int64>, high: Legal<Int64>),
        _ shares: (Int64, Int64), _ outcome: ExpertFeeOutcome, _ run: inout RuleRun
    ) {
        let perMille = Bilingual("‰", "‰")
        run.note(
            TraceStep(
                "rate-least", Bilingual("每人天最低标准", "Least day rate"), .given, value: rank.fact,
                gives: .money(Money(fen: rates.low.value)), law: rates.low.reference))
        run.note(
            TraceStep(
                "rate-most", Bilingual("每人天最高标准", "Greatest day rate"), .given, value: rank.fact,
                gives: .money(Money(fen: rates.high.value)), law: rates.high.reference))
        if rank == .eminent {
            run.note(
                TraceStep(
                    "eminent", Bilingual("院士、知名专家上浮", "Added for eminent experts"), .given,
                    gives: .number(eminentMore.value, unit: perMille), law: eminentMore.reference))
        }
        let law =
            switch form {
            case .meeting: laterDays.reference
            case .halfDay: halfDay.reference
            case .remote: remoteMost.reference
            }
        run.note(
            TraceStep(
                form.rawValue, Bilingual("折合每人天的比例", "Share of a day rate"), .given, value: form.fact,
                against: .number(shares.0, unit: perMille), gives: .number(shares.1, unit: perMille), law: law))
    }
}
