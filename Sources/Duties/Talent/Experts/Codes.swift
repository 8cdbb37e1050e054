import Kernel

extension Countries {
    /// The name of a country by the code of three letters that passports use; another word is shown as it is.
    func title(_ code: String) -> Bilingual { country(passport: code)?.name ?? Bilingual(code, code) }

    /// The countries as a form offers them.
    func options(_ language: Language) -> [(value: String, title: String)] {
        all.map { (value: $0.alpha3, title: $0.name[language]) }
    }
}

extension Jurisdiction {
    /// The name of a district; another word is shown as it is.
    func district(_ code: String) -> Bilingual {
        districts.first { $0.code == code }?.name ?? Bilingual(code, code)
    }

    /// The name of a trade, as the employer's form words it; another word is shown as it is.
    func trade(_ code: String) -> Bilingual {
        let form = procedures.first { $0.id == "talent.employer" }?.form
        return form?.field("trade")?.options?.first { $0.value == code }?.label ?? Bilingual(code, code)
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
