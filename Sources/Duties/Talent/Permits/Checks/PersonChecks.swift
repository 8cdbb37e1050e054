import Kernel

extension FilingCheck {
    /// Passport, name and age.
    static func person(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard let passport = facts.passport else { return [] }
        var found: [FindingDraft] = []
        let months = try facts.numbers.number("passport.months")
        if passport.ends < facts.day.adding(months: months.value) {
            found.append(
                FindingDraft(
                    code: "passport.validity", field: "mrz",
                    message: Bilingual(
                        "护照有效期至 \(passport.ends)，不足 \(months.value) 个月。",
                        "The passport ends on \(passport.ends), less than \(counted(months.value, "month")) ahead."),
                    basis: months.basis, remedy: Bilingual("换发护照后重新填写机读码。", "Renew the passport and enter its lines.")))
        }
        let stated = facts.text("nationality")
        let printed = facts.city.countries.country(passport: passport.nationality)
        if !stated.isEmpty, printed?.alpha3 != stated {
            found.append(
                FindingDraft(
                    code: "passport.nationality", field: "nationality",
                    message: Bilingual(
                        "填写的国籍与护照（\(printed?.name.zh ?? passport.nationality)）不一致。",
                        "The nationality differs from the passport's (\(printed?.name.en ?? passport.nationality))."),
                    basis: PermitLaw.guide, remedy: Bilingual("按护照改正国籍。", "Correct the nationality after the passport.")
                ))
        }
        found += name(facts, passport)
        if let least = try? facts.city.rules.number("talent.age.least", on: facts.day),
            let source = try? facts.city.rules.dated("talent.age.least", on: facts.day).source,
            facts.day.age(since: passport.birth) < least
        {
            found.append(
                FindingDraft(
                    code: "age.least", field: "mrz",
                    message: Bilingual("未满 \(least) 周岁。", "Has not reached the age of \(least)."),
                    basis: PermitNumbers.cite(source)))
        }
        return found
    }

    private static func name(_ facts: FilingFacts, _ passport: Passport) -> [FindingDraft] {
        let name = facts.text("name")
        let letters = name.unicodeScalars.allSatisfy { scalar in
            ("A"..."Z").contains(scalar) || scalar == " " || scalar == "-" || scalar == "'"
        }
        if !letters {
            return [
                FindingDraft(
                    code: "name.letters", field: "name",
                    message: Bilingual("姓名应为大写拉丁字母，不带重音符号。", "Write the name in Latin capitals without accents."),
                    basis: PermitLaw.national)
            ]
        }
        func words(_ text: String) -> [String] {
            text.replacing("-", with: " ").replacing("'", with: "").split(separator: " ").map(String.init).sorted()
        }
        guard !passport.name.isEmpty, !name.isEmpty, words(name) != words(passport.name) else { return [] }
        return [
            FindingDraft(
                code: "passport.name", field: "name",
                message: Bilingual(
                    "姓名与护照（\(passport.name)）不一致。", "The name differs from the passport's (\(passport.name))."),
                basis: PermitLaw.guide, remedy: Bilingual("按护照改正姓名。", "Correct the name after the passport."))
        ]
    }

    /// Basic conditions of the employer.
    static func employer(_ facts: FilingFacts) throws -> [FindingDraft] {
        var found: [FindingDraft] = []
        if facts.kind.needsEmployer, !facts.isEmployer {
            found.append(
                FindingDraft(
                    code: "employer.inactive", field: "",
                    message: Bilingual("单位的外国人用人登记不在有效状态。", "The registration as employer is not active."),
                    basis: PermitLaw.conditions))
        }
        if facts.isDishonest {
            found.append(
                FindingDraft(
                    code: "employer.dishonest", field: "",
                    message: Bilingual("主体库载有严重失信记录。", "The registry holds a record of serious dishonesty."),
                    basis: PermitLaw.conditions,
                    remedy: Bilingual("信用修复后重新提出。", "File again once the credit is restored.")))
        }
        if facts.kind == .employer {
            if let day = facts.day("established-on"), day > facts.day {
                found.append(
                    FindingDraft(
                        code: "employer.established", field: "established-on",
                        message: Bilingual("成立日期在将来。", "The day of establishment lies ahead."),
                        basis: PermitLaw.conditions))
            }
            if facts.text("sector") == "yes", facts.files["sector-approval"] ?? 0 == 0 {
                found.append(
                    FindingDraft(
                        code: "sector.approval", field: "sector-approval",
                        message: Bilingual("缺行业主管部门批准文件。", "The approval of the sector is missing."),
                        basis: PermitLaw.conditions))
            }
        }
        if facts.text("approval") == "missing" {
            found.append(
                FindingDraft(
                    code: "sector.approval", field: "approval",
                    message: Bilingual("行业主管部门的前置批准尚未取得。", "The approval of the sector has not been given yet."),
                    basis: PermitLaw.conditions, remedy: Bilingual("取得批准后补正。", "Correct this once it is given.")))
        }
        return try found + pay(facts)
    }

    /// Pay not below the local minimum wage, where that is known.
    private static func pay(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard let fen = facts.answers["annual-salary"]?.integer, let least = facts.numbers.money("minimum-wage"),
            let months = facts.answers["months-per-year"]?.integer, months > 0, fen < least.value.fen * months
        else { return [] }
        return [
            FindingDraft(
                code: "pay.minimum", field: "annual-salary",
                message: Bilingual(
                    "报酬低于当地最低工资（每月 \(least.value.yuanText) 元）。",
                    "The pay is below the local minimum wage of RMB \(least.value.yuanText) a month."),
                basis: least.basis)
        ]
    }

    /// Whether a condition of the category asked for is met.
    static func category(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard let judged = facts.judged else { return [] }
        let claimed = facts.kind == .rVisa ? PermitClass.a : PermitClass(rawValue: facts.text("category"))
        guard let claimed, !judged.supported.contains(where: { $0 <= claimed }) else { return [] }
        let reached = Bilingual("积分 \(judged.points) 分", counted(judged.points, "point"))
        let step = judged.step(of: facts.text("route"))
        let law = step?.law.map { PermitNumbers.cite($0.source) } ?? PermitLaw.standard
        if let step, step.verdict == .unmet {
            return [
                FindingDraft(
                    code: "category.route", field: "route",
                    message: Bilingual(
                        "不符合所依据的条件：\(step.what.zh)（\(reached.zh)）。",
                        "The condition relied on is not met: \(step.what.en) (\(reached.en))."), basis: law,
                    remedy: Bilingual(
                        "可改依另一条件或另一类别；公开自查页列出最近的途径。",
                        "Rely on another condition or category; the public self-check shows the nearest way."))
            ]
        }
        let missing = judged.missing.joined(separator: ", ")
        return [
            FindingDraft(
                code: "category.open", field: "route",
                message: Bilingual(
                    "规则不能认定 \(claimed.rawValue) 类（\(reached.zh)）；缺少：\(missing)。",
                    "The rules cannot confirm category \(claimed.rawValue) (\(reached.en)); missing: \(missing)."),
                basis: law)
        ]
    }
}
