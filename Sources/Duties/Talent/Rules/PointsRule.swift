public import Kernel

/// Category of a work permit (外国人来华工作分类).
public enum PermitCategory: String, FactChoice {
    case a = "A"
    case b = "B"
    case c = "C"
    case none

    public var title: Bilingual {
        switch self {
        case .a: Bilingual("A 类（外国高端人才）", "Category A (high-end talent)")
        case .b: Bilingual("B 类（外国专业人才）", "Category B (professionals)")
        case .c: Bilingual("C 类（其他外国人员）", "Category C (others)")
        case .none: Bilingual("不符合", "None")
        }
    }
}

/// What the points table gives.
public struct PointsOutcome: RuleOutcome {
    /// Points of what is known; what is missing counts as nothing.
    public let points: Int
    /// Points if everything that is missing were at its best.
    public let atMost: Int
    /// Nil while missing facts could change it.
    public let category: PermitCategory?

    public var json: JSONValue {
        [
            "points": .integer(Int64(points)), "pointsAtMost": .integer(Int64(atMost)),
            "category": category.map { .string($0.rawValue) } ?? .null,
        ]
    }
    public var summary: String { category?.rawValue ?? "?" }
    public var words: Bilingual {
        let range = points == atMost ? "\(points)" : "\(points)–\(atMost)"
        guard let category else {
            return Bilingual("\(range) 分，还缺资料，类别未定", "\(range) points; facts are missing, so the category is open")
        }
        return Bilingual("\(range) 分：\(category.title.zh)", "\(range) points: \(category.title.en)")
    }
}

/// 积分要素计分赋值表（暂行）: 外专发〔2017〕40号, annex 3.
public struct PointsRule: Rule {
    public static let id = "talent.points"
    public static let version = 1
    public static let title = Bilingual("外国人来华工作积分", "Points for work permits")
    public static let parameters = ["talent.points.", "talent.age.least"]
    public static let conditions = ["adult", "class-a", "class-b"]

    let salary: Legal<Bands>
    let education: Legal<[Int64]>
    let vocational: Legal<[Int64]>
    let years: Legal<Bands>
    let months: Legal<Bands>
    let hsk: Legal<Bands>
    let chinese: Legal<Int64>
    let location: Legal<Int64>
    let age: Legal<Bands>
    let other: Legal<Int64>
    let localMost: Legal<Int64>
    let classA: Legal<Int64>
    let classB: Legal<Int64>
    let leastAge: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        salary = try law.bands("talent.points.salary")
        education = try PointsRule.places(of: Education.self, try law.table("talent.points.education"))
        vocational = try PointsRule.places(of: Vocational.self, try law.table("talent.points.vocational"))
        years = try law.bands("talent.points.years-of-work")
        months = try law.bands("talent.points.months-a-year")
        hsk = try law.bands("talent.points.hsk")
        chinese = try law.number("talent.points.chinese")
        location = try law.number("talent.points.location")
        age = try law.bands("talent.points.age")
        other = try law.number("talent.points.other")
        localMost = try law.number("talent.points.local-bonus-most")
        classA = try law.number("talent.points.class-a")
        classB = try law.number("talent.points.class-b")
        leastAge = try law.number("talent.age.least")
    }

    /// The numbers of a table in the order of the choices.
    private static func places<Choice: FactChoice>(
        of type: Choice.Type, _ table: Legal<[String: Int64]>
    ) throws(RuleBookError) -> Legal<[Int64]> {
        var numbers: [Int64] = []
        for choice in Choice.allCases {
            guard let number = table.value[choice.rawValue] else {
                throw .faulty(["\(table.reference.parameter): nothing for \(choice.rawValue)"])
            }
            numbers.append(number)
        }
        return Legal(numbers, table.reference)
    }

    /// Points of a row: of what is known, and at best.
    private struct Row {
        var low: Int64
        var high: Int64

        init(_ points: Int64) { (low, high) = (points, points) }
        init(low: Int64, high: Int64) { (self.low, self.high) = (low, high) }

        static func + (left: Row, right: Row) -> Row { Row(low: left.low + right.low, high: left.high + right.high) }
    }

    public func decide(_ facts: PointsFacts, _ run: inout RuleRun) -> PointsOutcome {
        var total = banded(
            "annualSalary", Words.salary, facts.annualSalary?.fen, salary, { .money(Money(fen: $0)) }, &run)
        total = total + degree(facts, &run)
        total = total + banded("yearsOfWork", Words.years, facts.yearsOfWork.map(Int64.init), years, Words.plain, &run)
        total =
            total
            + banded("monthsPerYear", Words.months, facts.monthsPerYear.map(Int64.init), months, Words.plain, &run)
        total = total + language(facts, &run)
        total = total + place(facts, &run)
        total = total + banded("age", Words.age, facts.age.map(Int64.init), age, Words.plain, &run)
        total = total + others(facts, &run)
        total = total + bonus(facts, &run)
        return judged(total, facts, &run)
    }

    private func judged(_ total: Row, _ facts: PointsFacts, _ run: inout RuleRun) -> PointsOutcome {
        let adult = facts.age.map { Int64($0) >= leastAge.value }
        run.note(
            TraceStep(
                "adult", Words.adult, adult.map { $0 ? .met : .unmet } ?? .unknown,
                value: facts.age.map { Words.plain(Int64($0)) }, against: Words.plain(leastAge.value),
                law: leastAge.reference))
        let isA = met("class-a", Words.classA, total, classA, &run)
        let isB = met("class-b", Words.classB, total, classB, &run)
        let category: PermitCategory? =
            adult == false || isB == false
            ? PermitCategory.none : adult == nil ? nil : isA == true ? .a : isA == false && isB == true ? .b : nil
        return PointsOutcome(points: Int(total.low), atMost: Int(total.high), category: category)
    }

    private func met(
        _ key: String, _ what: Bilingual, _ total: Row, _ line: Legal<Int64>, _ run: inout RuleRun
    ) -> Bool? {
        let verdict: Bool? = total.low >= line.value ? true : total.high < line.value ? false : nil
        run.note(
            TraceStep(
                key, what, verdict.map { $0 ? .met : .unmet } ?? .unknown, value: Words.points(total.low),
                against: Words.points(line.value), law: line.reference))
        return verdict
    }

    private func banded(
        _ fact: String, _ what: Bilingual, _ number: Int64?, _ bands: Legal<Bands>,
        _ shown: (Int64) -> FactValue, _ run: inout RuleRun
    ) -> Row {
        guard let number else { return unknown(fact, what, bands.value.greatest, bands.reference, &run) }
        let points = bands.value.gives(number) ?? 0
        run.note(
            TraceStep(fact, what, .given, value: shown(number), gives: Words.points(points), law: bands.reference))
        return Row(points)
    }

    private func unknown(
        _ fact: String, _ what: Bilingual, _ most: Int64, _ law: LawReference, _ run: inout RuleRun
    ) -> Row {
        run.misses(fact)
        run.note(TraceStep(fact, what, .unknown, law: law))
        return Row(low: 0, high: most)
    }

    private func degree(_ facts: PointsFacts, _ run: inout RuleRun) -> Row {
        let skill = facts.vocational.map { vocational.value[$0.place] } ?? 0
        if let choice = facts.vocational {
            run.note(
                TraceStep(
                    "vocational", Words.vocational, .given, value: .choice(choice.rawValue, label: choice.title),
                    gives: Words.points(skill), law: vocational.reference))
        }
        guard let choice = facts.education else {
            let most = education.value.max() ?? 0
            let row = unknown("education", Words.education, most, education.reference, &run)
            return Row(low: max(row.low, skill), high: max(row.high, skill))
        }
        let points = education.value[choice.place]
        run.note(
            TraceStep(
                "education", Words.education, .given, value: .choice(choice.rawValue, label: choice.title),
                gives: Words.points(points), law: education.reference))
        return Row(max(points, skill))
    }

    /// 曾有中国国籍、汉语授课学位、HSK: the best of the three.
    private func language(_ facts: PointsFacts, _ run: inout RuleRun) -> Row {
        let flags = [
            ("formerChineseNational", facts.formerChineseNational), ("chineseTaughtDegree", facts.chineseTaughtDegree),
        ]
        if flags.contains(where: { $0.1 == true }) {
            run.note(
                TraceStep(
                    "chinese", Words.chinese, .given, value: .yesNo(true), gives: Words.points(chinese.value),
                    law: chinese.reference))
            return Row(chinese.value)
        }
        let level = facts.hsk.map { hsk.value.gives(Int64($0)) ?? 0 }
        run.note(
            TraceStep(
                "hsk", Words.hsk, level == nil ? .unknown : .given, value: facts.hsk.map { Words.plain(Int64($0)) },
                gives: level.map(Words.points), law: hsk.reference))
        if let level, level >= chinese.value { return Row(level) }
        var isOpen = false
        for (name, flag) in flags where flag == nil {
            run.misses(name)
            isOpen = true
        }
        if level == nil {
            run.misses("hsk")
            isOpen = true
        }
        return Row(low: level ?? 0, high: isOpen ? chinese.value : level ?? 0)
    }

    private func place(_ facts: PointsFacts, _ run: inout RuleRun) -> Row {
        guard let flag = facts.bonusLocation else {
            return unknown("bonusLocation", Words.location, location.value, location.reference, &run)
        }
        let points = flag ? location.value : 0
        run.note(
            TraceStep(
                "bonusLocation", Words.location, .given, value: .yesNo(flag), gives: Words.points(points),
                law: location.reference))
        return Row(points)
    }

    private func others(_ facts: PointsFacts, _ run: inout RuleRun) -> Row {
        let has =
            facts.topUniversity == true || facts.fortune500 == true || facts.patents == true
            || facts.fiveYearsInChina == true
        if has {
            run.note(
                TraceStep(
                    "other", Words.other, .given, value: .yesNo(true), gives: Words.points(other.value),
                    law: other.reference))
            return Row(other.value)
        }
        var isOpen = false
        func look(_ name: String, _ flag: Bool?) {
            guard flag == nil else { return }
            run.misses(name)
            isOpen = true
        }
        look("topUniversity", facts.topUniversity)
        look("fortune500", facts.fortune500)
        look("patents", facts.patents)
        look("fiveYearsInChina", facts.fiveYearsInChina)
        run.note(
            TraceStep(
                "other", Words.other, isOpen ? .unknown : .given, value: isOpen ? nil : .yesNo(false),
                gives: isOpen ? nil : Words.points(0), law: other.reference))
        return Row(low: 0, high: isOpen ? other.value : 0)
    }

    private func bonus(_ facts: PointsFacts, _ run: inout RuleRun) -> Row {
        guard let given = facts.localBonus else {
            return unknown("localBonus", Words.local, localMost.value, localMost.reference, &run)
        }
        let points = min(Int64(given), localMost.value)
        run.note(
            TraceStep(
                "localBonus", Words.local, .given, value: Words.points(Int64(given)), gives: Words.points(points),
                law: localMost.reference))
        return Row(points)
    }

    private enum Words {
        static let salary = Bilingual("年薪", "Annual salary")
        static let education = Bilingual("学历", "Degree")
        static let vocational = Bilingual("职业资格", "Vocational qualification")
        static let years = Bilingual("相关工作年限", "Years of related work")
        static let months = Bilingual("每年工作月数", "Months of work a year")
        static let chinese = Bilingual("曾有中国国籍或汉语授课学位", "Former Chinese national or degree taught in Chinese")
        static let hsk = Bilingual("汉语水平等级", "HSK level")
        static let location = Bilingual("工作地域", "Place of work")
        static let age = Bilingual("年龄", "Age")
        static let other = Bilingual(
            "国外高水平大学、五百强、知识产权或连续在华五年", "High-level university, Fortune 500, patents or five years in China")
        static let local = Bilingual("地方鼓励性加分", "Local bonus")
        static let adult = Bilingual("年满最低年龄", "Has reached the least age")
        static let classA = Bilingual("达到 A 类积分线", "Reaches the line of category A")
        static let classB = Bilingual("达到 B 类积分线", "Reaches the line of category B")
        static let unit = Bilingual("分", "points")
        static let none = Bilingual("", "")

        static func points(_ number: Int64) -> FactValue { .number(number, unit: unit) }
        static func plain(_ number: Int64) -> FactValue { .number(number, unit: none) }
    }
}
