import Kernel

extension FilingCheck {
    /// Career without a gap.
    static func career(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard let rows = facts.answers["cv"]?.array else { return [] }
        let gaps = Career.gaps(Career.read(rows).stretches, until: facts.day)
        guard !gaps.isEmpty else { return [] }
        let list = gaps.map { $0.from == $0.to ? "\($0.from)" : "\($0.from) – \($0.to)" }
        return [
            FindingDraft(
                code: "cv.gap", field: "cv",
                message: Bilingual(
                    "履历不连续，缺：\(list.joined(separator: "、"))。", "The career has gaps: \(list.joined(separator: ", "))."),
                basis: PermitLaw.national,
                remedy: Bilingual("补上这些月份（学习、待业也要写）。", "Add these months; study and time without work count too."))
        ]
    }

    /// The contract and its neighbours.
    static func contract(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard let from = facts.day("contract-from"), let to = facts.day("contract-to") else { return [] }
        var found: [FindingDraft] = []
        if to < from {
            found.append(
                FindingDraft(
                    code: "contract.order", field: "contract-to",
                    message: Bilingual("合同止日早于起日。", "The contract ends before it begins."), basis: PermitLaw.guide))
        }
        if facts.kind == .extension, let permit = facts.permit, from != permit.endsOn.adding(days: 1) {
            let wanted = permit.endsOn.adding(days: 1)
            found.append(
                FindingDraft(
                    code: "contract.gap", field: "contract-from",
                    message: Bilingual(
                        "延期合同应与原合同衔接，自 \(wanted) 起，现为 \(from)。",
                        "The contract must join the former one on \(wanted); it begins on \(from)."),
                    basis: PermitLaw.beijing, remedy: Bilingual("提交衔接的合同。", "File a contract that joins it.")))
        }
        if let ended = facts.day("former-ended-on"), from < ended {
            found.append(
                FindingDraft(
                    code: "contract.early", field: "contract-from",
                    message: Bilingual(
                        "新合同自 \(from) 起，早于原许可注销生效日 \(ended)。",
                        "The new contract begins on \(from), before the cancellation took effect on \(ended)."),
                    basis: PermitLaw.beijing))
        }
        if facts.kind.namesPerson, let other = facts.elsewhere.first(where: { $0.endsOn >= from && $0.term == .long }) {
            found.append(
                FindingDraft(
                    code: "permit.elsewhere", field: "contract-from",
                    message: Bilingual(
                        "此人现有有效许可至 \(other.endsOn)，尚未注销。",
                        "The person has a valid permit until \(other.endsOn) that is not cancelled."),
                    basis: PermitLaw.beijing,
                    remedy: Bilingual("原单位注销后，新合同自注销生效之日起。", "Have it cancelled; the new contract begins after that.")))
        }
        return found
    }

    /// Why the filing is made in China, and the countries of the papers.
    static func situation(_ facts: FilingFacts) throws -> [FindingDraft] {
        var found: [FindingDraft] = []
        func add(_ code: String, _ field: String, _ zh: String, _ en: String, _ basis: Bilingual = PermitLaw.beijing) {
            found.append(FindingDraft(code: code, field: field, message: Bilingual(zh, en), basis: basis))
        }
        switch facts.text("domestic-case") {
        case "a-other-visa" where facts.text("category") != "A":
            add("domestic.a-only", "domestic-case", "该情形只适用于 A 类人才。", "This case is for category A only.")
        case "change-employer" where facts.text("visa") != "work-residence":
            add(
                "domestic.residence", "visa", "变换用人单位应持有效工作类居留许可。",
                "A change of employer needs a valid work residence permit.")
        case "family" where !["Q", "S", "family-residence"].contains(facts.text("visa")):
            add(
                "domestic.family", "visa", "家属应持有效的团聚或私人事务签证、居留许可。",
                "Family members need a valid family visa or residence permit.")
        case "r-visa" where facts.text("visa") != "R":
            add("domestic.r-visa", "visa", "该情形应持 R 字签证。", "This case needs an R visa.")
        default: break
        }
        if let until = facts.day("stay-until"), until < facts.day {
            add("domestic.stay", "stay-until", "停留、居留已于 \(until) 到期。", "The stay or residence ended on \(until).")
        }
        if facts.text("degree-proof") == "apostille", !facts.text("degree-country").isEmpty {
            let parties = try facts.numbers.codes("apostille")
            if !parties.contains(facts.text("degree-country")) {
                add(
                    "degree.apostille", "degree-proof", "该国的附加证明书不适用（国家名单待核），请用领事认证。",
                    "The apostille of this country is not taken (the list is to be checked); use consular authentication.",
                    PermitLaw.apostille)
            }
        }
        let regions = ["HKG", "MAC", "TWN"]
        if facts.text("degree-proof") == "region", !regions.contains(facts.text("degree-country")) {
            add(
                "degree.region", "degree-proof", "港澳台地区认证只适用于在该地区取得的学位。",
                "This route is for degrees of Hong Kong, Macao or Taiwan only.")
        }
        if facts.text("criminal-country") == "CHN" {
            add(
                "criminal.country", "criminal-country", "无犯罪记录证明应由国籍国或境外经常居住地出具。",
                "The no-criminal-record certificate comes from the country of nationality or of habitual residence abroad."
            )
        }
        return found
    }

    /// Days and purpose of a short stay.
    static func stay(_ facts: FilingFacts) throws -> [FindingDraft] {
        var found: [FindingDraft] = []
        if let visa = ShortTermPurpose.visa(facts.text("purpose")) {
            found.append(
                FindingDraft(
                    code: "short.purpose", field: "purpose",
                    message: Bilingual(
                        "该事由不属于短期工作任务，应办理 \(visa.zh)。", "This is not short-term work; it takes \(visa.en)."),
                    basis: PermitLaw.shortTerm,
                    remedy: Bilingual("撤回本申请，申请 \(visa.zh)。", "Withdraw this and ask for \(visa.en).")))
        }
        guard let from = facts.day("stay-from"), let to = facts.day("stay-to") else { return found }
        let days = to.number - from.number + 1
        if days < 1 {
            found.append(
                FindingDraft(
                    code: "stay.order", field: "stay-to",
                    message: Bilingual("止日早于起日。", "It ends before it begins."), basis: PermitLaw.shortTerm))
        }
        let most = try facts.numbers.number("short.most")
        if days > most.value {
            found.append(
                FindingDraft(
                    code: "stay.long", field: "stay-to",
                    message: Bilingual(
                        "共 \(days) 日，超过 \(most.value) 日。", "\(counted(days, "day")), above \(most.value)."),
                    basis: most.basis,
                    remedy: Bilingual("缩短期限，或申请 90 日以上许可。", "Shorten it, or file for a permit over 90 days.")))
        }
        return found
    }
}
