import Kernel

/// The one place where permits ask the rule on categories: what it is told, and what is read of its answer.
enum CategoryQuestion {
    /// What the rule said, as permits need it.
    struct Answer: Sendable {
        let ruling: Ruling
        /// Classes that a met route leads to.
        let supported: Set<PermitClass>
        let points: Int
        /// Facts and numbers that could change the outcome.
        let missing: [String]

        /// The step in which the condition relied on was judged.
        func step(of route: String) -> TraceStep? {
            let keys =
                switch route {
                case "a3": ["a3-post", "a3-wage"]
                case "b-graduate": ["b1"]
                default: [route]
                }
            let steps = ruling.trace.filter { keys.contains($0.key) }
            return steps.first { $0.verdict == .met } ?? steps.last
        }

        /// Remarks that decide nothing, such as an age on which the sources differ.
        var warnings: [TraceStep] { ruling.trace.flatMap(\.flattened).filter { $0.verdict == .warning } }
    }

    /// Asks the rule.
    /// - Parameter age: full years on the day of the law.
    /// - Throws: ``FactsProblem``, ``RuleBookError``.
    static func ask(_ answers: JSONValue, age: Int?, under law: Law) throws -> Answer {
        let ruling = try RuleEntry(CategoryRule.self).ruling(facts(answers, age: age), under: law)
        let routes = (ruling.outcome["routes"]?.array ?? []).compactMap(\.string)
        return Answer(
            ruling: ruling,
            supported: Set(routes.compactMap { $0.first.flatMap { PermitClass(rawValue: $0.uppercased()) } }),
            points: Int(ruling.outcome["points"]?.integer ?? 0), missing: ruling.missing)
    }

    /// Yes-or-no facts that the form asks as one list.
    private static let flags = [
        "formerChineseNational", "chineseTaughtDegree", "bonusLocation", "topUniversity", "fortune500", "patents",
        "fiveYearsInChina", "talentProgramme", "recognisedAchievement", "encouragedPost", "postDoctoral",
        "recognisedQualification", "languageTeacher", "nativeLanguage", "teachingCertificate", "specialPersonnel",
        "graduateOfKnownUniversity", "majorMatches",
    ]

    /// Facts under the names of the rule; numbers left empty count as none.
    static func facts(_ answers: JSONValue, age: Int?) -> JSONValue {
        var facts: [String: JSONValue] = [:]
        let held = Set((answers["holds"]?.array ?? []).compactMap(\.string))
        for flag in flags { facts[flag] = .bool(held.contains(flag)) }
        func copy(_ field: String, _ fact: String, else fallback: JSONValue = .null) {
            let value = answers[field] ?? .null
            facts[fact] = value == .null ? fallback : value
        }
        copy("education", "education")
        copy("vocational", "vocational", else: "none")
        copy("years-of-work", "yearsOfWork")
        copy("months-per-year", "monthsPerYear")
        copy("hsk", "hsk")
        copy("local-bonus", "localBonus", else: 0)
        copy("teaching-years", "teachingYears", else: 0)
        copy("years-since-graduation", "yearsSinceGraduation")
        copy("average-mark", "averageMark")
        copy("investment-usd", "investmentUSD", else: 0)
        copy("investment-years", "investmentYears", else: 0)
        copy("shareholding", "shareholding", else: 0)
        copy("post-kind", "post", else: "none")
        copy("other", "other", else: "none")
        facts["annualSalary"] = yuan(answers["annual-salary"])
        facts["investedRevenue"] = yuan(answers["invested-revenue"]) ?? 0
        if let age { facts["age"] = .integer(Int64(age)) }
        return .object(facts.filter { $0.value != .null })
    }

    /// Fen of the form as yuan of the rule.
    private static func yuan(_ value: JSONValue?) -> JSONValue? {
        guard let fen = value?.integer else { return nil }
        if fen.isMultiple(of: 100) { return .integer(fen / 100) }
        return DecimalNumber(units: fen, places: 2).map { .decimal($0) }
    }
}

extension Day {
    /// Full years lived since a birth date.
    func age(since birth: Day) -> Int {
        let (year, month, day) = parts
        let born = birth.parts
        return year - born.year - ((month, day) < (born.month, born.day) ? 1 : 0)
    }
}
