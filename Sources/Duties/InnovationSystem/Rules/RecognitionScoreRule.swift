public import Kernel

/// Points that experts give, and the counts that bound them.
public struct RecognitionScoreFacts: RuleFacts {
    public var advance: Int?
    public var coreSupport: Int?
    public var classOneRights: Int?
    public var classTwoRights: Int?
    /// Points given for the number of rights, within the band.
    public var rightsPoints: Int?
    public var ownResearch: Bool?
    public var waysPoints: Int?
    public var standardsPoints: Int?
    /// Yearly average over three years, in hundredths.
    public var transformationsHundredths: Int?
    public var transformationPoints: Int?
    public var systemPoints: Int?
    public var bodyPoints: Int?
    public var incentivesPoints: Int?
    public var trainingPoints: Int?
    public var assets = GrowthFacts()
    public var sales = GrowthFacts()
    public var assetsPoints: Int?
    public var salesPoints: Int?

    public init() {}

    public static let fields: [FactField<RecognitionScoreFacts>] = [
        .number("advance", Bilingual("技术的先进程度", "How advanced the technology is"), in: 0...100, \.advance),
        .number(
            "coreSupport", Bilingual("对主要产品的核心支持作用", "Core support for the main products"), in: 0...100, \.coreSupport),
        .number("classOneRights", Bilingual("Ⅰ类知识产权数量", "Class I rights"), \.classOneRights),
        .number(
            "classTwoRights", Bilingual("Ⅱ类知识产权数量（仅首次使用的）", "Class II rights used for the first time"), \.classTwoRights
        ),
        .number("rightsPoints", Bilingual("知识产权数量得分", "Points for the number of rights"), in: 0...100, \.rightsPoints),
        .yesNo("ownResearch", Bilingual("有自主研发取得的知识产权", "Has rights from its own research"), \.ownResearch),
        .number(
            "waysPoints", Bilingual("知识产权获得方式得分", "Points for how rights were obtained"), in: 0...100, \.waysPoints),
        .number("standardsPoints", Bilingual("参与制定标准加分", "Points for standards"), in: 0...100, \.standardsPoints),
        .number(
            "transformationsHundredths",
            Bilingual("近三年年均科技成果转化数（百分之一项）", "Yearly transformations over three years, in hundredths"),
            \.transformationsHundredths),
        .number(
            "transformationPoints", Bilingual("成果转化得分", "Points for transformation"), in: 0...100,
            \.transformationPoints),
        .number("systemPoints", Bilingual("研发组织管理制度得分", "Points for the R&D system"), in: 0...100, \.systemPoints),
        .number(
            "bodyPoints", Bilingual("研发机构与产学研合作得分", "Points for R&D body and cooperation"), in: 0...100, \.bodyPoints),
        .number(
            "incentivesPoints", Bilingual("成果转化激励与平台得分", "Points for incentives and platform"), in: 0...100,
            \.incentivesPoints),
        .number(
            "trainingPoints", Bilingual("人才培养与绩效评价得分", "Points for training and evaluation"), in: 0...100,
            \.trainingPoints),
        .money("assets1", Bilingual("第一年净资产（元）", "Net assets of the first year"), allowsLoss: true, \.assets.y1),
        .money("assets2", Bilingual("第二年净资产（元）", "Net assets of the second year"), allowsLoss: true, \.assets.y2),
        .money("assets3", Bilingual("第三年净资产（元）", "Net assets of the third year"), allowsLoss: true, \.assets.y3),
        .number("assetsPoints", Bilingual("净资产增长率得分", "Points for growth of net assets"), in: 0...100, \.assetsPoints),
        .money("sales1", Bilingual("第一年销售收入（元）", "Sales of the first year"), allowsLoss: true, \.sales.y1),
        .money("sales2", Bilingual("第二年销售收入（元）", "Sales of the second year"), allowsLoss: true, \.sales.y2),
        .money("sales3", Bilingual("第三年销售收入（元）", "Sales of the third year"), allowsLoss: true, \.sales.y3),
        .number("salesPoints", Bilingual("销售收入增长率得分", "Points for growth of sales"), in: 0...100, \.salesPoints),
    ]

    public static func sample(_ random: inout SeededRandom) -> RecognitionScoreFacts {
        var facts = RecognitionScoreFacts()
        func points(_ most: Int) -> Int { Int.random(in: most / 2...most, using: &random) }
        (facts.advance, facts.coreSupport) = (points(8), points(8))
        (facts.classOneRights, facts.classTwoRights) = (points(2), points(8))
        facts.rightsPoints = points(8)
        facts.ownResearch = Int.random(in: 0..<10, using: &random) > 0
        (facts.waysPoints, facts.standardsPoints) = (points(6), points(2))
        facts.transformationsHundredths = points(700)
        facts.transformationPoints = points(30)
        (facts.systemPoints, facts.bodyPoints) = (points(6), points(6))
        (facts.incentivesPoints, facts.trainingPoints) = (points(4), points(4))
        (facts.assets, facts.sales) = (GrowthFacts.sample(&random), GrowthFacts.sample(&random))
        (facts.assetsPoints, facts.salesPoints) = (points(10), points(10))
        return facts
    }
}

/// The score in all.
public struct RecognitionScoreOutcome: RuleOutcome {
    public let total: Int
    /// Nil while points are missing.
    public let passes: Bool?

    public var json: JSONValue { ["total": .integer(Int64(total)), "passes": passes.map { .bool($0) } ?? .null] }
    public var summary: String { passes.map { $0 ? "passes" : "fails" } ?? "?" }
    public var words: Bilingual {
        switch passes {
        case true: Bilingual("\(total) 分，达到", "\(total) points: passes")
        case false: Bilingual("\(total) 分，未达到", "\(total) points: does not pass")
        default: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 企业创新能力评价: 国科火〔2016〕195号. Experts give whole points inside the band that the facts open; points outside are
/// cut to it and the trace says so. Passing is above 70.
public struct RecognitionScoreRule: Rule {
    public static let id = "recognition.score"
    public static let version = 1
    public static let title = Bilingual("高新技术企业创新能力评分", "Score of a high-tech enterprise")
    public static let parameters = [
        "recognition.pass-above", "recognition.transformation", "recognition.growth", "recognition.ip.",
        "recognition.organisation.",
    ]
    public static let conditions = ["passes"]

    let growth: GrowthRule
    let passAbove: Legal<Int64>
    let transformation: Legal<Bands>
    let classOne: Legal<Bands>
    let classTwo: Legal<Bands>
    let most: [String: Legal<Int64>]

    public init(_ law: Law) throws(RuleBookError) {
        growth = try GrowthRule(law)
        passAbove = try law.number("recognition.pass-above")
        transformation = try law.bands("recognition.transformation")
        classOne = try law.bands("recognition.ip.class-one")
        classTwo = try law.bands("recognition.ip.class-two")
        var most: [String: Legal<Int64>] = [:]
        for id in [
            "ip.most", "ip.advance-most", "ip.core-most", "ip.own-most", "ip.acquired-most", "ip.standards-most",
            "organisation.system-most", "organisation.body-most", "organisation.incentives-most",
            "organisation.training-most",
        ] { most[id] = try law.number("recognition.\(id)") }
        self.most = most
    }

    public func decide(_ facts: RecognitionScoreFacts, _ run: inout RuleRun) -> RecognitionScoreOutcome {
        let rights = rights(facts, &run)
        let results = banded(
            "transformation", Bilingual("科技成果转化能力", "Transformation of results"), "transformationPoints",
            facts.transformationPoints, count: facts.transformationsHundredths.map { Int64($0) / 100 },
            "transformationsHundredths", transformation, &run)
        let organisation = organisation(facts, &run)
        let grown =
            grown("assets", Bilingual("净资产增长", "Growth of net assets"), facts.assets, facts.assetsPoints, &run)
            + grown("sales", Bilingual("销售收入增长", "Growth of sales"), facts.sales, facts.salesPoints, &run)
        let total = rights + results + organisation + grown
        let isOpen = !run.missing.isEmpty
        let passes: Bool? = isOpen ? nil : total > passAbove.value
        run.note(
            TraceStep(
                "passes", Bilingual("总分超过", "The total is above"), passes.map { $0 ? .met : .unmet } ?? .unknown,
                value: points(total), against: points(passAbove.value), law: passAbove.reference))
        return RecognitionScoreOutcome(total: Int(total), passes: passes)
    }

    private func points(_ number: Int64) -> FactValue { .number(number, unit: Bilingual("分", "points")) }

    /// Points as given, cut to what is allowed.
    private func cut(
        _ key: String, _ what: Bilingual, _ fact: String, _ given: Int?, _ range: ClosedRange<Int64>,
        _ law: LawReference,
        _ run: inout RuleRun
    ) -> Int64 {
        guard let given else {
            run.misses(fact)
            run.note(TraceStep(key, what, .unknown, law: law))
            return 0
        }
        let counted = min(max(Int64(given), range.lowerBound), range.upperBound)
        run.note(
            TraceStep(
                key, what, .given, value: points(Int64(given)),
                against: .text("\(range.lowerBound)–\(range.upperBound)"), gives: points(counted), law: law))
        return counted
    }

    private func upTo(
        _ id: String, _ key: String, _ what: Bilingual, _ fact: String, _ given: Int?, _ run: inout RuleRun
    ) -> Int64 {
        guard let limit = most[id] else { return 0 }
        return cut(key, what, fact, given, 0...limit.value, limit.reference, &run)
    }

    private func banded(
        _ key: String, _ what: Bilingual, _ fact: String, _ given: Int?, count: Int64?, _ countFact: String,
        _ bands: Legal<Bands>, _ run: inout RuleRun
    ) -> Int64 {
        guard let count, let band = bands.value.band(of: count) else {
            run.misses(countFact)
            return 0
        }
        run.note(
            TraceStep(
                "\(key)-band", Bilingual("可给分档", "Band of points"), .given,
                value: .number(count, unit: Bilingual("项", "")),
                gives: .text("\(band.gives)–\(band.most)"), law: bands.reference))
        return cut(key, what, fact, given, band.gives...band.most, bands.reference, &run)
    }

    private func rights(_ facts: RecognitionScoreFacts, _ run: inout RuleRun) -> Int64 {
        var sum = upTo(
            "ip.advance-most", "advance", Bilingual("技术的先进程度", "How advanced"), "advance", facts.advance, &run)
        sum += upTo("ip.core-most", "core", Bilingual("核心支持作用", "Core support"), "coreSupport", facts.coreSupport, &run)
        let isFirst = (facts.classOneRights ?? 0) >= 1
        sum += banded(
            isFirst ? "class-one" : "class-two", Bilingual("知识产权数量", "Number of rights"), "rightsPoints",
            facts.rightsPoints,
            count: (isFirst ? facts.classOneRights : facts.classTwoRights).map(Int64.init),
            isFirst ? "classOneRights" : "classTwoRights", isFirst ? classOne : classTwo, &run)
        if let own = facts.ownResearch {
            sum += upTo(
                own ? "ip.own-most" : "ip.acquired-most", "ways", Bilingual("知识产权获得方式", "How rights were obtained"),
                "waysPoints", facts.waysPoints, &run)
        } else {
            run.misses("ownResearch")
        }
        sum += upTo(
            "ip.standards-most", "standards", Bilingual("参与制定标准", "Standards"), "standardsPoints",
            facts.standardsPoints ?? 0, &run)
        guard let cap = most["ip.most"] else { return sum }
        run.note(
            TraceStep(
                "rights", Bilingual("知识产权合计（封顶）", "Rights in all, capped"), .given, value: points(sum),
                against: points(cap.value), gives: points(min(sum, cap.value)), law: cap.reference))
        return min(sum, cap.value)
    }

    private func organisation(_ facts: RecognitionScoreFacts, _ run: inout RuleRun) -> Int64 {
        upTo(
            "organisation.system-most", "system", Bilingual("研发组织管理制度", "R&D system"), "systemPoints",
            facts.systemPoints, &run)
            + upTo(
                "organisation.body-most", "body", Bilingual("研发机构与合作", "R&D body and cooperation"), "bodyPoints",
                facts.bodyPoints, &run)
            + upTo(
                "organisation.incentives-most", "incentives", Bilingual("转化激励与平台", "Incentives and platform"),
                "incentivesPoints", facts.incentivesPoints, &run)
            + upTo(
                "organisation.training-most", "training", Bilingual("人才培养", "Training"), "trainingPoints",
                facts.trainingPoints, &run)
    }

    private func grown(
        _ key: String, _ what: Bilingual, _ amounts: GrowthFacts, _ given: Int?, _ run: inout RuleRun
    ) -> Int64 {
        var inner = RuleRun(traced: run.isTraced)
        let outcome = growth.decide(amounts, &inner)
        guard outcome.isKnown else {
            for (index, amount) in [amounts.y1, amounts.y2, amounts.y3].enumerated() where amount == nil {
                run.misses("\(key)\(index + 1)")
            }
            return 0
        }
        for step in inner.steps ?? [] { run.note(step) }
        return cut(
            "\(key)-points", what, "\(key)Points", given, Int64(outcome.least)...Int64(outcome.most),
            growth.bands.reference, &run)
    }
}
