public import Kernel

/// What the length of a bar depends on.
public struct SanctionFacts: RuleFacts {
    /// Which rules apply.
    public enum Regime: String, FactChoice {
        case general, nsf

        public var title: Bilingual {
            switch self {
            case .general: Bilingual("科研失信行为调查处理规则", "Rules on research misconduct")
            case .nsf: Bilingual("国家自然科学基金条例", "NSFC Regulation")
            }
        }
    }

    /// As what the subject took part.
    public enum Part: String, FactChoice {
        case applicant, investigator, host, expert, management, service

        public var title: Bilingual {
            switch self {
            case .applicant: Bilingual("申请人", "Applicant")
            case .investigator: Bilingual("项目负责人或参与人", "Investigator or participant")
            case .host: Bilingual("依托单位或承担单位", "Host organisation")
            case .expert: Bilingual("评审咨询专家", "Expert")
            case .management: Bilingual("受托管理机构", "Management body")
            case .service: Bilingual("第三方服务机构", "Service body")
            }
        }
    }

    public enum Gravity: String, FactChoice {
        case light, aggravated, serious, extreme

        public var title: Bilingual {
            switch self {
            case .light: Bilingual("较轻", "Light")
            case .aggravated: Bilingual("较重", "Aggravated")
            case .serious: Bilingual("严重", "Serious")
            case .extreme: Bilingual("特别严重", "Extremely serious")
            }
        }
    }

    public var regime: Regime?
    public var part: Part?
    public var gravity: Gravity?
    /// Years of the bar; zero for none.
    public var years: Int?
    public var life: Bool?

    public init() {}

    public static let fields: [FactField<SanctionFacts>] = [
        .choice("regime", Bilingual("适用规则", "Rules that apply"), \.regime),
        .choice("part", Bilingual("身份", "Part"), \.part),
        .choice("gravity", Bilingual("情节", "Gravity"), \.gravity),
        .number("years", Bilingual("限制年限", "Years of the bar"), in: 0...50, \.years),
        .yesNo("life", Bilingual("终身限制", "For life"), \.life),
    ]

    public static func sample(_ random: inout SeededRandom) -> SanctionFacts {
        var facts = SanctionFacts()
        facts.regime = Int.random(in: 0..<3, using: &random) == 0 ? .nsf : .general
        facts.part = Part.allCases.randomElement(using: &random)
        facts.gravity = Gravity.allCases.randomElement(using: &random)
        facts.years = Int.random(in: 0...8, using: &random)
        facts.life = Int.random(in: 0..<20, using: &random) == 0
        return facts
    }
}

/// Between which lengths a bar must lie.
public struct SanctionOutcome: RuleOutcome {
    /// Fewest and most years; nil most where there is no upper end.
    public var least: Int?
    public var most: Int?
    /// Whether a bar for life is among what the law allows, and whether it is all that it allows.
    public var mayBeLife = false
    public var isAdmitted: Bool?

    public var json: JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        return [
            "least": number(least), "most": number(most), "mayBeLife": .bool(mayBeLife),
            "admitted": isAdmitted.map { .bool($0) } ?? .null,
        ]
    }
    public var summary: String { isAdmitted.map { $0 ? "admitted" : "refused" } ?? "?" }
    public var words: Bilingual {
        guard isAdmitted != nil else { return Bilingual("资料不足", "Facts are missing") }
        let life = mayBeLife ? Bilingual("，或终身", ", or for life") : Bilingual("", "")
        switch (least, most) {
        case (0, 0): return Bilingual("不得设限制年限", "No bar may be imposed")
        case (let least?, let most?):
            return Bilingual("限制 \(least) 至 \(most) 年\(life.zh)", "A bar of \(least) to \(most) years\(life.en)")
        case (let least?, nil):
            return Bilingual("限制 \(least) 年以上\(life.zh)", "A bar of at least \(counted(least, "year"))\(life.en)")
        default: return Bilingual("终身限制", "A bar for life")
        }
    }
}

/// 限制年限: NSFC Regulation 36–39 and 42; 国科发监〔2022〕221号 for everything else (lengths to be checked).
public struct SanctionRule: Rule {
    public static let id = "integrity.sanction"
    public static let version = 1
    public static let title = Bilingual("处理措施的限制年限", "Length of a bar")
    public static let parameters = ["integrity.bar."]
    public static let conditions = ["length"]

    private let general: Legal<[String: Int64]>
    private let byPart: [SanctionFacts.Part: Legal<[String: Int64]>]
    private let extreme: Legal<[String: Int64]>?

    public init(_ law: Law) throws(RuleBookError) {
        general = try law.table("integrity.bar.general")
        var byPart: [SanctionFacts.Part: Legal<[String: Int64]>] = [:]
        for part in [SanctionFacts.Part.applicant, .investigator, .host, .expert] {
            // Absent on days before the regulation of 2025.
            byPart[part] = try? law.table("integrity.bar.nsf-\(part.rawValue)")
        }
        self.byPart = byPart
        extreme = try? law.table("integrity.bar.nsf-extreme")
    }

    public func decide(_ facts: SanctionFacts, _ run: inout RuleRun) -> SanctionOutcome {
        guard let regime = facts.regime, let part = facts.part, let gravity = facts.gravity, let years = facts.years
        else {
            if facts.regime == nil { run.misses("regime") }
            if facts.part == nil { run.misses("part") }
            if facts.gravity == nil { run.misses("gravity") }
            if facts.years == nil { run.misses("years") }
            return SanctionOutcome()
        }
        let nsf = gravity == .extreme ? extreme : byPart[part]
        let law = regime == .nsf ? nsf ?? general : general
        let life = facts.life ?? false
        func number(_ end: String, _ what: Bilingual) -> Int? {
            let code = "\(gravity.rawValue)-\(end)"
            guard let years = law.value[code] else { return nil }
            run.note(
                TraceStep(
                    end, what, .given, value: .choice(code, label: gravity.title),
                    gives: .number(years, unit: end == "life" ? Bilingual("", "") : Bilingual("年", "years")),
                    law: law.reference))
            return Int(years)
        }
        var outcome = SanctionOutcome(
            least: number("least", Bilingual("最短年限", "Least years")),
            most: number("most", Bilingual("最长年限", "Most years")),
            mayBeLife: number("life", Bilingual("可以终身限制", "It may be for life")) != nil)
        if gravity == .light { (outcome.least, outcome.most) = (0, 0) }
        let fits: Bool =
            if life { outcome.mayBeLife } else {
                outcome.least.map { $0 <= years } ?? false && outcome.most.map { years <= $0 } ?? true
            }
        outcome.isAdmitted = fits
        run.note(
            TraceStep(
                "length", Bilingual("限制年限在规定幅度内", "The length is within what the rules allow"), fits ? .met : .unmet,
                value: .number(Int64(years), unit: Bilingual("年", "years")), against: .text(outcome.words.zh),
                law: gravity == .light ? nil : law.reference))
        return outcome
    }
}
