import Kernel
import Store

/// The items that experts score, as ``RecognitionScoreRule`` names them.
enum ScoreItem: String, CaseIterable, Sendable {
    case advance, coreSupport, rightsPoints, waysPoints, standardsPoints, transformationPoints, systemPoints,
        bodyPoints, incentivesPoints, trainingPoints, assetsPoints, salesPoints

    /// Its name in forms.
    var field: String {
        switch self {
        case .advance: "advance"
        case .coreSupport: "core-support"
        case .rightsPoints: "rights"
        case .waysPoints: "ways"
        case .standardsPoints: "standards"
        case .transformationPoints: "transformation"
        case .systemPoints: "system"
        case .bodyPoints: "body"
        case .incentivesPoints: "incentives"
        case .trainingPoints: "training"
        case .assetsPoints: "assets"
        case .salesPoints: "sales"
        }
    }

    /// The steps of the rule's reasoning that cut its points to their band.
    var steps: [String] {
        switch self {
        case .coreSupport: ["core"]
        case .rightsPoints: ["class-one", "class-two"]
        case .assetsPoints: ["assets-points"]
        case .salesPoints: ["sales-points"]
        default: [field]
        }
    }

    var title: Bilingual {
        RecognitionScoreFacts.fields.first { $0.name == rawValue }?.label ?? Bilingual(rawValue, rawValue)
    }

    var path: WritableKeyPath<RecognitionScoreFacts, Int?> {
        switch self {
        case .advance: \.advance
        case .coreSupport: \.coreSupport
        case .rightsPoints: \.rightsPoints
        case .waysPoints: \.waysPoints
        case .standardsPoints: \.standardsPoints
        case .transformationPoints: \.transformationPoints
        case .systemPoints: \.systemPoints
        case .bodyPoints: \.bodyPoints
        case .incentivesPoints: \.incentivesPoints
        case .trainingPoints: \.trainingPoints
        case .assetsPoints: \.assetsPoints
        case .salesPoints: \.salesPoints
        }
    }
}

/// What the rules are told of an enterprise's application.
struct RecognitionAnswers {
    let values: JSONValue

    private func number(_ name: String) -> Int? { values[name]?.integer.map(Int.init) }
    private func money(_ name: String) -> Money? { values[name]?.integer.map { Money(fen: $0) } }
    private func flag(_ name: String) -> Bool? { values[name]?.string.map { $0 == "yes" } }

    func gate(on day: Day) -> RecognitionGateFacts {
        var facts = RecognitionGateFacts()
        facts.daysRegistered = values["registered-on"]?.string.flatMap { Day($0) }.map {
            max(0, day.number - $0.number)
        }
        facts.ownsCoreRights = flag("core-rights")
        facts.inSupportedField = values["field"]?.string.map { $0 != "other" }
        (facts.staff, facts.scienceStaff) = (number("staff"), number("science-staff"))
        facts.salesLastYear = money("sales3")
        facts.salesThreeYears = Self.sum([money("sales1"), money("sales2"), money("sales3")])
        facts.researchThreeYears = money("research")
        facts.researchInChina = money("research-china")
        facts.incomeLastYear = money("income")
        facts.highTechIncome = money("high-tech-income")
        facts.cleanYear = flag("clean")
        return facts
    }

    private static func sum(_ amounts: [Money?]) -> Money? {
        amounts.contains(nil) ? nil : Money.sum(amounts.compactMap(\.self))
    }

    /// The facts that open the bands; the points are still to come.
    var score: RecognitionScoreFacts {
        var facts = RecognitionScoreFacts()
        (facts.classOneRights, facts.classTwoRights) = (number("class-one"), number("class-two"))
        facts.ownResearch = flag("own-research")
        // A yearly average over three years, in hundredths, rounded down.
        facts.transformationsHundredths = number("transformations").map { $0 * 100 / 3 }
        (facts.assets.y1, facts.assets.y2, facts.assets.y3) = (money("assets1"), money("assets2"), money("assets3"))
        (facts.sales.y1, facts.sales.y2, facts.sales.y3) = (money("sales1"), money("sales2"), money("sales3"))
        let years = values["years-registered"]?.integer.map(Int.init)
        (facts.assets.yearsRegistered, facts.sales.yearsRegistered) = (years, years)
        return facts
    }
}

/// The bands that the facts of one application open, and whether points lie in them.
struct ScoreBands {
    private(set) var ranges: [ScoreItem: ClosedRange<Int>] = [:]
    private let facts: RecognitionScoreFacts
    private let rule: RecognitionScoreRule
    private let day: Day

    /// The rule itself says which points it would count: it is asked with none.
    init(_ answers: RecognitionAnswers, law: Law) throws(RuleBookError) {
        rule = try RecognitionScoreRule(law)
        day = law.day
        var facts = answers.score
        for item in ScoreItem.allCases { facts[keyPath: item.path] = 0 }
        self.facts = facts
        let trace = rule.explain(facts).trace
        for item in ScoreItem.allCases {
            for step in trace where item.steps.contains(step.key) {
                guard case .text(let text)? = step.against else { continue }
                let ends = text.split(separator: "–").compactMap { Int($0) }
                if ends.count == 2, ends[0] <= ends[1] { ranges[item] = ends[0]...ends[1] }
            }
        }
    }

    /// What is wrong with the points of one sheet.
    func problems(_ points: [ScoreItem: Int]) -> [FieldProblem] {
        ScoreItem.allCases.compactMap { item in
            guard let given = points[item] else {
                return FieldProblem(
                    field: item.field, code: "field.required",
                    message: Bilingual("「\(item.title.zh)」必填", "\(item.title.en): is required"))
            }
            guard let range = ranges[item], !range.contains(given) else { return nil }
            return FieldProblem(
                field: item.field, code: "recognition.band",
                message: Bilingual(
                    "「\(item.title.zh)」按所填事实只能给 \(range.lowerBound)–\(range.upperBound) 分",
                    "\(item.title.en): the facts allow \(range.lowerBound) to \(range.upperBound) points"),
                basis: Bilingual("高新技术企业认定管理工作指引 国科发火〔2016〕195号", "Guidelines No. 2016-195 on recognition"))
        }
    }

    /// The ruling on points.
    func ruling(_ points: [ScoreItem: Int]) -> Ruling {
        var facts = facts
        for item in ScoreItem.allCases { facts[keyPath: item.path] = points[item] }
        return rule.ruling(facts, on: day)
    }
}
