public import Kernel

/// What kind of text is drafted, which decides its terms.
public enum NormKind: String, FactChoice, Codable {
    /// 地方性法规草案: drafted here, passed by the people's congress.
    case localLaw = "local-law"
    /// 市政府规章.
    case rule
    /// 市政府规范性文件: prepared here, issued by the government.
    case governmentDocument = "government-document"
    /// 部门规范性文件: issued by the bureau.
    case departmentDocument = "department-document"

    public var title: Bilingual {
        switch self {
        case .localLaw: Bilingual("地方性法规草案", "Draft of a local law")
        case .rule: Bilingual("市政府规章", "Rule of the city government")
        case .governmentDocument: Bilingual("市政府规范性文件", "Normative document of the government")
        case .departmentDocument: Bilingual("部门规范性文件", "Normative document of the bureau")
        }
    }

    /// Whether the bureau itself issues and numbers it.
    var isOwn: Bool { self == .departmentDocument }
    /// Whether the terms of rules hold for it; a local law is drafted under the same ones here.
    var isRule: Bool { self == .rule || self == .localLaw }
}

/// What the length of a public consultation depends on.
public struct ConsultationFacts: RuleFacts {
    public var kind: NormKind?
    /// Whether it is a major administrative decision.
    public var major: Bool?
    /// Days from the day after its opening through its last day.
    public var days: Int?
    /// Whether reasons for a shorter time are stated with it.
    public var reasoned: Bool?

    public init() {}

    public static let fields: [FactField<ConsultationFacts>] = [
        .choice("kind", Bilingual("文件种类", "Kind of text"), \.kind),
        .yesNo("major", Bilingual("属于重大行政决策", "A major administrative decision"), \.major),
        .number(
            "days", Bilingual("公开征求意见天数", "Days of public consultation"), in: 0...1_000,
            unit: Bilingual("日", "days"), \.days),
        .yesNo("reasoned", Bilingual("已说明缩短期限的理由", "Reasons for a shorter time are stated"), \.reasoned),
    ]

    public static func sample(_ random: inout SeededRandom) -> ConsultationFacts {
        var facts = ConsultationFacts()
        facts.kind = NormKind.allCases.randomElement(using: &random)
        facts.major = Bool.random(using: &random)
        facts.days = Int.random(in: 5...45, using: &random)
        facts.reasoned = Int.random(in: 0..<4, using: &random) == 0
        return facts
    }
}

/// Whether a consultation is long enough.
public struct ConsultationOutcome: RuleOutcome {
    public enum Verdict: String, Sendable { case enough, shortened, tooShort = "too-short", unknown }

    public let verdict: Verdict
    /// The shortest time; nil where the kind is unknown.
    public let least: Int?

    public var json: JSONValue {
        ["verdict": .string(verdict.rawValue), "least": least.map { .integer(Int64($0)) } ?? .null]
    }
    public var summary: String { verdict.rawValue }
    public var words: Bilingual {
        let least = least.map(String.init) ?? "?"
        return switch verdict {
        case .enough: Bilingual("期限足够（不少于 \(least) 日）", "Long enough: at least \(least) days")
        case .shortened: Bilingual("已说明理由，可以短于 \(least) 日", "Shorter than \(least) days, with reasons stated")
        case .tooShort: Bilingual("期限不足，应不少于 \(least) 日", "Too short: it must be at least \(least) days")
        case .unknown: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 公开征求意见期限: rules at least 30 days without exception (规章制定程序条例 15); major decisions 30 days, shorter only with
/// stated reasons (重大行政决策程序暂行条例 15), which departments apply by reference (42).
public struct ConsultationRule: Rule {
    public static let id = "strategy.consultation"
    public static let version = 1
    public static let title = Bilingual("公开征求意见期限", "Length of a public consultation")
    public static let parameters = [
        "strategy.consultation.rule.days", "strategy.consultation.decision.days",
        "strategy.consultation.normative.days",
    ]
    public static let conditions = ["long-enough", "reasons"]

    let rule: Legal<Int64>
    let decision: Legal<Int64>
    let document: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        rule = try law.number("strategy.consultation.rule.days")
        decision = try law.number("strategy.consultation.decision.days")
        document = try law.number("strategy.consultation.normative.days")
    }

    /// The shortest time for a kind.
    public func least(_ kind: NormKind, major: Bool) -> Legal<Int64> {
        if kind.isRule { return rule }
        return major ? decision : document
    }

    public func decide(_ facts: ConsultationFacts, _ run: inout RuleRun) -> ConsultationOutcome {
        guard let kind = facts.kind, let major = facts.major else {
            if facts.kind == nil { run.misses("kind") }
            if facts.major == nil { run.misses("major") }
            return ConsultationOutcome(verdict: .unknown, least: nil)
        }
        let term = least(kind, major: major)
        let least = Int(term.value)
        guard let days = facts.days else {
            run.misses("days")
            return ConsultationOutcome(verdict: .unknown, least: least)
        }
        let isEnough = days >= least
        let unit = Bilingual("日", "days")
        run.note(
            TraceStep(
                "long-enough", Bilingual("期限不少于规定天数", "Not shorter than the rule says"), isEnough ? .met : .unmet,
                value: .number(Int64(days), unit: unit), against: .number(term.value, unit: unit), law: term.reference))
        if isEnough { return ConsultationOutcome(verdict: .enough, least: least) }
        // A rule knows no shorter consultation, whatever the reasons.
        guard !kind.isRule else { return ConsultationOutcome(verdict: .tooShort, least: least) }
        guard let reasoned = facts.reasoned else {
            run.misses("reasoned")
            return ConsultationOutcome(verdict: .unknown, least: least)
        }
        run.note(
            TraceStep(
                "reasons", Bilingual("已说明缩短期限的理由", "Reasons for a shorter time are stated"),
                reasoned ? .met : .unmet, value: .yesNo(reasoned), law: decision.reference))
        return ConsultationOutcome(verdict: reasoned ? .shortened : .tooShort, least: least)
    }
}
