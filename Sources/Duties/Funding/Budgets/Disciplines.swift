import Kernel

/// Names of the first-level disciplines of GB/T 13745-2009.
enum Disciplines {
    /// The name of a code of three digits; the code itself where it is none.
    static func name(_ code: String) -> Bilingual {
        names[code].map { Bilingual($0.0, $0.1) } ?? Bilingual("学科 \(code)", "Discipline \(code)")
    }

    /// All of them in the order of their codes, as choices of a form.
    static let options: [FormOption] = names.sorted { $0.key < $1.key }.map { code, name in
        FormOption(code, Bilingual("\(code) \(name.0)", "\(code) \(name.1)"))
    }

    static func isKnown(_ code: String) -> Bool { names[code] != nil }

    private static let names: [String: (String, String)] = [
        "110": ("数学", "Mathematics"), "120": ("信息科学与系统科学", "Information and systems science"),
        "130": ("力学", "Mechanics"), "140": ("物理学", "Physics"), "150": ("化学", "Chemistry"),
        "160": ("天文学", "Astronomy"), "170": ("地球科学", "Earth sciences"), "180": ("生物学", "Biology"),
        "190": ("心理学", "Psychology"), "210": ("农学", "Agronomy"), "220": ("林学", "Forestry"),
        "230": ("畜牧、兽医科学", "Animal and veterinary science"), "240": ("水产学", "Fisheries"),
        "310": ("基础医学", "Basic medicine"), "320": ("临床医学", "Clinical medicine"),
        "330": ("预防医学与公共卫生学", "Public health"), "340": ("军事医学与特种医学", "Special medicine"),
        "350": ("药学", "Pharmacy"), "360": ("中医学与中药学", "Chinese medicine"),
        "410": ("工程与技术科学基础学科", "Engineering basics"),
        "413": ("信息与系统科学相关工程与技术", "Information and systems engineering"),
        "416": ("自然科学相关工程与技术", "Engineering of natural sciences"), "420": ("测绘科学技术", "Surveying"),
        "430": ("材料科学", "Materials"), "440": ("矿山工程技术", "Mining"), "450": ("冶金工程技术", "Metallurgy"),
        "460": ("机械工程", "Mechanical engineering"), "470": ("动力与电气工程", "Power and electrical engineering"),
        "480": ("能源科学技术", "Energy"), "490": ("核科学技术", "Nuclear technology"),
        "510": ("电子与通信技术", "Electronics and communication"), "520": ("计算机科学技术", "Computing"),
        "530": ("化学工程", "Chemical engineering"), "535": ("产品应用相关工程与技术", "Product engineering"),
        "540": ("纺织科学技术", "Textiles"), "550": ("食品科学技术", "Food"), "560": ("土木建筑工程", "Civil engineering"),
        "570": ("水利工程", "Water engineering"), "580": ("交通运输工程", "Transport"),
        "590": ("航空、航天科学技术", "Aerospace"), "610": ("环境科学技术及资源科学技术", "Environment and resources"),
        "620": ("安全科学技术", "Safety"), "630": ("管理学", "Management"),
    ]
}
