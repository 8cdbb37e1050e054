public import Kernel

/// How an accepted project ends: 通过, 结题 or 不通过 (the bureau's acceptance notices since 2021).
public enum AcceptanceOutcome: String, Codable, Sendable, CaseIterable {
    case passed, closed, failed

    public var name: Bilingual {
        switch self {
        case .passed: Bilingual("通过验收", "Accepted")
        case .closed: Bilingual("结题", "Closed without full acceptance")
        case .failed: Bilingual("不通过验收", "Not accepted")
        }
    }
}

/// What an acceptance outcome brings with it, by the rule in force on the day of the decision.
public struct AcceptanceConsequences: Codable, Hashable, Sendable {
    /// Money that comes back to the treasury; nil where nothing does.
    public let recovery: Money?
    /// The surplus stays with the organisation; zero years means without limit, nil that it does not stay.
    public let surplusYears: Int?
    /// The principal investigator may not apply before this day has passed; nil for no ban.
    public let banUntil: Day?
    /// Whether each other main participant gets one mark, and how many marks make a ban.
    public let marksForBan: Int?
    public let sources: [RuleSource]
    public let explanation: Bilingual

    /// Works the consequences out.
    /// - Parameters:
    ///   - paid: what the project has received.
    ///   - surplus: what it has left, interest included.
    /// - Throws: ``RuleBookError`` where the book has no value for the day.
    public static func of(
        _ outcome: AcceptanceOutcome, paid: Money, surplus: Money, rules: RuleBook, on day: Day
    ) throws(RuleBookError) -> AcceptanceConsequences {
        switch outcome {
        case .passed:
            let years = try rules.dated("acceptance.surplus-years", on: day)
            let count = try rules.number("acceptance.surplus-years", on: day)
            return AcceptanceConsequences(
                recovery: nil, surplusYears: count, banUntil: nil, marksForBan: nil, sources: [years.source],
                explanation: count == 0
                    ? Bilingual(
                        "结余资金留归单位，用于科研直接支出。", "The surplus stays with the organisation for direct research spending.")
                    : Bilingual(
                        "结余资金留归单位，\(count) 年内用于科研。",
                        "The surplus stays with the organisation for research within \(count) years."))
        case .closed:
            return AcceptanceConsequences(
                recovery: surplus.fen > 0 ? surplus : nil, surplusYears: nil, banUntil: nil, marksForBan: nil,
                sources: [], explanation: Bilingual("结余资金及利息退回。", "The surplus and its interest are returned."))
        case .failed:
            let years = try rules.number("acceptance.failed-ban-years", on: day)
            let ban = try rules.dated("acceptance.failed-ban-years", on: day)
            let marks = try rules.dated("acceptance.marks-for-ban", on: day)
            return AcceptanceConsequences(
                recovery: paid.fen > 0 ? paid : nil, surplusYears: nil,
                banUntil: day.adding(years: years), marksForBan: try rules.number("acceptance.marks-for-ban", on: day),
                sources: [ban.source, marks.source],
                explanation: Bilingual(
                    "已拨资金退回；项目负责人 \(years) 年内不得申报市级科技计划项目，不推荐申报国家、省级项目和奖励；其他主要参与人各记一次。",
                    "The money paid is returned; for \(years) years the principal investigator may not apply for municipal projects and is not recommended for national or provincial projects or awards; each other main participant gets one mark."
                ))
        }
    }
}

/// Whether marks of failed acceptances add up to a ban.
public enum Marks {
    /// The ban's last day when a new mark on `day` makes the count reach the limit; nil while it does not.
    /// - Throws: ``RuleBookError`` where the book has no value for the day.
    public static func ban(
        marksBefore: Int, on day: Day, rules: RuleBook
    ) throws(RuleBookError) -> Day? {
        let limit = try rules.number("acceptance.marks-for-ban", on: day)
        guard marksBefore + 1 >= limit else { return nil }
        return day.adding(years: try rules.number("acceptance.failed-ban-years", on: day))
    }
}
