public import Kernel

/// What a nomination is asked before anybody judges it.
public struct NomineeFacts: RuleFacts {
    public var level: AwardLevel?
    public var prize: Prize?
    public var grade: Grade?
    public var people: Int?
    public var units: Int?
    /// Whether the nominator is among those nominated.
    public var selfNominated: Bool?
    public var chineseCitizen: Bool?
    /// Whole months since the main papers were published.
    public var monthsPublished: Int?
    /// Whether it failed this time at a higher grade.
    public var failedHigherGrade: Bool?

    public init() {}

    public static let fields: [FactField<NomineeFacts>] = [
        .choice("level", Bilingual("奖励层级", "Level"), \.level), .choice("prize", Bilingual("奖种", "Prize"), \.prize),
        .choice("grade", Bilingual("提名等级", "Grade asked for"), \.grade),
        .number("people", Bilingual("完成人数", "People named"), in: 0...10_000, \.people),
        .number("units", Bilingual("完成单位数", "Organisations named"), in: 0...10_000, \.units),
        .yesNo("selfNominated", Bilingual("提名者即被提名者", "The nominator is the nominee"), \.selfNominated),
        .yesNo("chineseCitizen", Bilingual("中国公民", "Chinese citizen"), \.chineseCitizen),
        .number(
            "monthsPublished", Bilingual("代表性论文公开发表满月数", "Whole months since the main papers were published"),
            in: 0...2_000, \.monthsPublished),
        .yesNo(
            "failedHigherGrade", Bilingual("本次已在更高等级落选", "Failed this time at a higher grade"), \.failedHigherGrade),
    ]

    public static func sample(_ random: inout SeededRandom) -> NomineeFacts {
        var facts = NomineeFacts()
        facts.level = AwardLevel.allCases[Int.random(in: 0..<3, using: &random)]
        facts.prize = Prize.graded[Int.random(in: 0..<3, using: &random)]
        facts.grade = Grade.allCases[Int.random(in: 0..<3, using: &random)]
        facts.people = Int.random(in: 1...18, using: &random)
        facts.units = Int.random(in: 0...11, using: &random)
        facts.selfNominated = Int.random(in: 0..<50, using: &random) == 0
        facts.chineseCitizen = Int.random(in: 0..<20, using: &random) > 0
        facts.monthsPublished = Int.random(in: 6...80, using: &random)
        facts.failedHigherGrade = Int.random(in: 0..<20, using: &random) == 0
        return facts
    }
}

/// Whether somebody may be nominated in this way: 国家科学技术奖励条例 14, the Guangdong notice of 2021 and
/// 深府〔2016〕87号.
public struct NomineeRule: Rule {
    public static let id = "awards.nominee"
    public static let version = 1
    public static let title = Bilingual("提名条件", "Conditions for a nomination")
    public static let parameters = [
        "awards.national.people-only", "awards.national.citizens-only", "awards.self-nomination",
        "awards.provincial.people", "awards.provincial.units", "awards.provincial.people-only",
        "awards.municipal.published", "awards.municipal.grades",
    ]
    public static let conditions = [
        "self", "people-only", "citizen", "people", "units", "published", "graded", "higher-grade",
    ]

    let nationalPeople: Legal<[String]>
    let citizens: Legal<[String]>
    let own: Legal<Int64>
    let people: Legal<[String: Int64]>
    let units: Legal<[String: Int64]>
    let provincialPeople: Legal<[String]>
    let published: Legal<Int64>
    let grades: Legal<[String]>

    public init(_ law: Law) throws(RuleBookError) {
        nationalPeople = try law.codes("awards.national.people-only")
        citizens = try law.codes("awards.national.citizens-only")
        own = try law.number("awards.self-nomination")
        people = try law.table("awards.provincial.people")
        units = try law.table("awards.provincial.units")
        provincialPeople = try law.codes("awards.provincial.people-only")
        published = try law.number("awards.municipal.published")
        grades = try law.codes("awards.municipal.grades")
    }

    public func decide(_ facts: NomineeFacts, _ run: inout RuleRun) -> AwardVerdict {
        if facts.selfNominated == nil { run.misses("selfNominated") }
        var verdicts = [
            run.condition(
                "self", Bilingual("不得自荐", "No self-nomination"), facts.selfNominated.map { !$0 || own.value == 0 },
                own.reference)
        ]
        if let level = facts.level, let prize = facts.prize {
            switch level {
            case .national: verdicts += national(facts, prize, &run)
            case .provincial: verdicts += provincial(facts, prize, &run)
            case .municipal: verdicts += municipal(facts, prize, &run)
            }
        } else {
            if facts.level == nil { run.misses("level") }
            if facts.prize == nil { run.misses("prize") }
            verdicts.append(nil)
        }
        return AwardVerdict(
            verdicts, yes: Bilingual("符合提名条件", "May be nominated"),
            no: Bilingual("不符合提名条件", "May not be nominated"))
    }

    /// Prizes for people reward no organisation.
    private func peopleOnly(_ units: Int?, _ prize: Prize, _ law: LawReference, _ run: inout RuleRun) -> Bool? {
        if units == nil { run.misses("units") }
        return run.condition(
            "people-only", Bilingual("该奖种不奖励单位", "This prize rewards no organisation"), units.map { $0 == 0 },
            value: units.map { .number(Int64($0), unit: Bilingual("个单位", "organisations")) }, law)
    }

    private func national(_ facts: NomineeFacts, _ prize: Prize, _ run: inout RuleRun) -> [Bool?] {
        var verdicts: [Bool?] = []
        if nationalPeople.value.contains(prize.rawValue) {
            verdicts.append(peopleOnly(facts.units, prize, nationalPeople.reference, &run))
        }
        if citizens.value.contains(prize.rawValue) {
            if facts.chineseCitizen == nil { run.misses("chineseCitizen") }
            verdicts.append(
                run.condition(
                    "citizen", Bilingual("授予中国公民", "For Chinese citizens"), facts.chineseCitizen, citizens.reference))
        }
        return verdicts
    }

    private func provincial(_ facts: NomineeFacts, _ prize: Prize, _ run: inout RuleRun) -> [Bool?] {
        var verdicts: [Bool?] = []
        if provincialPeople.value.contains(prize.rawValue) {
            verdicts.append(peopleOnly(facts.units, prize, provincialPeople.reference, &run))
        }
        guard Prize.graded.contains(prize) else { return verdicts }
        if facts.failedHigherGrade == nil { run.misses("failedHigherGrade") }
        verdicts.append(
            run.condition(
                "higher-grade", Bilingual("落选后不降等级", "No lower grade after failing"),
                facts.failedHigherGrade.map { !$0 }, people.reference))
        guard let grade = facts.grade else {
            run.misses("grade")
            return verdicts + [nil]
        }
        let named: [(String, Bilingual, Int?, Legal<[String: Int64]>)] = [
            ("people", Bilingual("完成人数", "People named"), facts.people, people),
            ("units", Bilingual("完成单位数", "Organisations named"), facts.units, units),
        ]
        for (key, what, number, limit) in named {
            guard let most = limit.value[grade.rawValue] else { continue }
            run.note(
                TraceStep(
                    "\(key)-limit", Bilingual("该等级上限", "Most for this grade"), .given, value: grade.fact,
                    gives: .number(most, unit: Bilingual("", "")), law: limit.reference))
            verdicts.append(run.most(key, what, key, number, most, limit.reference))
        }
        return verdicts
    }

    private func municipal(_ facts: NomineeFacts, _ prize: Prize, _ run: inout RuleRun) -> [Bool?] {
        var verdicts: [Bool?] = []
        if prize == .nature {
            if facts.monthsPublished == nil { run.misses("monthsPublished") }
            verdicts.append(
                run.condition(
                    "published", Bilingual("代表性论文公开发表满两年", "The main papers have been public long enough"),
                    facts.monthsPublished.map { Int64($0) >= published.value },
                    value: facts.monthsPublished.map { .number(Int64($0), unit: Bilingual("个月", "months")) },
                    against: .number(published.value, unit: Bilingual("个月", "months")), published.reference))
        }
        guard let grade = facts.grade else {
            run.misses("grade")
            return verdicts + [nil]
        }
        let isGraded = grades.value.contains(prize.rawValue)
        verdicts.append(
            run.condition(
                "graded", Bilingual("奖种与等级相符", "The grade fits the prize"),
                isGraded ? grade == .first || grade == .second : grade == .none, value: grade.fact, grades.reference))
        return verdicts
    }
}
