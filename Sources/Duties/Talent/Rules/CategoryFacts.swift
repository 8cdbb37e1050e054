public import Kernel

/// 岗位: the posts by which a professional may come under route 1 of category B.
public enum PermitPost: String, FactChoice {
    case education, agreement, international, multinational, enterprise, none

    public var title: Bilingual {
        switch self {
        case .education:
            Bilingual(
                "教育、科研、新闻、出版、文化、艺术、卫生、体育等领域的科研、教学、管理人员",
                "Research, teaching or management in education, research, news, publishing, culture, art, health or sport"
            )
        case .agreement:
            Bilingual(
                "执行政府间、国际组织间协议或中外贸易、工程合同的人员",
                "Carrying out intergovernmental agreements or trade and engineering contracts")
        case .international:
            Bilingual("国际组织驻华代表机构、境外专家组织驻华机构的人员", "Offices of international organisations and expert bodies in China")
        case .multinational:
            Bilingual(
                "跨国公司派遣的中层以上雇员、外国企业常驻代表机构的首席代表和代表",
                "Middle level or above posted by a multinational, or representative of a foreign office")
        case .enterprise:
            Bilingual(
                "各类企业、事业单位、社会组织聘用的外国管理人员或专业技术人员",
                "Manager or professional hired by an enterprise, institution or social organisation")
        case .none: Bilingual("都不是", "None of these")
        }
    }
}

/// 其他外国人员: the kinds of category C.
public enum OtherStaff: String, FactChoice {
    case general
    case shortTerm = "short-term"
    case quota
    case none

    public var title: Bilingual {
        switch self {
        case .general: Bilingual("符合现行外国人在中国工作管理规定的人员", "Meets the current rules on employment of foreigners")
        case .shortTerm: Bilingual("临时性、短期性（不超过 90 日）工作人员", "Temporary or short-term work of at most 90 days")
        case .quota:
            Bilingual(
                "配额制管理的人员（实习青年、符合规定的留学生和毕业生、远洋捕捞等）",
                "Under quota: interns, qualifying students and graduates, deep-sea fishing")
        case .none: Bilingual("都不是", "None of these")
        }
    }
}

/// What decides the category of a work permit.
public struct CategoryFacts: RuleFacts {
    public var points = PointsFacts()
    public var place: String?
    public var talentProgramme: Bool?
    public var recognisedAchievement: Bool?
    public var encouragedPost: Bool?
    public var investmentUSD: Int?
    public var investmentYears: Int?
    public var shareholding: Int?
    public var investedRevenue: Money?
    public var postDoctoral: Bool?
    public var post: PermitPost?
    public var recognisedQualification: Bool?
    public var languageTeacher: Bool?
    public var nativeLanguage: Bool?
    public var teachingYears: Int?
    public var teachingCertificate: Bool?
    public var specialPersonnel: Bool?
    public var graduateOfKnownUniversity: Bool?
    public var yearsSinceGraduation: Int?
    public var averageMark: Int?
    public var majorMatches: Bool?
    public var other: OtherStaff?

    public init() {}

    public static let fields: [FactField<CategoryFacts>] =
        PointsFacts.fields.map { $0.within(\CategoryFacts.points) } + routes

    private static let routes: [FactField<CategoryFacts>] = [
        .code(
            "place", Bilingual("工作地行政区划代码（默认本市）", "Division code of the place of work (the city by default)"), \.place),
        .yesNo(
            "talentProgramme",
            Bilingual("入选国内副省级以上人才计划", "Selected into a domestic talent programme of sub-provincial level or above"),
            \.talentProgramme),
        .yesNo(
            "recognisedAchievement",
            Bilingual(
                "有国际公认的专业成就（诺贝尔奖等奖项、院士、国际组织任职、JCR 一二区论文 3 篇以上等）",
                "Internationally recognised achievement: listed prizes, academies, international posts, three papers in JCR Q1 or Q2, and so on"
            ),
            \.recognisedAchievement),
        .yesNo(
            "encouragedPost",
            Bilingual(
                "受聘于市场导向的鼓励类岗位（央企、五百强、高企等高级岗位）",
                "Holds an encouraged post: senior post in a central enterprise, Fortune 500, high-tech enterprise and so on"
            ), \.encouragedPost),
        .number(
            "investmentUSD",
            Bilingual("以重大技术发明、专利等投资的实际投资额（美元）", "Actual investment with major inventions or patents, in US dollars"),
            in: 0...1_000_000_000, unit: Bilingual("美元", "US dollars"), \.investmentUSD),
        .number(
            "investmentYears", Bilingual("连续稳定投资年数", "Years in a row of stable investment"), in: 0...80,
            unit: PointsFacts.years, \.investmentYears),
        .number(
            "shareholding", Bilingual("个人股权比例（千分比）", "Personal share, per mille"), in: 0...1_000,
            unit: Bilingual("‰", "‰"),
            \.shareholding),
        .money(
            "investedRevenue", Bilingual("所投企业营业收入（元）", "Revenue of the invested enterprise, in RMB"), \.investedRevenue
        ),
        .yesNo(
            "postDoctoral",
            Bilingual(
                "在国外高水平大学或中国境内高校、科研机构从事博士后研究",
                "Post-doctoral researcher at a high-level foreign university or a university or institute in China"),
            \.postDoctoral),
        .choice("post", Bilingual("岗位类型", "Kind of post"), \.post),
        .yesNo(
            "recognisedQualification",
            Bilingual(
                "持有国际通用职业技能资格证书或急需的技能型人才",
                "Internationally recognised vocational qualification, or urgently needed skilled worker"),
            \.recognisedQualification),
        .yesNo("languageTeacher", Bilingual("外国语言教学人员", "Foreign-language teacher"), \.languageTeacher),
        .yesNo("nativeLanguage", Bilingual("教授母语国母语", "Teaches the native language of the country"), \.nativeLanguage),
        .number(
            "teachingYears", Bilingual("语言教学年限", "Years of language teaching"), in: 0...80, unit: PointsFacts.years,
            \.teachingYears),
        .yesNo(
            "teachingCertificate",
            Bilingual("教育、语言类专业或持有教师、教学资格证书", "Education or language major, teacher's licence or teaching certificate"),
            \.teachingCertificate),
        .yesNo(
            "specialPersonnel",
            Bilingual("符合主管部门规定的专门人员或项目人员", "Special personnel or project staff under rules of a ministry"),
            \.specialPersonnel),
        .yesNo(
            "graduateOfKnownUniversity",
            Bilingual(
                "在中国境内高校取得硕士以上学位，或在境外知名高校取得硕士以上学位",
                "Master or above from a Chinese university or a well-known foreign university"),
            \.graduateOfKnownUniversity),
        .number(
            "yearsSinceGraduation",
            Bilingual("毕业年数（不满一年为 0，满一年为 1）", "Years since graduation (0 within the first year)"), in: 0...80,
            unit: PointsFacts.years, \.yearsSinceGraduation),
        .number(
            "averageMark", Bilingual("平均成绩（百分制；B+/B 记 80）", "Average mark out of 100 (B+ or B counts as 80)"),
            in: 0...100, \.averageMark),
        .yesNo("majorMatches", Bilingual("工作岗位与所学专业对口", "The job matches the major"), \.majorMatches),
        .choice("other", Bilingual("其他外国人员类型", "Kind of other staff"), \.other),
    ]

    public static func sample(_ random: inout SeededRandom) -> CategoryFacts {
        var facts = CategoryFacts()
        facts.points = PointsFacts.sample(&random)
        func chance(_ perCent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < perCent }
        facts.talentProgramme = chance(2)
        facts.recognisedAchievement = chance(3)
        facts.encouragedPost = chance(4)
        facts.investmentUSD = chance(2) ? 600_000 : 0
        facts.investmentYears = chance(50) ? 3 : 0
        facts.shareholding = chance(50) ? 400 : 100
        facts.investedRevenue = .zero
        facts.postDoctoral = chance(4)
        facts.post = chance(70) ? .enterprise : chance(50) ? .education : PermitPost.none
        facts.recognisedQualification = chance(3)
        facts.languageTeacher = chance(10)
        facts.nativeLanguage = chance(80)
        facts.teachingYears = Int.random(in: 0...6, using: &random)
        facts.teachingCertificate = chance(30)
        facts.specialPersonnel = chance(1)
        facts.graduateOfKnownUniversity = chance(10)
        facts.yearsSinceGraduation = Int.random(in: 0...20, using: &random)
        facts.averageMark = Int.random(in: 55...98, using: &random)
        facts.majorMatches = chance(60)
        facts.other = chance(10) ? .shortTerm : chance(20) ? .general : OtherStaff.none
        return facts
    }
}
