public import Kernel

/// What the force of a text depends on.
public struct ValidityFacts: RuleFacts {
    public var kind: NormKind?
    /// A rule that stands in for a local law that is still missing.
    public var temporary: Bool?
    public var published: Day?
    public var effective: Day?
    /// Years of validity asked for; none for no end.
    public var years: Int?
    /// Whether it must be in force at once: security, exchange rates, money, or else it could not be carried out.
    public var urgent: Bool?

    public init() {}

    public static let fields: [FactField<ValidityFacts>] = [
        .choice("kind", Bilingual("文件种类", "Kind of text"), \.kind),
        .yesNo("temporary", Bilingual("尚无地方性法规依据的先行规章", "A rule in place of a missing local law"), \.temporary),
        .day("published", Bilingual("公布日", "Published on"), \.published),
        .day("effective", Bilingual("施行日", "In force from"), \.effective),
        .number(
            "years", Bilingual("有效期", "Validity"), in: 1...100, unit: Bilingual("年", "years"),
            hint: Bilingual("规章可不设有效期", "A rule may have none"), \.years),
        .yesNo("urgent", Bilingual("公布后不立即施行将有碍施行", "Must be in force at once"), \.urgent),
    ]

    public static func sample(_ random: inout SeededRandom) -> ValidityFacts {
        var facts = ValidityFacts()
        facts.kind = NormKind.allCases.randomElement(using: &random)
        facts.temporary = Int.random(in: 0..<10, using: &random) == 0
        let day = Day(number: Int.random(in: 20_500...20_900, using: &random))
        facts.published = day
        facts.effective = day.adding(days: Int.random(in: 0...60, using: &random))
        facts.years = Int.random(in: 1...8, using: &random)
        facts.urgent = Int.random(in: 0..<8, using: &random) == 0
        return facts
    }
}

/// Whether a text may come into force as proposed, and until when it holds.
public struct ValidityOutcome: RuleOutcome {
    public enum Verdict: String, Sendable {
        case valid
        case tooEarly = "too-early"
        case tooLong = "too-long"
        case endless, unknown
    }

    public let verdict: Verdict
    /// The last day of its force; nil without an end.
    public let expires: Day?

    public var json: JSONValue {
        ["verdict": .string(verdict.rawValue), "expires": expires.map { .string($0.description) } ?? .null]
    }
    public var summary: String { verdict.rawValue }
    public var words: Bilingual {
        switch verdict {
        case .valid:
            expires.map { Bilingual("有效期至 \($0.text(.chinese))", "In force until \($0.text(.english))") }
                ?? Bilingual("长期有效", "In force without an end")
        case .tooEarly: Bilingual("公布至施行的时间不足", "Too little time between publication and force")
        case .tooLong: Bilingual("有效期超过上限", "Valid for longer than allowed")
        case .endless: Bilingual("须设有效期", "It needs an end")
        case .unknown: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 施行与有效期: rules take force at least 30 days after publication, with exceptions (规章制定程序条例 32); one that stands in
/// for a local law ends after two years (立法法 93); normative documents have a longest life.
public struct ValidityRule: Rule {
    public static let id = "strategy.validity"
    public static let version = 1
    public static let title = Bilingual("施行日与有效期", "Coming into force and validity")
    public static let parameters = [
        "strategy.effect.days", "strategy.validity.temporary.years", "strategy.validity.normative.years",
    ]
    public static let conditions = ["after-publication", "waits", "urgent", "within"]

    let wait: Legal<Int64>
    let temporary: Legal<Int64>
    let document: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        wait = try law.number("strategy.effect.days")
        temporary = try law.number("strategy.validity.temporary.years")
        document = try law.number("strategy.validity.normative.years")
    }

    public func decide(_ facts: ValidityFacts, _ run: inout RuleRun) -> ValidityOutcome {
        guard let kind = facts.kind, let published = facts.published, let effective = facts.effective else {
            if facts.kind == nil { run.misses("kind") }
            if facts.published == nil { run.misses("published") }
            if facts.effective == nil { run.misses("effective") }
            return ValidityOutcome(verdict: .unknown, expires: nil)
        }
        if let verdict = start(kind, published, effective, facts.urgent, &run) {
            return ValidityOutcome(verdict: verdict, expires: nil)
        }
        let isTemporary = kind == .rule && facts.temporary == true
        let limit: Legal<Int64>? = isTemporary ? temporary : kind.isRule ? nil : document
        guard let years = facts.years ?? (isTemporary ? Int(temporary.value) : nil) else {
            return ValidityOutcome(verdict: limit == nil ? .valid : .endless, expires: nil)
        }
        // The last day is the one before the corresponding day: what begins on 1 March ends on a last of February.
        let expires = effective.adding(years: years).adding(days: -1)
        guard let limit else { return ValidityOutcome(verdict: .valid, expires: expires) }
        let isWithin = years <= Int(limit.value)
        let unit = Bilingual("年", "years")
        run.note(
            TraceStep(
                "within", Bilingual("有效期不超过上限", "Not longer than allowed"), isWithin ? .met : .unmet,
                value: .number(Int64(years), unit: unit), against: .number(limit.value, unit: unit),
                law: limit.reference))
        return ValidityOutcome(verdict: isWithin ? .valid : .tooLong, expires: isWithin ? expires : nil)
    }

    /// What forbids the first day; nil where nothing does.
    private func start(
        _ kind: NormKind, _ published: Day, _ effective: Day, _ urgent: Bool?, _ run: inout RuleRun
    ) -> ValidityOutcome.Verdict? {
        let isAfter = effective >= published
        run.note(
            TraceStep(
                "after-publication", Bilingual("施行日不早于公布日", "Not in force before it is published"),
                isAfter ? .met : .unmet, value: .day(effective), against: .day(published), law: wait.reference))
        guard isAfter else { return .tooEarly }
        guard kind.isRule else { return nil }
        let earliest = published.adding(days: Int(wait.value))
        let waits = effective >= earliest
        run.note(
            TraceStep(
                "waits", Bilingual("公布满规定天数后施行", "In force after the days of waiting"), waits ? .met : .unmet,
                value: .day(effective), against: .day(earliest), law: wait.reference))
        if waits { return nil }
        guard let urgent else {
            run.misses("urgent")
            return .unknown
        }
        run.note(
            TraceStep(
                "urgent", Bilingual("属于可以自公布之日起施行的情形", "One of the exceptions"), urgent ? .met : .unmet,
                value: .yesNo(urgent), law: wait.reference))
        return urgent ? nil : .tooEarly
    }
}
