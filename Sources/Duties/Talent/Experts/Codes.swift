import Kernel

extension Countries {
    /// The name of a country by the code of three letters that passports use; another word is shown as it is.
    func title(_ code: String) -> Bilingual { country(passport: code)?.name ?? Bilingual(code, code) }

    /// The countries as a form offers them.
    func options(_ language: Language) -> [(value: String, title: String)] {
        all.map { (value: $0.alpha3, title: $0.name[language]) }
    }
}

/// Fields of foreign experts.
enum ExpertField {
    static let all: [(code: String, name: Bilingual)] = [
        ("electronics", Bilingual("电子信息", "Electronics and information")),
        ("biology", Bilingual("生物医药", "Biology and medicine")),
        ("materials", Bilingual("新材料", "New materials")), ("energy", Bilingual("新能源", "New energy")),
        ("manufacturing", Bilingual("先进制造", "Advanced manufacturing")),
        ("ocean", Bilingual("海洋", "Ocean")), ("finance", Bilingual("金融", "Finance")),
        ("education", Bilingual("教育", "Education")), ("culture", Bilingual("文化体育", "Culture and sport")),
        ("management", Bilingual("经营管理", "Management")), ("other", Bilingual("其他", "Other")),
    ]

    static func named(_ code: String) -> Bilingual? { all.first { $0.code == code }?.name }
    static func title(_ code: String) -> Bilingual { named(code) ?? Bilingual(code, code) }
}

/// Sections of GB/T 4754-2017 in which foreigners work; another word is shown as it is.
enum ExpertTrade {
    private static let names: [String: Bilingual] = [
        "C": Bilingual("制造业", "Manufacturing"), "F": Bilingual("批发和零售业", "Wholesale and retail"),
        "I": Bilingual("信息传输、软件和信息技术服务业", "Software and information services"), "J": Bilingual("金融业", "Finance"),
        "L": Bilingual("租赁和商务服务业", "Leasing and business services"),
        "M": Bilingual("科学研究和技术服务业", "Research and technical services"), "P": Bilingual("教育", "Education"),
        "Q": Bilingual("卫生和社会工作", "Health and social work"),
        "R": Bilingual("文化、体育和娱乐业", "Culture, sport and entertainment"),
    ]

    static func title(_ code: String) -> Bilingual { names[code] ?? Bilingual(code, code) }
}
