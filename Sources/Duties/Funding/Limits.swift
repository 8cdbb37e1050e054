public import Kernel

/// What the limits rule needs to know of one applicant in one year.
public struct LimitFacts: Hashable, Codable, Sendable {
    /// Kinds of host that the 2020 notice tells apart.
    public enum Host: String, Codable, Sendable, CaseIterable {
        case enterprise, university, institute, hospital, enterpriseKeyLaboratory
    }

    public var host: Host
    /// Code of the programme's kind, e.g. `technology-general` or `basic-research`.
    public var programmeKind: String
    /// The enterprise was funded last year in one of the kinds counted together.
    public var fundedLastYear: Bool
    /// A national or provincial award in the last two years, or on the city's top-100 list in the last three.
    public var distinguished: Bool
    /// R&D spending of last year; nil where it was not stated.
    public var researchSpendingLastYear: Money?
    /// This year's other applications of the enterprise in the kinds counted together, led or joined.
    public var enterpriseApplications: Int
    /// This year's other basic-research applications of the investigator.
    public var investigatorBasicApplications: Int
    /// Other municipal projects of the investigator that are applied for or running, led or joined; platforms and
    /// ex-post subsidies not counted.
    public var investigatorApplyingAndRunning: Int

    public init(
        host: Host, programmeKind: String, fundedLastYear: Bool = false, distinguished: Bool = false,
        researchSpendingLastYear: Money? = nil, enterpriseApplications: Int = 0,
        investigatorBasicApplications: Int = 0, investigatorApplyingAndRunning: Int = 0
    ) {
        self.host = host
        self.programmeKind = programmeKind
        self.fundedLastYear = fundedLastYear
        self.distinguished = distinguished
        self.researchSpendingLastYear = researchSpendingLastYear
        self.enterpriseApplications = enterpriseApplications
        self.investigatorBasicApplications = investigatorBasicApplications
        self.investigatorApplyingAndRunning = investigatorApplyingAndRunning
    }
}

/// One condition that was looked at: the allowance, what is used, and the article.
public struct LimitStep: Hashable, Codable, Sendable {
    public let parameter: String
    public let allowed: Int?
    public let used: Int
    public let met: Bool
    public let text: Bilingual
    public let source: RuleSource
}

/// The outcome of the limits rule with its trace.
public struct LimitOutcome: Hashable, Codable, Sendable {
    public let steps: [LimitStep]
    public var admitted: Bool { steps.allSatisfy(\.met) }
}

/// How many projects one may apply for (限项), after the bureau's notice of 2020-07-06.
public enum Limits {
    /// Judges whether one more application is within the limits in force on a day.
    /// - Throws: ``RuleBookError`` where the book has no value for the day.
    public static func judge(
        _ facts: LimitFacts, rules: RuleBook, on day: Day
    ) throws(RuleBookError) -> LimitOutcome {
        var steps: [LimitStep] = []
        let shared = try rules.codes("limits.enterprise.shared-kinds", on: day)
        if facts.host == .enterprise, shared.contains(facts.programmeKind) {
            steps.append(try enterprise(facts, rules, day))
        }
        if facts.programmeKind == "basic-research" {
            steps.append(
                try step(
                    "limits.investigator.basic-per-year", used: facts.investigatorBasicApplications, rules, day,
                    Bilingual("项目负责人本年度申报基础研究项目", "basic-research applications of the investigator this year")))
        }
        if facts.host != .enterprise {
            steps.append(
                try step(
                    "limits.investigator.applying-and-running", used: facts.investigatorApplyingAndRunning, rules, day,
                    Bilingual("项目负责人在研和申报的市级项目", "municipal projects of the investigator applied for or running")))
        }
        return LimitOutcome(steps: steps)
    }

    private static func enterprise(
        _ facts: LimitFacts, _ rules: RuleBook, _ day: Day
    ) throws(RuleBookError) -> LimitStep {
        let unlimited = "limits.enterprise.no-limit-above"
        // 超过 excludes the number itself (Civil Code 1259).
        if let spending = facts.researchSpendingLastYear, spending > (try rules.money(unlimited, on: day)) {
            return LimitStep(
                parameter: unlimited, allowed: nil, used: facts.enterpriseApplications, met: true,
                text: Bilingual("上年研发投入超过规定数额，不限项", "last year's R&D spending is above the amount: no limit"),
                source: try rules.dated(unlimited, on: day).source)
        }
        let parameter =
            switch (facts.distinguished, facts.fundedLastYear) {
            case (false, true): "limits.enterprise.funded-last-year"
            case (false, false): "limits.enterprise.not-funded-last-year"
            case (true, true): "limits.enterprise.distinguished-funded"
            case (true, false): "limits.enterprise.distinguished-not-funded"
            }
        return try step(
            parameter, used: facts.enterpriseApplications, rules, day,
            Bilingual("企业本年度牵头或参与申报的四类项目", "the enterprise's applications this year in the four kinds, led or joined"))
    }

    private static func step(
        _ parameter: String, used: Int, _ rules: RuleBook, _ day: Day, _ what: Bilingual
    ) throws(RuleBookError) -> LimitStep {
        let allowed = try rules.number(parameter, on: day)
        return LimitStep(
            parameter: parameter, allowed: allowed, used: used, met: used + 1 <= allowed,
            text: Bilingual(
                "\(what.zh)：限 \(allowed) 项，已有 \(used) 项", "\(what.en): at most \(allowed), \(used) already"),
            source: try rules.dated(parameter, on: day).source)
    }
}
