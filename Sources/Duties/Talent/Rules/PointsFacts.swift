public import Kernel

/// 学历: the highest degree.
public enum Education: String, FactChoice {
    case doctor, master, bachelor, none

    public var title: Bilingual {
        switch self {
        case .doctor: Bilingual("博士", "Doctor")
        case .master: Bilingual("硕士", "Master")
        case .bachelor: Bilingual("学士", "Bachelor")
        case .none: Bilingual("学士以下", "Below bachelor")
        }
    }

    /// Where it stands among all, without walking through them: millions of applicants ask.
    public var place: Int {
        switch self {
        case .doctor: 0
        case .master: 1
        case .bachelor: 2
        case .none: 3
        }
    }
}

/// 职业资格: the highest vocational qualification.
public enum Vocational: String, FactChoice {
    case seniorTechnician = "senior-technician"
    case technician
    case skilledWorker = "skilled-worker"
    case none

    public var title: Bilingual {
        switch self {
        case .seniorTechnician: Bilingual("高级技师或国际最高级", "Senior technician or highest international level")
        case .technician: Bilingual("技师", "Technician")
        case .skilledWorker: Bilingual("高级工", "Skilled worker")
        case .none: Bilingual("无", "None")
        }
    }

    /// Where it stands among all, without walking through them.
    public var place: Int {
        switch self {
        case .seniorTechnician: 0
        case .technician: 1
        case .skilledWorker: 2
        case .none: 3
        }
    }
}

/// What the points table of work permits asks.
public struct PointsFacts: RuleFacts {
    public var annualSalary: Money?
    public var education: Education?
    /// Counts as none where nobody mentions it, so that a form need not ask everybody.
    public var vocational: Vocational?
    public var yearsOfWork: Int?
    public var monthsPerYear: Int?
    public var hsk: Int?
    public var formerChineseNational: Bool?
    public var chineseTaughtDegree: Bool?
    public var bonusLocation: Bool?
    public var age: Int?
    public var topUniversity: Bool?
    public var fortune500: Bool?
    public var patents: Bool?
    public var fiveYearsInChina: Bool?
    public var localBonus: Int?

    public init() {}

    static let years = Bilingual("年", "years")

    public static let fields: [FactField<PointsFacts>] = [
        .money(
            "annualSalary",
            Bilingual("中国境内雇主支付的年薪（税前，元）", "Annual salary from the Chinese employer, before tax, in RMB"),
            \.annualSalary),
        .choice("education", Bilingual("最高学历", "Highest degree"), \.education),
        .choice(
            "vocational", Bilingual("职业资格", "Vocational qualification"),
            hint: Bilingual("与学历取高分", "The better of degree and qualification counts"), \.vocational),
        .number(
            "yearsOfWork", Bilingual("相关工作年限（满年）", "Full years of related work"), in: 0...80, unit: years,
            \.yearsOfWork),
        .number(
            "monthsPerYear", Bilingual("每年在华工作月数", "Months of work in China a year"), in: 0...12,
            unit: Bilingual("个月", "months"), \.monthsPerYear),
        .number("hsk", Bilingual("汉语水平考试（HSK）等级，0 为无", "HSK level, 0 for none"), in: 0...9, \.hsk),
        .yesNo("formerChineseNational", Bilingual("曾有中国国籍", "Was a Chinese national"), \.formerChineseNational),
        .yesNo(
            "chineseTaughtDegree", Bilingual("取得过汉语授课的学士以上学位", "Holds a degree, bachelor or above, taught in Chinese"),
            \.chineseTaughtDegree),
        .yesNo(
            "bonusLocation",
            Bilingual("在西部、东北等老工业基地或国家级贫困县等地区工作", "Works in a western, old industrial or special area"),
            \.bonusLocation),
        .number("age", Bilingual("年龄", "Age"), in: 0...130, unit: Bilingual("岁", "years"), \.age),
        .yesNo(
            "topUniversity", Bilingual("毕业于国外高水平大学", "Graduate of a high-level foreign university"), \.topUniversity),
        .yesNo("fortune500", Bilingual("曾在世界五百强企业任职", "Worked for a Fortune 500 company"), \.fortune500),
        .yesNo("patents", Bilingual("拥有专利等知识产权", "Holds patents or other intellectual property"), \.patents),
        .yesNo(
            "fiveYearsInChina", Bilingual("连续在中国工作满五年", "Has worked in China for five years in a row"),
            \.fiveYearsInChina),
        .number(
            "localBonus", Bilingual("地方鼓励性加分（由主管部门认定）", "Local bonus, as the authority grants it"), in: 0...100,
            unit: Bilingual("分", "points"), \.localBonus),
    ]

    public static func sample(_ random: inout SeededRandom) -> PointsFacts {
        var facts = PointsFacts()
        func chance(_ perCent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < perCent }
        // Salaries crowd low and reach far: the product of two even draws.
        let spread = Int64.random(in: 0...900, using: &random) * Int64.random(in: 0...1_000, using: &random)
        facts.annualSalary = Money(fen: spread * 100 + Int64.random(in: 0...99, using: &random))
        let degree = Int.random(in: 0..<100, using: &random)
        facts.education = degree < 15 ? .doctor : degree < 45 ? .master : degree < 90 ? .bachelor : Education.none
        facts.vocational = chance(5) ? .technician : Vocational.none
        let age = Int.random(in: 16...70, using: &random)
        facts.age = age
        facts.yearsOfWork = Int.random(in: 0...max(0, age - 16), using: &random)
        facts.monthsPerYear = chance(70) ? 12 : Int.random(in: 1...12, using: &random)
        facts.hsk = chance(60) ? 0 : Int.random(in: 1...6, using: &random)
        facts.formerChineseNational = chance(6)
        facts.chineseTaughtDegree = chance(5)
        facts.bonusLocation = chance(5)
        facts.topUniversity = chance(25)
        facts.fortune500 = chance(15)
        facts.patents = chance(10)
        facts.fiveYearsInChina = chance(20)
        facts.localBonus = chance(10) ? Int.random(in: 0...10, using: &random) : 0
        return facts
    }
}
