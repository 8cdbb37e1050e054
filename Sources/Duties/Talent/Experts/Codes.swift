import Kernel

/// Countries and regions by their ISO 3166 code of two letters, as the register offers them. A code that is not here
/// is shown as it is.
enum ExpertCountry {
    static let all: [(code: String, name: Bilingual)] = [
        ("AU", Bilingual("澳大利亚", "Australia")), ("AT", Bilingual("奥地利", "Austria")),
        ("BD", Bilingual("孟加拉国", "Bangladesh")), ("BE", Bilingual("比利时", "Belgium")),
        ("BR", Bilingual("巴西", "Brazil")), ("CA", Bilingual("加拿大", "Canada")),
        ("CH", Bilingual("瑞士", "Switzerland")), ("CZ", Bilingual("捷克", "Czechia")),
        ("DE", Bilingual("德国", "Germany")), ("DK", Bilingual("丹麦", "Denmark")),
        ("EG", Bilingual("埃及", "Egypt")), ("ES", Bilingual("西班牙", "Spain")),
        ("FI", Bilingual("芬兰", "Finland")), ("FR", Bilingual("法国", "France")),
        ("GB", Bilingual("英国", "United Kingdom")), ("GR", Bilingual("希腊", "Greece")),
        ("ID", Bilingual("印度尼西亚", "Indonesia")), ("IE", Bilingual("爱尔兰", "Ireland")),
        ("IL", Bilingual("以色列", "Israel")), ("IN", Bilingual("印度", "India")),
        ("IR", Bilingual("伊朗", "Iran")), ("IT", Bilingual("意大利", "Italy")),
        ("JP", Bilingual("日本", "Japan")), ("KR", Bilingual("韩国", "Republic of Korea")),
        ("MX", Bilingual("墨西哥", "Mexico")), ("MY", Bilingual("马来西亚", "Malaysia")),
        ("NG", Bilingual("尼日利亚", "Nigeria")), ("NL", Bilingual("荷兰", "Netherlands")),
        ("NO", Bilingual("挪威", "Norway")), ("NZ", Bilingual("新西兰", "New Zealand")),
        ("PH", Bilingual("菲律宾", "Philippines")), ("PK", Bilingual("巴基斯坦", "Pakistan")),
        ("PL", Bilingual("波兰", "Poland")), ("PT", Bilingual("葡萄牙", "Portugal")),
        ("RU", Bilingual("俄罗斯", "Russian Federation")), ("SE", Bilingual("瑞典", "Sweden")),
        ("SG", Bilingual("新加坡", "Singapore")), ("TH", Bilingual("泰国", "Thailand")),
        ("TR", Bilingual("土耳其", "Türkiye")), ("UA", Bilingual("乌克兰", "Ukraine")),
        ("US", Bilingual("美国", "United States")), ("VN", Bilingual("越南", "Viet Nam")),
        ("ZA", Bilingual("南非", "South Africa")),
    ]

    static func named(_ code: String) -> Bilingual? { all.first { $0.code == code }?.name }
    static func title(_ code: String) -> Bilingual { named(code) ?? Bilingual(code, code) }
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
